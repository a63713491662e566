"""What the patches of each component are for, looked for in what was built. Nothing here reads the patches, so one that is
left out is missed."""

import functools
import tempfile
import urllib.parse
from pathlib import Path

import yaml

from overlays import build_overlay, list_overlays
from patches import find_selected
from rendered import SETTINGS

NAMESPACE_OF_HNC = "hnc-system"


def check_effects(overlay, objects):
    """What was found, in words; `None` for a component whose kustomization patches nothing."""
    component = overlay.parents[1].name
    assert component in EFFECTS, f"say in effects.py what the patches of {component} are for"
    check = EFFECTS[component]
    return check(overlay, objects) if check else None


def check_hnc(overlay, objects):
    webhooks = []
    for kind in ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]:
        configurations = find_selected(objects, {"kind": kind})
        assert configurations, f"no {kind}"
        webhooks += [webhook for thing in configurations for webhook in thing["webhooks"]]
    (manager,) = find_selected(objects, {"kind": "Deployment", "name": "hnc-controller-manager"})
    arguments = manager["spec"]["template"]["spec"]["containers"][0]["args"]
    namespaces = list_namespaces(overlay.parents[2])
    waiting = [webhook["name"] for webhook in webhooks if webhook.get("failurePolicy") != "Ignore"]
    watched = sorted(name for name in namespaces if f"--excluded-namespace={name}" not in arguments)
    assert not waiting and not watched, f"callers wait for {waiting}, HNC looks after {watched}"
    return f"{len(webhooks)} webhooks wait for nobody, {len(namespaces)} namespaces are left alone"


@functools.cache
def list_namespaces(runtime):
    """Where a cluster's components are installed, and what they bring along as namespaces, HNC's own left out: upstream excludes
    that one. Argo CD's Application is generated, but its kustomization names the namespace."""
    applications = [yaml.safe_load(path.read_text()) for path in runtime.glob("production/*-app.yaml")]
    argocd = yaml.safe_load((runtime / "argocd/overlays/production/kustomization.yaml").read_text())
    namespaces = {application["spec"]["destination"]["namespace"] for application in applications}
    brought = {thing["metadata"]["name"] for thing in find_selected(build_runtime(runtime), {"kind": "Namespace"})}
    assert "tekton-pipelines" not in namespaces or "tekton-pipelines-resolvers" in brought, "Tekton brings no namespace any more"
    return (namespaces | brought | {argocd["namespace"], "nautes"}) - {NAMESPACE_OF_HNC}


def build_runtime(runtime):
    """The objects of all of a cluster's kustomizations, with upstream's as far as a registry has them."""
    urls, objects = dict(list_overlays(runtime)), []
    for path in sorted(runtime.glob("*/overlays/production")):
        with tempfile.TemporaryDirectory() as folder:
            objects += build_overlay(path, urls.get(path, []), Path(folder)).objects
    return objects


def check_tekton(_, objects):
    autoscalers = find_selected(objects, {"kind": "HorizontalPodAutoscaler"})
    assert autoscalers, "no HorizontalPodAutoscaler: the patch has nothing to do any more"
    for thing in autoscalers:
        ignored = thing["metadata"].get("annotations", {}).get("argocd.argoproj.io/ignore-healthcheck")
        assert ignored == "true", f"{thing['metadata']['name']} is Degraded without a metrics server"
    return f"the health of {len(autoscalers)} autoscalers does not count"


def check_argocd(overlay, objects):
    def data(name):
        (thing,) = find_selected(objects, {"kind": "ConfigMap", "name": name})
        return thing.get("data", {})

    settings = data("argocd-cm")
    assert settings.get("url", "").startswith("https://argocd"), "Argo CD does not know its URL"
    assert yaml.safe_load(settings["dex.config"])["connectors"][0]["config"]["issuer"], "nobody can log in"
    assert data("argocd-cmd-params-cm").get("server.insecure") == "true", "the gateway would be answered by TLS"
    host = urllib.parse.urlsplit(SETTINGS["git_url"]).hostname
    assert host in data("argocd-tls-certs-cm"), f"the certificate of {host} is not trusted"
    (dex,) = find_selected(objects, {"kind": "Deployment", "name": "argocd-dex-server"})
    (container,) = dex["spec"]["template"]["spec"]["containers"]
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    volumes = {volume["name"] for volume in dex["spec"]["template"]["spec"]["volumes"]}
    assert {"idp-ca-secret", "static-files"} <= mounts <= volumes, "Dex lacks the issuer's certificates, or its own files"
    namespace = yaml.safe_load((overlay / "kustomization.yaml").read_text())["namespace"]
    for binding in find_selected(objects, {"kind": "ClusterRoleBinding"}):
        assert binding["subjects"][0]["namespace"] == namespace, f"{binding['metadata']['name']} leads elsewhere"
    return f"its login, its URL, its certificates and its bindings in {namespace}"


# By the folder of a component; `None` where nothing is patched.
EFFECTS = {"argocd": check_argocd, "argoevents": None, "hnc": check_hnc, "tekton": check_tekton}
