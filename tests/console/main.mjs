// Every screen of the console, its main path and its failures. `tests/console/run [part of a test's name]`

import { launch } from "./browser.mjs";
import { OPTIONS, register } from "./clusters.mjs";
import { Sandbox } from "./sandbox.mjs";
import * as access from "./screens/access.mjs";
import * as looking from "./screens/looking.mjs";
import * as pictures from "./screens/pictures.mjs";
import * as removing from "./screens/removing.mjs";
import * as saving from "./screens/saving.mjs";
import * as api from "./screens/api.mjs";

const wanted = process.argv[2] ?? "";
const tests = [looking, access, saving, api, pictures, removing]
  .flatMap((screen) => Object.entries(screen))
  .filter(([name]) => name.includes(wanted.replaceAll(" ", "_")));

const sandbox = await Sandbox.start(...OPTIONS);
const browser = await launch();
let failed = 0;
try {
  await register(sandbox);
  for (const [name, test] of tests) {
    const began = Date.now();
    try {
      await test(browser, sandbox);
      console.log(`ok   ${name.replaceAll("_", " ")} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name.replaceAll("_", " ")}\n     ${String(error.stack ?? error).replaceAll("\n", "\n     ")}`);
    } finally {
      await sandbox.noFaults();
    }
  }
} finally {
  await browser.close();
  if (failed) console.log(sandbox.log.slice(-6000));
  await sandbox.stop();
}
console.log(`${tests.length - failed} of ${tests.length} hold`);
process.exitCode = failed || !tests.length ? 1 : 0;
