"""What upstream projects publish as Go modules: definitions, manifests and charts, in the version that is named here or in
the catalog. The go command checks every module against the checksum database."""

import functools
import json
import re
import subprocess
from pathlib import Path


@functools.cache
def download_module(module, version):
    """The folder of a module, from the go command's cache."""
    command = ["go", "mod", "download", "-json", f"{module}@{version}"]
    result = subprocess.run(command, capture_output=True, text=True, cwd="/")
    answer = json.loads(result.stdout or "{}")
    if "Dir" not in answer:
        raise RuntimeError(f"{module}@{version}: {answer.get('Error') or result.stderr}")
    return Path(answer["Dir"])


# Groups of custom resources, and where their definitions are: module, version and files. tests/real/build reads the first two.
DEFINITIONS = {
    "keda.sh": ("github.com/kedacore/keda/v2", "v2.21.0", "config/crd/bases/*.yaml"),
    "traefik.io": ("github.com/traefik/traefik/v3", "v3.7.13",
                   "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml"),
    "argoproj.io": ("github.com/argoproj/argo-cd/v3", "v3.6.1", "manifests/crds/*-crd.yaml"),
    # The catalog's 2.9.0 is not to be had; both have external-secrets.io/v1.
    "external-secrets.io": ("github.com/external-secrets/external-secrets", "v1.3.2", "config/crds/bases/*.yaml"),
}

DEFINITIONS_NOT_HAD = {
    "core.spinkube.dev": "SpinKube's operator is in no registry; `cargo test` holds its objects against a condensed definition",
}

# Charts of the catalog, by name: module, version ({} is the catalog's), folder.
CHARTS = {
    "cert-manager": ("github.com/cert-manager/cert-manager", "{}", "deploy/charts/cert-manager"),
    "vcluster": ("github.com/loft-sh/vcluster", "v{}", "chart"),
    "external-secrets": ("github.com/external-secrets/external-secrets", "v1.3.2", "deploy/charts/external-secrets"),
    "traefik": ("github.com/traefik/traefik-helm-chart", "v{}+incompatible", "traefik"),
    "vault": ("github.com/hashicorp/vault-helm", "v{}", "."),
}

CHARTS_NOT_HAD = {
    "argo-rollouts": "the chart's repository is no Go module; no value of it is set",
    "oauth2-proxy": "the chart's repository is no Go module",
}

# Manifests of the catalog, by URL: module, and files or folders with a kustomization; the URL's first group is the version.
MANIFESTS = [
    (r"https://raw\.githubusercontent\.com/argoproj/argo-cd/(v[\d.]+)/manifests/install\.yaml",
     "github.com/argoproj/argo-cd/v3", ["manifests/install.yaml"]),
    (r"https://raw\.githubusercontent\.com/argoproj/argo-events/(v[\d.]+)/manifests/install\.yaml",
     "github.com/argoproj/argo-events", ["manifests/install.yaml"]),
    (r"https://raw\.githubusercontent\.com/argoproj/argo-events/(v[\d.]+)/manifests/install-validating-webhook\.yaml",
     "github.com/argoproj/argo-events", ["manifests/install-validating-webhook.yaml"]),
    # Tekton's release.yaml is these files with images filled in.
    (r".*/pipeline/previous/(v[\d.]+)/release\.yaml", "github.com/tektoncd/pipeline",
     ["config/*.yaml", "config/100-namespace/*.yaml", "config/300-crds/*.yaml", "config/resolvers/*.yaml"]),
    (r".*/triggers/previous/(v[\d.]+)/release\.yaml", "github.com/tektoncd/triggers", ["config/*.yaml"]),
    (r".*/triggers/previous/(v[\d.]+)/interceptors\.yaml", "github.com/tektoncd/triggers", ["config/interceptors/*.yaml"]),
    # The variant that its Makefile publishes as default.yaml.
    (r".*/hierarchical-namespaces/releases/download/(v[\d.]+)/default\.yaml", "sigs.k8s.io/hierarchical-namespaces",
     ["config/variants/default-cc"]),
]

MANIFESTS_NOT_HAD = {
    r".*/tekton-releases/dashboard/.*": "the module is not served",
}


def read_manifest(url):
    """The text of a manifest that a kustomization names by URL; `None` where no registry has it."""
    for pattern, module, files in MANIFESTS:
        if found := re.fullmatch(pattern, url):
            folder = download_module(module, found[1])
            return "\n---\n".join(read_part(path) for name in files for path in sorted(folder.glob(name)))
    if any(re.fullmatch(pattern, url) for pattern in MANIFESTS_NOT_HAD):
        return None
    raise RuntimeError(f"{url}: say in modules.py where it comes from, or that it is not to be had")


def read_part(path):
    """A file, or what a kustomization makes; its warnings are about upstream's own old forms."""
    if path.is_dir():
        return subprocess.run(["kubectl", "kustomize", path], check=True, capture_output=True, text=True).stdout
    return path.read_text()
