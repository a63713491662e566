// Checks a request and lists the files it would become: node host.mjs <name> <request.json>
// Exit status: 0 files were printed, 1 violations were, 2 the command line is wrong.
import { readFile } from "node:fs/promises";
import { clusterValidation } from "./generated/validate.js";
import { resourceRendering } from "./generated/render_resource.js";

const [name, path] = process.argv.slice(2);
if (!path) {
  console.error("usage: node host.mjs <name of the cluster> <request.json>");
  process.exit(2);
}

const settings = {
  tenant: "tenant1",
  repositoryUrl: "https://gitlab.example.com/nautes/management.git",
  targetRevision: "HEAD",
  argocdNamespace: "argocd",
  nautesNamespace: "nautes",
  gitUrl: "https://gitlab.example.com",
  oidcIssuerUrl: "",
  oidcClientId: "nautes",
  vaultUrl: "",
  caBundle: "",
};
// A repository without other clusters.
const neighbours = {
  resourceFiles: [],
  credentialsStored: false,
  dependants: [],
  now: BigInt(Math.floor(Date.now() / 1000)),
};
const shared = { otherHosts: false, otherRuntimes: false };

try {
  const request = { name, contentType: "application/json", body: await readFile(path) };
  const { cluster, surroundings, warnings } = clusterValidation.check(request, neighbours, settings);
  warnings.forEach((warning) => console.error(`warning: ${warning}`));
  const tree = resourceRendering.render(cluster, surroundings, shared, settings);
  tree.files.forEach((file) => console.log(file.path));
} catch (error) {
  // An error of the contract has its case in `payload`; anything else is a fault of this program.
  const rejection = error.payload;
  if (!rejection?.tag) throw error;
  const violations = rejection.tag === "validation-failed" ? rejection.val : [];
  violations.forEach(({ field, message }) => console.log(`${field}: ${message}`));
  if (violations.length === 0) console.log(rejection.tag);
  process.exit(1);
}
