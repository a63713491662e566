// Removing.

import { strict as assert } from "node:assert";
import { Visitor } from "../browser.mjs";
import { until } from "../sandbox.mjs";

export async function a_host_with_virtual_clusters_is_not_removed(browser, sandbox) {
  const visitor = (await (await Visitor.open(browser, sandbox)).logIn()).expect("status of 409");
  const before = sandbox.head();
  await visitor.page.goto("/clusters/munich-host/remove");
  await visitor.heading("munich-host is in use");
  const named = await visitor.page.locator(".dependants").textContent();
  assert.ok(named.includes("team-red") && named.includes("team-blue-ci"), named);
  await visitor.audit();
  assert.equal(sandbox.head(), before);
  await visitor.close();
}

export async function a_cluster_is_removed_once_its_name_is_typed(browser, sandbox) {
  const visitor = (await (await Visitor.open(browser, sandbox)).logIn()).expect("status of 422", "status of 404");
  const { page } = visitor;
  const before = sandbox.head();
  await page.goto("/clusters/berlin-1");
  await page.getByRole("link", { name: "Remove", exact: true }).click();
  await visitor.heading("Remove berlin-1");
  await visitor.audit();
  assert.equal(await page.locator("[name=force]").count(), 0, "force is not preset");
  await page.getByRole("link", { name: "Remove it by force" }).click();
  await page.getByText("By force: it is forgotten").waitFor();
  await visitor.audit();
  await page.getByRole("link", { name: "Uninstall its components instead" }).click();
  await page.getByLabel("Type berlin-1 to confirm").fill("berlin-2");
  await page.getByRole("button", { name: "Remove berlin-1" }).click();
  await page.getByText("Nothing was removed.").waitFor();
  assert.equal(sandbox.head(), before);
  await page.getByLabel("Type berlin-1 to confirm").fill("berlin-1");
  await page.getByRole("button", { name: "Remove berlin-1" }).click();
  await visitor.heading("Removing berlin-1");
  await visitor.audit();
  // The script looks until nothing is left.
  await visitor.heading("berlin-1 is removed");
  assert.equal((await sandbox.status("berlin-1")).status, 404);
  await visitor.close();
}

export async function a_removal_that_hangs_says_what_it_waits_for(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const { page } = visitor;
  await page.goto("/clusters/frankfurt-ci/remove");
  await page.getByLabel("Type frankfurt-ci to confirm").fill("frankfurt-ci");
  await page.getByRole("button", { name: "Remove frankfurt-ci" }).click();
  await until("tekton alone is left", async () => /tekton/.test((await page.locator("#removal .objects li").allTextContents()).join()), 60);
  await page.getByText("usually waits for a finalizer").waitFor();
  await visitor.audit();
  // The cluster's page tells what is left, once somebody has logged in again.
  await visitor.context.clearCookies();
  await page.waitForURL(/\/login\?to=%2Fclusters%2Ffrankfurt%2Dci(&|$)/);
  await visitor.expect("status of 401").close();
}
