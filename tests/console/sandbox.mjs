// The system under test: `cargo run`, and what a person could have done to it.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const WORKSPACE = fileURLToPath(new URL("../..", import.meta.url));

/** The components are built first: minutes where nothing is built yet. */
const START_SECONDS = 1800;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Repeats until the answer is something true. */
export async function until(what, ask, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await pause(200);
  }
}

export class Sandbox {
  static async start(...options) {
    const folder = mkdtempSync(join(tmpdir(), "console-"));
    const ready = join(folder, "ready.json");
    const log = createWriteStream(join(folder, "log"));
    const process_ = spawn(
      "cargo",
      ["run", "--quiet", "--", "--listen", "127.0.0.1:0", "--data", join(folder, "data"), "--ready-file", ready, ...options],
      { cwd: WORKSPACE, stdio: ["ignore", "pipe", "pipe"] },
    );
    process_.stdout.pipe(log);
    process_.stderr.pipe(log);
    let ended = false;
    process_.on("exit", () => (ended = true));
    await until(
      "the sandbox starts",
      () => {
        if (ended) throw new Error(`the sandbox does not start:\n${readFileSync(join(folder, "log"), "utf8")}`);
        return existsSync(ready);
      },
      START_SECONDS,
    );
    return new Sandbox(folder, process_, JSON.parse(readFileSync(ready, "utf8")));
  }

  constructor(folder, process_, ready) {
    Object.assign(this, { folder, process_, ready, api: ready.api, gitlab: ready.gitlab, token: ready.tokens.maintainer });
  }

  async stop() {
    const ended = new Promise((resolve) => this.process_.on("exit", resolve));
    this.process_.kill("SIGINT");
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  get log() {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  /** A call of the API, past the console. */
  async call(method, path, body) {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    const answer = await fetch(this.api + path, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  }

  async save(name, body, query = "") {
    const saved = await this.call("POST", `/api/v1/clusters/${name}${query}`, body);
    if (saved.status !== 200) throw new Error(`${name}: ${JSON.stringify(saved.body)}`);
    return saved.body;
  }

  async status(name) {
    return this.call("GET", `/api/v1/clusters/${name}`);
  }

  async remove(name) {
    await until(`${name} is gone`, async () => (await this.call("DELETE", `/api/v1/clusters/${name}`)).status === 404, 120);
  }

  /** What was written anywhere: the head of the branch. */
  head() {
    return execFileSync("git", ["-C", this.ready.repository, "rev-parse", "main"], { encoding: "utf8" }).trim();
  }

  /** Everything that is in the repository, at any commit. */
  contents() {
    const objects = ["-C", this.ready.repository, "cat-file", "--batch-all-objects", "--batch"];
    return execFileSync("git", objects, { encoding: "latin1", maxBuffer: 1 << 28 });
  }

  async fault(fault) {
    await fetch(`${this.gitlab}/-/sandbox/faults`, { method: "POST", body: JSON.stringify(fault) });
  }

  async noFaults() {
    await fetch(`${this.gitlab}/-/sandbox/faults`, { method: "DELETE" });
  }

  async gitlabCall(method, path, body) {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    const answer = await fetch(`${this.gitlab}/api/v4/projects/nautes%2Fmanagement${path}`, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  }

  /** What the virtual cluster's Job does on a management cluster that runs Jobs: the sandbox's API server runs none. */
  async virtualClusterComesUp(name) {
    const call = async (method, path, body) => {
      const headers = { authorization: `Bearer ${this.ready.kubernetes_token}`, "content-type": "application/apply-patch+yaml" };
      const answer = await fetch(this.ready.kubernetes + path, { method, headers, body: body && JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    };
    const job = await call("GET", `/apis/batch/v1/namespaces/argocd/jobs/${name}-kubeconfig`);
    const { value } = job.spec.template.spec.containers[0].env.find(({ name }) => name === "SECRET");
    const config = { tlsClientConfig: { insecure: false, caData: "Y2E=", certData: "Y2VydA==", keyData: "a2V5" } };
    const secret = JSON.parse(value.replace("@CONFIG@", Buffer.from(JSON.stringify(config)).toString("base64")));
    await call("PATCH", `/api/v1/namespaces/argocd/secrets/${secret.metadata.name}?fieldManager=nautes-clusters&force=true`, secret);
  }

  /** A kubeconfig with a client certificate that ends in some days. */
  kubeconfig(server, days) {
    const at = (name) => join(this.folder, name);
    const openssl = (...args) => execFileSync("openssl", args, { stdio: "ignore" });
    if (!existsSync(at("ca.crt"))) {
      openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=ca", "-days", "3650", "-keyout", at("ca.key"), "-out", at("ca.crt"));
    }
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=admin/O=system:masters", "-keyout", at("u.key"), "-out", at("u.csr"));
    openssl("x509", "-req", "-in", at("u.csr"), "-CA", at("ca.crt"), "-CAkey", at("ca.key"), "-days", String(days), "-out", at("u.crt"));
    const data = (name) => readFileSync(at(name)).toString("base64");
    return `apiVersion: v1
kind: Config
current-context: admin@${server}
clusters:
- name: ${server}
  cluster:
    server: ${server}
    certificate-authority-data: ${data("ca.crt")}
contexts:
- name: admin@${server}
  context: {cluster: ${server}, user: admin}
users:
- name: admin
  user:
    client-certificate-data: ${data("u.crt")}
    client-key-data: ${data("u.key")}
`;
  }

  write(name, text) {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }
}
