// Every screen at every width, light and dark: it fits, axe finds nothing, and with SCREENSHOTS=1 it is kept.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Visitor } from "../browser.mjs";
import { WORKSPACE } from "../sandbox.mjs";

const FOLDER = process.env.PICTURES ?? (process.env.SCREENSHOTS ? join(WORKSPACE, "docs/console") : undefined);

const SCREENS = [
  ["login", "/login"],
  ["clusters", "/"],
  ["cluster", "/clusters/munich-host"],
  ["failed", "/clusters/berlin-2"],
  ["installing", "/clusters/frankfurt-ci"],
  ["kinds", "/register"],
  ["register", "/register?kind=deployment"],
  ["change", "/clusters/berlin-1/change"],
  ["merge-requests", "/merge-requests"],
  ["remove", "/clusters/frankfurt-ci/remove"],
  ["force", "/clusters/frankfurt-ci/remove?force=true"],
];

async function show(browser, sandbox, suffix, options, isKept) {
  const visitor = await Visitor.open(browser, sandbox, options);
  for (const [name, path] of SCREENS) {
    if (name === "clusters") await visitor.logIn();
    await visitor.page.goto(path);
    await visitor.page.waitForTimeout(300);
    await visitor.assertFits();
    await visitor.audit();
    if (FOLDER && isKept(name)) {
      mkdirSync(FOLDER, { recursive: true });
      await visitor.page.screenshot({ path: join(FOLDER, `${name}${suffix}.png`), fullPage: !["login", "clusters"].includes(name) && Boolean(process.env.PICTURES) });
    }
  }
  // The review has no address of its own.
  const { page } = visitor;
  await page.goto("/register?kind=virtual-pipeline&host=munich-host");
  await page.getByLabel("Name", { exact: true }).fill("team-green-ci");
  await page.getByLabel("API server").fill("https://10.20.0.10:31458");
  await page.getByRole("button", { name: "Review the change" }).click();
  await visitor.heading("Review team-green-ci");
  await visitor.assertFits();
  await visitor.audit();
  if (FOLDER && isKept("review")) await page.screenshot({ path: join(FOLDER, `review${suffix}.png`) });
  await visitor.close();
}

export async function every_screen_in_light(browser, sandbox) {
  await show(browser, sandbox, "", { colorScheme: "light" }, (name) => process.env.PICTURES || ["clusters", "failed", "register", "review", "remove"].includes(name));
}

export async function every_screen_in_the_dark(browser, sandbox) {
  await show(browser, sandbox, "-dark", { colorScheme: "dark" }, (name) => process.env.PICTURES || ["clusters"].includes(name));
}

export async function every_screen_on_a_phone(browser, sandbox) {
  await show(browser, sandbox, "-phone", { viewport: { width: 360, height: 740 } }, (name) => process.env.PICTURES || ["clusters"].includes(name));
}

export async function every_screen_on_a_wall(browser, sandbox) {
  await show(browser, sandbox, "-wall", { viewport: { width: 2560, height: 1440 } }, () => false);
}
