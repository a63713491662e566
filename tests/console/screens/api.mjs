// The page of the API.

import { strict as assert } from "node:assert";
import { Visitor } from "../browser.mjs";

/** Of Swagger UI's own structure: a link inside of each summary's button, headings of the fourth level below those of the second. */
const OF_SWAGGER_UI = ["nested-interactive", "heading-order"];

export async function the_page_of_the_api_can_be_read_by_everybody(browser, sandbox) {
  for (const options of [{}, { colorScheme: "dark" }, { viewport: { width: 360, height: 740 } }]) {
    const visitor = await Visitor.open(browser, sandbox, options);
    const { page } = visitor;
    await page.goto("/docs");
    await page.getByText("Register a cluster, or bring").waitFor();
    await visitor.audit(OF_SWAGGER_UI);
    await visitor.assertFits();
    for (const id of ["Cluster_SaveCluster", "Cluster_DeleteCluster"]) {
      const block = page.locator(`#operations-Clusters-${id}`);
      await block.locator(".opblock-summary-control").click();
      await block.getByRole("button", { name: "Try it out" }).click();
    }
    await page.getByRole("button", { name: "Authorize" }).click();
    await page.locator(".auth-container").first().waitFor();
    await visitor.audit(OF_SWAGGER_UI);
    assert.equal(await page.evaluate(() => document.documentElement.classList.contains("dark-mode")), options.colorScheme === "dark");
    await visitor.close();
  }
}

export async function the_api_can_be_tried_out_and_nothing_dangerous_is_preset(browser, sandbox) {
  const visitor = await Visitor.open(browser, sandbox);
  const { page } = visitor;
  for (const path of ["/q/swagger-ui", "/docs"]) {
    await page.goto(path);
    await page.getByText("Register a cluster, or bring").waitFor();
  }
  await page.getByRole("button", { name: "Authorize" }).click();
  await page.locator(".auth-container input").first().fill(sandbox.token);
  await page.locator(".auth-btn-wrapper .authorize").first().click();
  await page.locator(".btn-done").first().click();
  const open = async (id) => {
    const block = page.locator(`#operations-Clusters-${id}`);
    await block.locator(".opblock-summary-control").click();
    await block.getByRole("button", { name: "Try it out" }).click();
    return block;
  };
  const list = await open("Cluster_ListClusters");
  await list.getByRole("button", { name: "Execute" }).click();
  await list.locator(".live-responses-table .response-col_status", { hasText: "200" }).waitFor();
  assert.match(await list.locator(".live-responses-table").textContent(), /berlin-1/);
  const removal = await open("Cluster_DeleteCluster");
  const fields = await removal.locator("tr:is([data-param-in=path], [data-param-in=query]) :is(select, input)").all();
  assert.ok(fields.length > 4, `${fields.length} fields`);
  for (const field of fields) {
    assert.ok(["", "--", "false"].includes(await field.inputValue()), await field.evaluate((element) => element.outerHTML));
  }
  // The body that a save comes with is whole.
  const save = await open("Cluster_SaveCluster");
  const body = JSON.parse(await save.locator("textarea.body-param__text").inputValue());
  assert.match(body.kubeconfig, /^apiVersion: v1\n[^…]*$/);
  await visitor.close();
}
