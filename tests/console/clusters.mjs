// The clusters that the pictures and tests are made with.

import { until } from "./sandbox.mjs";

/** As long as Argo CD's real ones. */
export const MESSAGE =
  'one or more objects failed to apply, reason: admission webhook "validate.kyverno.svc-fail" denied the request: resource Deployment/argo-rollouts/argo-rollouts was blocked due to the following policies: require-limits: validation error: CPU and memory limits are required for every container. Retrying attempt #5 at 9:41AM.';

/** Started with the sandbox: one Application fails, one never ends. */
export const OPTIONS = ["--degraded", `berlin-2-argo-rollouts=${MESSAGE}`, "--stuck", "frankfurt-ci-tekton"];

const worker = (server, kubeconfig, worker_type) => ({
  api_server: server, cluster_type: "physical", usage: "worker", worker_type, kubeconfig,
});

/** Host with two virtual clusters, a Ready worker, one Degraded, one Installing, and credentials that end soon. */
export async function register(sandbox) {
  const host = "https://10.20.0.10:6443";
  await sandbox.save("munich-host", { api_server: host, cluster_type: "physical", usage: "host", kubeconfig: sandbox.kubeconfig(host, 400) });
  const virtual = (port, worker_type) => ({
    api_server: `https://10.20.0.10:${port}`, cluster_type: "virtual", usage: "worker", worker_type, host_cluster: "munich-host",
  });
  await sandbox.save("team-red", virtual(31456, "deployment"));
  await sandbox.save("team-blue-ci", virtual(31457, "pipeline"));
  await sandbox.virtualClusterComesUp("team-red");
  const clusters = [
    ["berlin-1", "https://berlin-1.example.com:6443", 380, "deployment"],
    ["berlin-2", "https://berlin-2.example.com:6443", 5, "deployment"],
    ["frankfurt-ci", "https://10.30.0.4:6443", 21, "pipeline"],
  ];
  for (const [name, server, days, kind] of clusters) {
    await sandbox.save(name, worker(server, sandbox.kubeconfig(server, days), kind));
  }
  const is = (name, phase) => until(`${name} is ${phase}`, async () => (await sandbox.status(name)).body.status?.phase === phase, 120);
  await Promise.all([is("munich-host", "Ready"), is("team-red", "Ready"), is("berlin-1", "Ready"), is("berlin-2", "Degraded")]);
}
