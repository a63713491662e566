// Looking: the list and one cluster.

import { strict as assert } from "node:assert";
import { gzipSync } from "node:zlib";
import { Visitor } from "../browser.mjs";
import { MESSAGE } from "../clusters.mjs";
import { until } from "../sandbox.mjs";

const rows = (page) => page.locator("table.clusters tbody tr:visible");

export async function the_list_groups_virtual_clusters_below_their_host(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const names = await rows(visitor.page).locator("th a").allTextContents();
  const at = names.indexOf("munich-host");
  assert.deepEqual(names.slice(at, at + 3), ["munich-host", "team-blue-ci", "team-red"]);
  assert.match(await visitor.page.locator("#row-berlin-1").textContent(), /Ready/);
  assert.match(await visitor.page.locator("#row-berlin-2").textContent(), /Degraded.*ends in 4 days/);
  assert.equal(await visitor.page.locator("#row-berlin-2 .ends.bad").count(), 1, "red under 7 days");
  assert.equal(await visitor.page.locator("#row-frankfurt-ci .ends.warn").count(), 1, "amber under 30 days");
  await visitor.audit();
  await visitor.close();
}

export async function the_list_is_filtered_and_sorted(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const { page } = visitor;
  await page.getByRole("searchbox").fill("berlin");
  await until("two rows", async () => (await rows(page).count()) === 2, 5);
  assert.match(await page.locator("#count").textContent(), /^2 of /);
  await page.getByRole("searchbox").fill("nothing is called this");
  await page.getByText("Nothing here matches.").waitFor();
  await page.getByRole("searchbox").fill("");
  assert.match(await page.locator("#count").textContent(), /in this tenant$/);
  assert.ok(await page.getByText("Nothing here matches.").isHidden());
  await page.getByRole("searchbox").fill("berlin");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.waitForURL(/q=berlin/);
  assert.equal(await rows(page).count(), 2);
  await page.goto("/?phase=Degraded");
  assert.deepEqual(await rows(page).locator("th a").allTextContents(), ["berlin-2"]);
  await page.goto("/?sort=ends");
  assert.equal((await rows(page).locator("th a").allTextContents())[0], "berlin-2");
  await page.goto("/?q=nothing-is-called-this");
  await page.getByText("No cluster matches.").waitFor();
  await visitor.audit();
  await visitor.close();
}

export async function the_list_is_sorted_and_filtered_on_a_phone(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox, { viewport: { width: 360, height: 740 } })).logIn();
  const { page } = visitor;
  const order = () => rows(page).locator("th a").allTextContents();
  await page.locator(".clusters thead").getByRole("link", { name: "Credentials" }).click();
  await page.waitForURL(/sort=ends/);
  assert.equal((await order())[0], "berlin-2");
  await visitor.assertFits();
  await page.getByRole("searchbox").fill("berlin");
  await until("two rows", async () => (await rows(page).count()) === 2, 5);
  await visitor.audit();
  await visitor.close();
}

export async function a_failed_component_comes_first_with_its_whole_message(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  await visitor.page.goto("/clusters/berlin-2");
  const first = visitor.page.locator(".tree li").first();
  assert.match(await first.textContent(), /argo-rollouts/);
  assert.ok((await first.locator(".message").textContent()).includes(MESSAGE));
  const commits = await visitor.page.getByRole("link", { name: "Commits in GitLab" }).getAttribute("href");
  assert.ok(commits.startsWith(`${sandbox.gitlab}/nautes/management/-/commits/`) && commits.endsWith("/berlin-2.yaml"), commits);
  await visitor.page.getByText("The request as YAML").click();
  const yaml = await visitor.page.locator("#request-yaml").textContent();
  assert.ok(yaml.includes("worker_type: deployment") && !yaml.includes("kubeconfig"), yaml);
  await visitor.audit();
  await visitor.close();
}

export async function a_watch_that_was_refused_is_begun_again(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const { page } = visitor;
  await page.clock.install();
  let refused = 0;
  const events = (url) => url.pathname === "/clusters/berlin-1/events";
  const refuse = (route) => {
    refused += 1;
    return route.fulfill({ status: 429, headers: { "retry-after": "30" }, body: "too many watches" });
  };
  await page.route(events, refuse, { times: 1 });
  await page.goto("/clusters/berlin-1");
  await page.getByText("Waiting for the connection…").waitFor();
  assert.equal(refused, 1);
  await page.clock.fastForward(31000);
  await page.getByText("Updates by itself.").waitFor();
  await visitor.expect("429").close();
}

export async function a_list_that_is_not_renewed_says_so(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const { page } = visitor;
  await page.clock.install();
  await page.goto("/");
  await page.route((url) => url.pathname === "/", (route) => route.fulfill({ status: 502, body: "bad gateway" }), { times: 1 });
  await page.clock.fastForward(11000);
  await page.getByText("This may be out of date").waitFor();
  await visitor.audit();
  await page.clock.fastForward(11000);
  await until("it is renewed", async () => (await page.locator("#live-state").textContent()) === "", 20);
  await visitor.expect("status of 502").close();
}

export async function a_watch_of_an_ended_session_leads_to_the_login(browser, sandbox) {
  const visitor = (await (await Visitor.open(browser, sandbox)).logIn()).expect("status of 401");
  const { page } = visitor;
  await page.route((url) => url.pathname === "/clusters/berlin-1/events", async (route) => {
    await visitor.context.clearCookies();
    await route.fulfill({ status: 401, body: "no session" });
  });
  await page.goto("/clusters/berlin-1");
  await page.waitForURL(/\/login\?to=%2Fclusters%2Fberlin%2D1/);
  await visitor.close();
}

export async function a_cluster_shows_its_installation_as_it_goes_on(browser, sandbox) {
  const server = "https://10.40.0.1:6443";
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const { page } = visitor;
  await sandbox.save("live-1", { api_server: server, cluster_type: "physical", usage: "worker", worker_type: "deployment", kubeconfig: sandbox.kubeconfig(server, 90) });
  await page.goto("/clusters/live-1");
  await page.evaluate(() => { window.notReloaded = true; });
  const state = page.locator(".facts .badge");
  const seen = new Set([await state.textContent()]);
  let rows = 0;
  await until("it is ready", async () => {
    const now = await page.locator(".tree li").count();
    // Argo CD makes the components one after the other. From the last of them on nothing moves any more.
    if (now > rows) await page.evaluate(() => new Promise((done) => setTimeout(() => { window.shifts = 0; done(); }, 200)));
    rows = now;
    seen.add(await state.textContent());
    return seen.has("Ready");
  }, 90);
  assert.ok(seen.size > 1, [...seen].join(", "));
  assert.ok(await page.evaluate(() => window.notReloaded), "the page was not loaded again");
  const states = await page.locator(".tree .badge").allTextContents();
  assert.ok(states.length > 4 && states.every((word) => word === "Healthy"), states.join(", "));
  await visitor.assertSteady();
  await visitor.close();
  await sandbox.remove("live-1");
}

export async function a_cluster_that_is_not_there_is_said_in_a_sentence(browser, sandbox) {
  const visitor = (await (await Visitor.open(browser, sandbox)).logIn()).expect("status of 404");
  await visitor.page.goto("/clusters/nobody");
  await visitor.heading("No such cluster");
  await visitor.audit();
  await visitor.page.goto("/nowhere/at/all");
  await visitor.heading("There is nothing here");
  await visitor.audit();
  await visitor.page.getByRole("link", { name: "All clusters" }).click();
  await visitor.heading("Clusters");
  await visitor.close();
}

export async function gitlab_away_is_said_with_a_way_out(browser, sandbox) {
  const visitor = (await (await Visitor.open(browser, sandbox)).logIn()).expect("status of 50");
  await sandbox.fault({ path_contains: "/api/v4/", count: 0, action: { answer: { status: 502, body: "bad gateway" } } });
  const answer = await visitor.page.goto("/", { timeout: 90000 });
  assert.ok([502, 503, 504].includes(answer.status()), String(answer.status()));
  await visitor.page.getByRole("link", { name: "Try again" }).waitFor();
  await visitor.audit();
  await sandbox.noFaults();
  await visitor.page.getByRole("link", { name: "Try again" }).click();
  await visitor.heading("Clusters");
  await visitor.close();
}

export async function pages_are_small(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  for (const path of ["/", "/clusters/berlin-2", "/register?kind=pipeline", "/clusters/berlin-1/remove"]) {
    const answer = await visitor.context.request.get(path, { headers: { accept: "text/html" } });
    const size = gzipSync(await answer.body()).length;
    assert.ok(size < 30 * 1024, `${path} has ${size} bytes`);
    assert.equal(answer.headers()["content-encoding"], "gzip");
  }
  await visitor.close();
}
