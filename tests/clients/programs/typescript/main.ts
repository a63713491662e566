// A client of openapi-generator (typescript-fetch) does what a person would do.

import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import {
  ClustersApi, Configuration, ProblemFromJSON, Reason, ResponseError, SaveClusterRequestFromJSON, ServiceApi, StatusFromJSON,
  StreamEndFromJSON, type Problem, type StreamEnd,
} from "./client/index.js";
import { eventsOf } from "./events.js";

const name = process.env.NAME!;
const configuration = new Configuration({ basePath: process.env.API!, accessToken: process.env.TOKEN! });
const clusters = new ClustersApi(configuration);

async function problemOf(call: Promise<unknown>): Promise<Problem> {
  const error = await call.then(() => assert.fail("it should fail"), (error: unknown) => error);
  assert(error instanceof ResponseError, String(error));
  assert.equal(error.response.headers.get("content-type"), "application/problem+json");
  return ProblemFromJSON(await error.response.json());
}

async function save() {
  const saveClusterRequest = SaveClusterRequestFromJSON(JSON.parse(readFileSync(process.env.BODY!, "utf8")));
  const planned = await clusters.clusterSaveCluster({ clusterName: name, saveClusterRequest, dryRun: true });
  assert(planned.changes!.length > 5 && planned.diff!.includes(name), "a dry run has changes and a diff");
  const saved = await clusters.clusterSaveCluster({ clusterName: name, saveClusterRequest });
  assert.equal(saved.message, `Successfully saved ${name} cluster`);
  assert(saved.commit!.filesChanged > 5);
  const again = await clusters.clusterSaveCluster({ clusterName: name, saveClusterRequest });
  assert.equal(again.commit, null, "the same again commits nothing");
  const wrong = { ...saveClusterRequest, apiServer: "http://10.0.0.1" };
  const problem = await problemOf(clusters.clusterSaveCluster({ clusterName: name, saveClusterRequest: wrong }));
  assert.equal(problem.reason, Reason.ValidationFailed);
  assert.equal(problem.violations![0].field, "/api_server");
}

async function read() {
  const cluster = await clusters.clusterGetCluster({ clusterName: name });
  assert.equal(cluster.name, name);
  assert(cluster.status!.phase);
  assert.equal(cluster.componentsList.gateway!.additions!.httpNodePort, "30080");
  assert.equal((await problemOf(clusters.clusterGetCluster({ clusterName: "nobody" }))).reason, Reason.ClusterNotFound);
}

async function watch() {
  const answer = await clusters.clusterGetClusterRaw({ clusterName: name, watch: true, timeoutSeconds: 120 });
  const seen: string[] = [];
  let end: StreamEnd | undefined;
  for await (const { event, data } of eventsOf(answer.raw.body!)) {
    seen.push(event);
    if (event === "status") assert(StatusFromJSON(JSON.parse(data)).components.length >= 0);
    if (event === "end") end = StreamEndFromJSON(JSON.parse(data));
  }
  assert.equal(seen[0], "cluster");
  assert(seen.includes("status"), String(seen));
  assert.equal(end!.reason, "ready");
}

async function list() {
  const { items } = await clusters.clusterListClusters({ fieldSelector: "usage=worker", includeStatus: true });
  assert.equal(items.find((cluster) => cluster.name === name)!.status!.phase, "Ready");
  assert.equal((await clusters.clusterListClusters({ perPage: 1 })).items.length, 1);
  assert.deepEqual((await clusters.mergeRequestListMergeRequests()).items, []);
  assert.equal((await new ServiceApi(configuration).serviceHealth()).status, "ok");
}

async function remove() {
  const removed = await clusters.clusterDeleteCluster({ clusterName: name });
  assert.equal(removed.message, `Successfully deleted ${name} cluster`);
  for (let turn = 0; turn < 120; turn += 1) {
    const answer = await clusters.clusterDeleteCluster({ clusterName: name }).catch((error: unknown) => error);
    if (answer instanceof ResponseError && answer.response.status === 404) return;
    if (answer instanceof Error) throw answer;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  assert.fail("the removal does not end");
}

await save();
await read();
await watch();
await list();
await remove();
