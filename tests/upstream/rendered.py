"""What the product writes: the guides' five requests saved in the sandbox, with every setting and every addition that brings
something."""

import contextlib
import json
import subprocess
import urllib.request

from charts import merge
from definitions import read_documents
from sandbox import WORKSPACE, run_sandbox

# Name, request of the guides, address of its API server, node port of a virtual cluster.
CLUSTERS = [
    ("cluster-host", "cluster-host", "8.217.50.114", "6443"),
    ("guest-pipeline", "virtual-worker-pipeline", "8.217.50.114", "31456"),
    ("guest-deployment", "virtual-worker-deployment", "8.217.50.114", "31457"),
    ("deployment", "physical-worker-deployment", "8.217.50.115", ""),
    ("pipeline", "physical-worker-pipeline", "8.217.50.116", ""),
]

# What the guides' requests leave out, by cluster and category: additions that a component knows, and a namespace for which Argo
# CD's bindings are patched.
CHANGES = {
    "cluster-host": {"gateway": {"additions": {"tlsSecret": "wildcard"}}},
    "deployment": {"gateway": {"additions": {"tlsSecret": "wildcard"}},
                   "deployment": {"additions": {"defaultRole": "role:readonly"}}},
    "pipeline": {"pipeline": {"additions": {"forwardLogin": "true"}}, "deployment": {"namespace": "argocd-pipeline"}},
}

# With each of them something is written that is left out otherwise.
SETTINGS = {"oidc_issuer_url": "https://dex.example.com", "vault_url": "https://vault.example.com",
            "git_url": "https://git.example.com"}


def make_certificate(folder):
    out = folder / "ca.crt"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
               "-subj", "/CN=ca.example.com", "-keyout", "/dev/null", "-out", out]
    subprocess.run(command, check=True, capture_output=True)
    return out.read_text()


def list_additions():
    """Names of all additions."""
    return {name for cluster in CHANGES.values() for component in cluster.values() for name in component.get("additions", {})}


def change_request(name, body):
    request = json.loads(body)
    return json.dumps({**request, "components_list": merge(request.get("components_list", {}), CHANGES.get(name, {}))})


def save_cluster(ready, name, example, address, port):
    body = (WORKSPACE / f"tests/cases/requests/v0.4/{example}.json").read_text()
    body = change_request(name, body.replace("8.217.50.114", address).replace("31456", port))
    headers = {"Authorization": f"Bearer {ready['tokens']['maintainer']}", "Content-Type": "application/json"}
    url = f"{ready['api']}/api/v1/clusters/{name}"
    request = urllib.request.Request(url, body.encode(), headers, method="POST")
    try:
        urllib.request.urlopen(request).read()
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{name}: {error.read().decode()}") from error


@contextlib.contextmanager
def render_everything(folder):
    """A clone of the tenant's repository with one cluster of every kind."""
    settings = {**SETTINGS, "ca_bundle": make_certificate(folder)}
    arguments = [part for name, value in settings.items() for part in ["--variable", f"{name}={value}"]]
    with run_sandbox(folder / "sandbox", *arguments) as ready:
        for cluster in CLUSTERS:
            save_cluster(ready, *cluster)
        clone = folder / "repository"
        subprocess.run(["git", "clone", "--quiet", ready["repository"], clone], check=True)
        yield clone


def list_objects(clone):
    """Every object in the repository but patches and kustomizations, with the file that has it."""
    for path in sorted(clone.rglob("*.yaml")):
        if path.name.startswith("patch-"):
            continue
        for document in read_documents(path):
            if isinstance(document, dict) and document.get("kind") not in (None, "Kustomization"):
                yield path.relative_to(clone), document


def list_patched(clone, name):
    """The patches of an object, in all clusters."""
    for path in sorted(clone.rglob(f"patch-{name}.yaml")):
        yield from read_documents(path)
