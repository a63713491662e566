"""The built-in catalog, and what of it no guide's request brings."""

import re

import yaml

from charts import check_values, merge, use_chart
from rendered import list_additions, list_patched
from sandbox import WORKSPACE

CATALOG = WORKSPACE / "crates/domain/catalog.yaml"
STORAGE_CLASS = "fast"
TABLE = "### Kubernetes, component by component"


def read_catalog():
    return yaml.safe_load(CATALOG.read_text())


def read_sources():
    """Where everything is installed from, by the names of components and charts."""
    catalog = read_catalog()
    sources = {entry["name"]: entry["source"] for entry in catalog["components"] if entry["source"] != "none"}
    return {**sources, **{chart["name"]: {"helm": chart["helm"]} for chart in catalog["charts"]}}


def check_additions(clone, uses):
    """Every property without a default is in a request, and what it is there for is written."""
    properties = [item for entry in read_catalog()["components"] for item in entry.get("properties", {}).items()]
    wanted = {name for name, rule in properties if "default" not in rule}
    sent = list_additions()
    assert wanted == sent == BROUGHT.keys(), f"the catalog has {wanted}, requests have {sent}, {BROUGHT.keys()} are looked for"
    lost = [name for name, is_there in BROUGHT.items() if not is_there(clone, uses)]
    assert not lost, f"nothing is written for {lost}"
    return True, ", ".join(sorted(sent))


def has_default_certificate(_, uses):
    stores = [use.values.get("tlsStore") for use in uses if use.chart == "traefik"]
    return stores.count({"default": {"defaultCertificate": {"secretName": "wildcard"}}}) == 2


def has_default_role(clone, _):
    return [thing["data"] for thing in list_patched(clone, "argocd-rbac-cm")] == [{"policy.default": "role:readonly"}]


def has_forwarded_login(clone, _):
    path = clone / "runtimes/pipeline-runtime/traefik/overlays/production/middleware-oauth.yaml"
    middlewares = {thing["metadata"]["name"]: thing["spec"] for thing in yaml.safe_load_all(path.read_text())}
    return middlewares["oauth-forward"]["forwardAuth"]["authResponseHeaders"] == ["Authorization"]


BROUGHT = {"tlsSecret": has_default_certificate, "defaultRole": has_default_role, "forwardLogin": has_forwarded_login}


def check_cert_manager(helm, folder):
    """The chart with the values of a component that no kind of cluster installs yet. They are read from the source, as what
    is written has none."""
    source = (WORKSPACE / "crates/domain/src/render/components/cert_manager.rs").read_text()
    values = yaml.safe_load(re.search(r"values: Some\(json!\((\{.*\})\)\)", source)[1])
    objects = check_values(helm, use_chart(read_sources()["cert-manager"]["helm"], values), folder)
    definitions = [thing for thing in objects if thing["kind"] == "CustomResourceDefinition"]
    assert len(definitions) > 5, f"{values} bring {len(definitions)} definitions"
    return True, f"{len(definitions)} definitions by {values}"


def check_storage_class(helm, use, folder):
    """What the catalog's head says of hosts without a default StorageClass, with everything else that the product sets."""
    head = " ".join(line.lstrip("# ") for line in CATALOG.read_text().split("\ncomponents:")[0].splitlines())
    text = re.search(r"StorageClass for virtual clusters on hosts without a default one: values: (\{.*NAME\}+)", head)[1]
    values = yaml.safe_load(text.replace("NAME", STORAGE_CLASS))
    objects = check_values(helm, use_chart({"chart": use.chart, "version": use.version}, merge(use.values, values)), folder)
    (control_plane,) = [thing for thing in objects if thing["kind"] == "StatefulSet"]
    claims = [claim["spec"].get("storageClassName") for claim in control_plane["spec"]["volumeClaimTemplates"]]
    assert claims == [STORAGE_CLASS], f"the volumes' classes are {claims}"
    return True, f"the virtual cluster's volume is of the class by {values}"


def check_version_table():
    """The table of docs/deploy.md has a row for everything that is installed, with the catalog's versions."""
    section = (WORKSPACE / "docs/deploy.md").read_text().split(f"\n{TABLE}\n")[1].split("\n#")[0]
    rows = dict(re.findall(r"^\| `([\w-]+)`[^|]*\|([^|]*)\|", section, re.MULTILINE))
    wanted = {name: list_versions(source) for name, source in read_sources().items()}
    assert list(rows) == list(wanted), f"the table has {list(rows)}, the catalog {list(wanted)}"
    shown = {name: set(re.findall(r"v?\d+(?:\.\d+)+", text)) for name, text in rows.items()}
    wrong = {name: versions for name, versions in wanted.items() if not versions <= shown[name]}
    assert not wrong, f"the catalog has {wrong}"
    return True, f"{len(rows)} rows"


def list_versions(source):
    if "helm" in source:
        return {source["helm"]["version"]}
    return {version for url in source["manifests"] for version in re.findall(r"/(v[\d.]+)/", url)}
