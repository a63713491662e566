// A browser that fails a test for whatever a person would find in the console of their browser.

import { strict as assert } from "node:assert";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });

/** A page whose errors are kept; `expected` names those that a test asks for. */
export class Visitor {
  static async open(browser, sandbox, options = {}) {
    const context = await browser.newContext({ baseURL: sandbox.api, viewport: { width: 1280, height: 900 }, ...options });
    // Layout shifts while nobody touches anything, and refusals of the content security policy.
    await context.addInitScript(() => {
      window.shifts = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
      addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
    });
    return new Visitor(context, await context.newPage(), sandbox);
  }

  constructor(context, page, sandbox) {
    Object.assign(this, { context, page, sandbox, errors: [], expected: [] });
    // GitLab's own pages are not ours to mend.
    const isOurs = (message) => !message.location().url.startsWith(sandbox.gitlab);
    page.on("console", (message) => message.type() === "error" && isOurs(message) && this.errors.push(message.text()));
    page.on("pageerror", (error) => this.errors.push(String(error)));
  }

  /** Errors that the test provokes, such as `status of 422`. */
  expect(...texts) {
    this.expected.push(...texts);
    return this;
  }

  async close() {
    const errors = this.errors.filter((error) => !this.expected.some((text) => error.includes(text)));
    await this.context.close();
    assert.deepEqual(errors, [], "the browser's console");
  }

  async logIn(token = this.sandbox.token) {
    await this.page.goto("/login");
    await this.page.getByLabel("GitLab token").fill(token);
    await this.page.getByRole("button", { name: "Log in with the token" }).click();
    await this.page.waitForURL((url) => url.pathname !== "/login");
    return this;
  }

  heading(name) {
    return this.page.getByRole("heading", { level: 1, name }).waitFor({ timeout: 60000 });
  }

  /** WCAG AA and best practices: no finding at all, but of rules that are named as excused. */
  async audit(excused = []) {
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    const found = violations.filter(({ id }) => !excused.includes(id)).map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`);
    assert.deepEqual(found, [], `axe on ${this.page.url()}`);
  }

  /** Nothing sticks out at the side. */
  async assertFits() {
    const [needed, wide] = await this.page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(needed <= wide, `${this.page.url()} is ${needed} px wide, the screen ${wide}`);
  }

  async assertSteady() {
    const shifts = await this.page.evaluate(() => window.shifts);
    assert.ok(shifts < 0.02, `the layout shifted by ${shifts}`);
  }

  async tabTo(name) {
    for (let step = 0; step < 80; step += 1) {
      await this.page.keyboard.press("Tab");
      const focused = await this.page.evaluate(() => {
        const element = document.activeElement;
        const label = element?.labels?.[0]?.textContent ?? "";
        return `${element?.getAttribute("aria-label") ?? ""} ${element?.textContent ?? ""} ${label}`;
      });
      if (focused.includes(name)) return;
    }
    throw new Error(`no way to ${name} with the keyboard`);
  }
}
