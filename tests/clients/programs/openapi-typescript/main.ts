// Types of openapi-typescript with openapi-fetch do what a person would do.

import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, paths } from "./client/schema.js";
import { eventsOf } from "./events.js";

type Schemas = components["schemas"];
const cluster_name = process.env.NAME!;
const path = { cluster_name };
const client = createClient<paths>({ baseUrl: process.env.API!, headers: { Authorization: `Bearer ${process.env.TOKEN}` } });

/** A gateway before the service may answer with text, and a watch does. */
function json<T>(value: T | string | undefined): T {
  assert(typeof value === "object", String(value));
  return value as T;
}

async function save() {
  const body: Schemas["SaveClusterRequest"] = JSON.parse(readFileSync(process.env.BODY!, "utf8"));
  const planned = await client.POST("/api/v1/clusters/{cluster_name}", { params: { path, query: { dry_run: true } }, body });
  assert(planned.data!.changes!.length > 5 && planned.data!.diff!.includes(cluster_name), "a dry run has changes and a diff");
  const saved = await client.POST("/api/v1/clusters/{cluster_name}", { params: { path }, body });
  assert.equal(saved.data!.message, `Successfully saved ${cluster_name} cluster`);
  const again = await client.POST("/api/v1/clusters/{cluster_name}", { params: { path }, body });
  assert.equal(again.data!.commit, null, "the same again commits nothing");
  const wrong = { ...body, api_server: "http://10.0.0.1" };
  const refused = await client.POST("/api/v1/clusters/{cluster_name}", { params: { path }, body: wrong });
  assert.equal(json(refused.error).reason, "VALIDATION_FAILED");
  assert.equal(json(refused.error).violations![0].field, "/api_server");
}

async function read() {
  const { data } = await client.GET("/api/v1/clusters/{cluster_name}", { params: { path } });
  assert.equal(json(data).name, cluster_name);
  assert.equal(json(data).components_list.gateway!.additions!.httpNodePort, "30080");
  const { error } = await client.GET("/api/v1/clusters/{cluster_name}", { params: { path: { cluster_name: "nobody" } } });
  assert.equal(json(error).reason, "CLUSTER_NOT_FOUND");
}

async function watch() {
  const query = { watch: true, timeout_seconds: 120 };
  const { data } = await client.GET("/api/v1/clusters/{cluster_name}", { params: { path, query }, parseAs: "stream" });
  const seen: string[] = [];
  let end: Schemas["StreamEnd"] | undefined;
  for await (const event of eventsOf(data!)) {
    seen.push(event.event);
    if (event.event === "end") end = JSON.parse(event.data);
  }
  assert.equal(seen[0], "cluster");
  assert(seen.includes("status"), String(seen));
  assert.equal(end!.reason, "ready");
}

async function list() {
  const query = { field_selector: "usage=worker", include_status: true };
  const { data } = await client.GET("/api/v1/clusters", { params: { query } });
  assert.equal(data!.items.find(({ name }) => name === cluster_name)!.status!.phase, "Ready");
}

async function remove() {
  for (let turn = 0; turn < 120; turn += 1) {
    const { data, error } = await client.DELETE("/api/v1/clusters/{cluster_name}", { params: { path } });
    if (turn > 0 && error && json(error).status === 404) return;
    assert.equal(data!.message, `Successfully deleted ${cluster_name} cluster`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  assert.fail("the removal does not end");
}

await save();
await read();
await watch();
await list();
await remove();
