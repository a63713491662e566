// Who may look and write.

import { strict as assert } from "node:assert";
import { Visitor } from "../browser.mjs";
import { until } from "../sandbox.mjs";

export async function a_wrong_token_is_refused_and_a_good_one_lets_in(browser, sandbox) {
  const visitor = (await Visitor.open(browser, sandbox)).expect("status of 401");
  const { page } = visitor;
  await page.goto("/clusters/berlin-1");
  await page.waitForURL(/\/login\?to=/);
  await visitor.audit();
  await page.getByLabel("GitLab token").fill("glpat-wrong");
  await page.getByRole("button", { name: "Log in with the token" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("GitLab token").fill(sandbox.token);
  await page.getByRole("button", { name: "Log in with the token" }).click();
  await visitor.heading("berlin-1");
  const cookies = await visitor.context.cookies();
  const session = cookies.find(({ name }) => name === "nautes_session");
  assert.ok(session.httpOnly && session.sameSite === "Strict", JSON.stringify(session));
  assert.ok(!session.value.includes(sandbox.token));
  assert.ok(!(await page.content()).includes(sandbox.token), "the token is in no page");
  await visitor.close();
}

async function logInWithGitLab(visitor) {
  const { page } = visitor;
  await page.goto("/clusters/berlin-1");
  await page.getByRole("link", { name: "Log in with GitLab" }).click();
  await page.getByRole("button", { name: /maintainer/i }).first().click();
  await visitor.heading("berlin-1");
}

export async function gitlab_logs_in_and_logging_out_ends_copies_of_the_session(browser, sandbox) {
  const visitor = await Visitor.open(browser, sandbox);
  await logInWithGitLab(visitor);
  const copy = (await visitor.context.cookies()).filter(({ name }) => name === "nautes_session");
  await visitor.page.getByRole("button", { name: "Log out" }).click();
  await visitor.page.waitForURL(/\/login/);
  await visitor.page.goto("/");
  await visitor.page.waitForURL(/\/login/);
  await visitor.close();
  const thief = await Visitor.open(browser, sandbox);
  await thief.context.addCookies(copy);
  await thief.page.goto("/");
  await thief.page.waitForURL(/\/login/);
  await thief.close();
}

export async function a_login_that_did_not_begin_here_is_refused(browser, sandbox) {
  const visitor = (await Visitor.open(browser, sandbox)).expect("status of 401");
  await visitor.page.goto("/login/callback?code=stolen&state=other");
  await visitor.page.getByText("This login did not begin here").waitFor();
  assert.equal((await visitor.context.cookies()).filter(({ name, value }) => name === "nautes_session" && value).length, 0);
  await visitor.close();
}

export async function a_changed_cookie_is_no_session(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const [cookie] = (await visitor.context.cookies()).filter(({ name }) => name === "nautes_session");
  const middle = Math.floor(cookie.value.length / 2);
  const changed = cookie.value.slice(0, middle) + (cookie.value[middle] === "A" ? "B" : "A") + cookie.value.slice(middle + 1);
  await visitor.context.addCookies([{ ...cookie, value: changed }]);
  await visitor.page.goto("/");
  await visitor.page.waitForURL(/\/login/);
  await visitor.close();
}

export async function a_form_of_another_site_changes_nothing(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const before = sandbox.head();
  for (const origin of ["https://evil.example", "null", undefined]) {
    const headers = origin ? { origin } : {};
    const answer = await visitor.context.request.post("/clusters/berlin-1/remove", { headers, form: { confirm: "berlin-1", action: "commit" } });
    assert.equal(answer.status(), 403, String(origin));
  }
  assert.equal(sandbox.head(), before);
  // The API itself takes no cookie.
  assert.equal((await visitor.context.request.delete("/api/v1/clusters/berlin-1")).status(), 401);
  assert.equal(sandbox.head(), before);
  await visitor.close();
}

export async function pages_allow_no_foreign_scripts_styles_and_frames(browser, sandbox) {
  const visitor = await (await Visitor.open(browser, sandbox)).logIn();
  const headers = (await visitor.context.request.get("/", { headers: { accept: "text/html" } })).headers();
  const policy = headers["content-security-policy"];
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"]) assert.ok(policy.includes(part), policy);
  assert.ok(!policy.includes("unsafe"), policy);
  assert.equal(headers["cache-control"], "no-store");
  await visitor.close();
}

export async function a_session_that_ends_while_typing_loses_nothing(browser, sandbox) {
  const visitor = (await (await Visitor.open(browser, sandbox)).logIn()).expect("status of 401", "status of 422");
  const { page } = visitor;
  const before = sandbox.head();
  await page.goto("/register?kind=deployment");
  await page.getByLabel("Name", { exact: true }).fill("kept-1");
  await page.getByLabel("API server").fill("https://10.50.0.1:6443");
  await page.getByLabel("Kubeconfig").fill(sandbox.kubeconfig("https://10.50.0.1:6443", 60));
  await visitor.context.clearCookies();
  await page.getByRole("button", { name: "Review the change" }).click();
  await page.getByText("what you typed is kept").waitFor();
  await visitor.audit();
  await page.getByLabel("GitLab token").fill(sandbox.token);
  await page.getByRole("button", { name: "Log in with the token" }).click();
  await visitor.heading("Register a cluster");
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "kept-1");
  await page.getByText("Kept from before").waitFor();
  await page.getByRole("button", { name: "Review the change" }).click();
  await visitor.heading("Review kept-1");
  assert.equal(sandbox.head(), before, "nothing was written");
  await visitor.close();
}

export async function a_token_that_gitlab_ends_leads_to_the_login(browser, sandbox) {
  const visitor = (await (await Visitor.open(browser, sandbox)).logIn()).expect("status of 401");
  await sandbox.fault({ path_contains: "/api/v4/", count: 0, action: { answer: { status: 401, content_type: "application/json", body: "{\"message\":\"401 Unauthorized\"}" } } });
  await visitor.page.goto("/");
  await visitor.page.waitForURL(/\/login/);
  await visitor.close();
}

export async function a_reader_is_told_what_is_missing(browser, sandbox) {
  const token = sandbox.ready.tokens.guest ?? sandbox.ready.tokens.outsider;
  const visitor = (await Visitor.open(browser, sandbox)).expect("status of 403", "status of 404");
  await visitor.page.goto("/login");
  await visitor.page.getByLabel("GitLab token").fill(token);
  await visitor.page.getByRole("button", { name: "Log in with the token" }).click();
  await until("a sentence", async () => (await visitor.page.getByRole("alert").count()) > 0, 20);
  await visitor.audit();
  await visitor.close();
}
