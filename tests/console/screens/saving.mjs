// Registering, changing, proposing.

import { strict as assert } from "node:assert";
import { Visitor } from "../browser.mjs";
import { until } from "../sandbox.mjs";

const SERVER = "https://10.60.0.1:6443";

async function fill(visitor, name, server = SERVER) {
  const { page, sandbox } = visitor;
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("API server").fill(server);
  await page.getByLabel("Kubeconfig").fill(sandbox.kubeconfig(server, 60));
}

export async function a_cluster_is_described_reviewed_and_committed(browser, sandbox) {
  const visitor = (await (await Visitor.open(browser, sandbox)).logIn()).expect("status of 422");
  const { page } = visitor;
  const before = sandbox.head();
  await page.getByRole("link", { name: "Register cluster" }).click();
  await visitor.audit();
  await page.getByRole("link", { name: /^Deployment worker/ }).click();
  await visitor.audit();
  // Every mistake at once, each beside its field.
  await page.getByLabel("Name", { exact: true }).fill("No_Name");
  await page.getByRole("button", { name: "Review the change" }).click();
  await page.getByText("things have to be mended").waitFor();
  assert.notEqual(await page.locator("#error-name").textContent(), "");
  assert.notEqual(await page.locator("#error-api_server").textContent(), "");
  assert.notEqual(await page.locator("#error-kubeconfig").textContent(), "");
  await visitor.audit();
  await fill(visitor, "form-1");
  const key = /client-key-data: (\S+)/.exec(await page.getByLabel("Kubeconfig").inputValue())[1];
  await page.getByRole("button", { name: "Review the change" }).click();
  await visitor.heading("Review form-1");
  assert.ok(!(await page.content()).includes(key), "the kubeconfig does not come back");
  assert.ok((await page.locator(".diff .added").count()) > 10);
  assert.match(await page.locator("dl.inline").textContent(), /Server.*10\.60\.0\.1.*User.*admin.*Ends.*in (59|60) days/s);
  await visitor.audit();
  await page.getByRole("button", { name: "Back to the form" }).click();
  await page.getByText("Kept from before").waitFor();
  assert.ok(!(await page.content()).includes(key), "the kubeconfig does not come back");
  await page.getByText(`${SERVER}`).first().waitFor();
  assert.equal(sandbox.head(), before, "nothing was written so far");
  await page.getByRole("button", { name: "Review the change" }).click();
  await page.getByRole("button", { name: "Commit" }).click();
  await visitor.heading("Saved form-1");
  await visitor.audit();
  await page.getByRole("link", { name: "Watch the installation" }).click();
  await visitor.heading("form-1");
  assert.notEqual(sandbox.head(), before);
  assert.ok(!sandbox.contents().includes(key) && !sandbox.log.includes(key), "the key is in no file and no line");
  await visitor.close();
}

export async function the_rules_speak_while_somebody_types(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const { page } = visitor;
  const before = sandbox.head();
  await page.goto("/register?kind=deployment");
  await page.evaluate(() => (window.shifts = 0));
  await page.getByLabel("API server").fill("http://10.60.0.9");
  await until("a text", async () => (await page.locator("#error-api_server").textContent()).includes("https"), 15);
  assert.equal(await page.locator("#error-kubeconfig").textContent(), "", "a field that nobody touched is left alone");
  const file = sandbox.write("picked.yaml", sandbox.kubeconfig(SERVER, 60));
  await page.locator("input[type=file]").setInputFiles(file);
  await until("the summary", async () => /user admin, good until/.test(await page.locator("#kubeconfig-summary").textContent()), 15);
  await page.getByLabel("API server").fill("https://10.60.0.9:6443");
  await until("no text", async () => (await page.locator("#error-api_server").textContent()) === "", 15);
  await visitor.assertSteady();
  assert.equal(sandbox.head(), before);
  await visitor.close();
}

export async function a_request_as_yaml_has_its_lines_marked(browser, sandbox) {
  const visitor = (await (await Visitor.open(browser, sandbox)).logIn()).expect("status of 4");
  const { page } = visitor;
  await page.goto("/register?mode=yaml");
  await page.getByLabel("Name", { exact: true }).fill("yaml-1");
  await page.getByLabel("YAML").fill("api_server: http://10.60.0.2:6443\ncluster_type: physical\nusage: host\nkubeconfig: x\n");
  await until("a text", async () => /Line 1: .*https/.test(await page.locator("#error-yaml").textContent()), 15);
  await page.getByRole("button", { name: "Review the change" }).click();
  await page.getByRole("link", { name: "Line 1", exact: true }).first().waitFor();
  await visitor.audit();
  await page.getByLabel("YAML").fill("api_server: [\n");
  await page.getByRole("button", { name: "Review the change" }).click();
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("YAML").inputValue(), "api_server: [");
  await visitor.close();
}

export async function a_cluster_is_changed_and_its_credentials_stay(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const { page } = visitor;
  await page.goto("/clusters/berlin-1");
  await page.getByRole("link", { name: "Change", exact: true }).click();
  await visitor.audit();
  await page.getByText("Rights of products").click();
  await page.getByLabel("Namespaces for products").fill("traefik: shop, search");
  await page.getByRole("button", { name: "Review the change" }).click();
  await visitor.heading("Review berlin-1");
  assert.match(await page.locator(".diff").textContent(), /\+.*shop/);
  await page.getByRole("button", { name: "Commit" }).click();
  await visitor.heading("Saved berlin-1");
  const products = (await sandbox.status("berlin-1")).body.reserved_namespaces_allowed_products;
  assert.deepEqual(products, { traefik: ["shop", "search"] });
  // The same once more: nothing would be written.
  await page.goto("/clusters/berlin-1/change");
  await page.getByRole("button", { name: "Review the change" }).click();
  await page.getByText("nothing would be committed").waitFor();
  await visitor.close();
}

export async function a_proposal_is_listed_merged_and_installed(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const { page } = visitor;
  const before = sandbox.head();
  await page.goto("/register?kind=pipeline");
  await fill(visitor, "proposed-1", "https://10.60.0.3:6443");
  // Only the credentials whose fingerprint was merged are installed.
  const kubeconfig = await page.getByLabel("Kubeconfig").inputValue();
  await page.getByRole("button", { name: "Review the change" }).click();
  await page.getByRole("button", { name: "Open merge request" }).click();
  await visitor.heading("Proposed proposed-1");
  assert.equal(sandbox.head(), before);
  await page.getByRole("main").getByRole("link", { name: "Merge requests" }).click();
  await page.getByText("Register proposed-1").waitFor();
  await visitor.audit();
  const open = await sandbox.gitlabCall("GET", "/merge_requests?state=opened&source_branch=nautes%2Fregister-proposed-1");
  const merged = await sandbox.gitlabCall("PUT", `/merge_requests/${open.body[0].iid}/merge`, {});
  assert.equal(merged.status, 200, JSON.stringify(merged.body));
  await page.reload();
  await page.getByText("Install what was merged").click();
  await page.getByLabel("Kubeconfig").fill(kubeconfig);
  await visitor.audit();
  await page.getByRole("button", { name: "Install", exact: true }).click();
  await visitor.heading("Saved proposed-1");
  await until("it is being installed", async () => (await sandbox.status("proposed-1")).body.status.phase !== "Registered", 30);
  await visitor.close();
  await sandbox.remove("proposed-1");
}

export async function everything_works_without_scripts(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox, { javaScriptEnabled: false })).logIn();
  const { page } = visitor;
  await page.goto("/register?kind=virtual-deployment&host=munich-host");
  await page.getByLabel("Name", { exact: true }).fill("noscript-1");
  await page.getByLabel("API server").fill("https://10.20.0.10:31999");
  await page.getByRole("button", { name: "Review the change" }).click();
  await visitor.heading("Review noscript-1");
  await page.getByRole("button", { name: "Commit" }).click();
  await visitor.heading("Saved noscript-1");
  await page.goto("/clusters/noscript-1/remove");
  await page.getByLabel("Type noscript-1 to confirm").fill("noscript-1");
  await page.getByRole("button", { name: "Remove noscript-1" }).click();
  await until(
    "it is gone",
    async () => {
      const again = page.getByRole("button", { name: "Look again" });
      if (await again.count()) await again.click();
      return (await page.getByRole("heading", { level: 1, name: "noscript-1 is removed" }).count()) > 0;
    },
    90,
  );
  await visitor.close();
}

export async function the_keyboard_alone_is_enough(browser, sandbox) {
  const visitor = await Visitor.open(browser, sandbox);
  const { page } = visitor;
  await page.goto("/login");
  await visitor.tabTo("GitLab token");
  await page.keyboard.type(sandbox.token);
  await page.keyboard.press("Enter");
  await visitor.heading("Clusters");
  await page.keyboard.press("Tab");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Skip to content/);
  await visitor.tabTo("Register cluster");
  await page.keyboard.press("Enter");
  await visitor.heading("Register a cluster");
  await visitor.tabTo("Host");
  await page.keyboard.press("Enter");
  await page.getByLabel("Name", { exact: true }).waitFor();
  await visitor.tabTo("Name");
  await page.keyboard.type("keyboard-1");
  await visitor.tabTo("API server");
  await page.keyboard.type("https://10.60.0.7:6443");
  await visitor.tabTo("Kubeconfig");
  await page.keyboard.insertText(sandbox.kubeconfig("https://10.60.0.7:6443", 60));
  await visitor.tabTo("Review the change");
  await page.keyboard.press("Enter");
  await visitor.heading("Review keyboard-1");
  await visitor.tabTo("Commit");
  await page.keyboard.press("Enter");
  await visitor.heading("Saved keyboard-1");
  await visitor.close();
  await sandbox.remove("keyboard-1");
}
