"""Images by their digests, as docs/deploy.md shows it in a catalog: upstream's charts and manifests take every one."""

import functools
import re
import shutil
from dataclasses import replace

import yaml

from charts import check_values, merge
from modules import read_manifest
from overlays import kustomize
from sandbox import WORKSPACE

SECTION = "## Images by digest"
DIGEST = "sha256:" + 64 * "a"

# What HNC's Makefile fills in for a release; its module has the manifests before that.
FILLED_IN = {"image: controller:latest": "image: gcr.io/k8s-staging-multitenancy/hnc-manager:v1.1.0"}


# Components that need no line in the section.
PINNED_UPSTREAM = {"tekton": "its release files name every image by tag and digest"}

# Images that kustomize's `images` does not reach; the section says so.
BY_TAG = {"argo-events": {"environment", "ConfigMap"}}

# Images that are in no object of a chart, and the value that names them.
BY_VALUE = {"vcluster": ["controlPlane", "coredns", "deployment", "image"]}

IMAGE = r"(?:[\w.-]+(?::\d+)?/)+[\w.-]+[:@][\w.:@-]+"


def read_pins():
    """The catalog in the section, by the names of components and charts, with a digest in the place of its dots."""
    section = (WORKSPACE / "docs/deploy.md").read_text().split(f"\n{SECTION}\n")[1]
    text = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)[1]
    assert text.count("sha256:…") > 5, "the section pins hardly anything"
    catalog = yaml.safe_load(text.replace("sha256:…", DIGEST))
    components = {entry["name"]: entry["source"] for entry in catalog["components"]}
    return {**components, **{chart["name"]: chart for chart in catalog["charts"]}}


def check_pin_list(pins, sources):
    """Everything that is installed is in the section or needs no line there, and nothing else is."""
    unpinned = sorted(sources.keys() - pins.keys() - PINNED_UPSTREAM.keys())
    assert not unpinned, f"neither pinned nor with a reason: {unpinned}"
    idle = sorted((pins.keys() | PINNED_UPSTREAM.keys()) - sources.keys() | pins.keys() & PINNED_UPSTREAM.keys())
    assert not idle, f"not in the catalog, or pinned in spite of a reason: {idle}"
    return True, f"{len(pins)} pinned, without a line {PINNED_UPSTREAM}"


def list_images(objects):
    """Images with the places that name them: what a controller starts later is in its arguments, environment or settings."""
    for thing in objects:
        if thing["kind"] == "ConfigMap":
            text = "\n".join((thing.get("data") or {}).values())
            yield from (("ConfigMap", image) for image in re.findall(r"[iI]mage: *[\"']?([\w./-]+[:@][\w.:@-]+)", text))
        pod = ((thing.get("spec") or {}).get("template") or {}).get("spec") or {}
        for container in pod.get("initContainers", []) + pod.get("containers", []):
            yield "container", container["image"]
            arguments = container.get("command", []) + container.get("args", [])
            found = [re.fullmatch(rf"(?:--?[\w.-]+=)?({IMAGE})", argument) for argument in arguments]
            yield from (("arguments", match[1]) for match in found if match)
            values = [variable.get("value") or "" for variable in container.get("env", [])]
            yield from (("environment", value) for value in values if re.fullmatch(IMAGE, value))


def assert_pinned(name, objects):
    images = set(list_images(objects))
    tags = sorted(found for found in images if not found[1].endswith(f"@{DIGEST}"))
    wrong = [found for found in tags if found[0] not in BY_TAG.get(name, ())]
    assert images and not wrong, f"without a digest: {wrong}"
    idle = BY_TAG.get(name, set()) - {place for place, _ in tags}
    assert not idle, f"nothing is by tag in {idle} any more"
    by_tag = f", by tag those in {' and '.join(sorted(BY_TAG[name]))}" if tags else ""
    return f"{len(images) - len(tags)} images{by_tag}"


def check_tags_are_found():
    """In every place where an image may stand."""
    pinned = {"image": f"registry.example.com/a@{DIGEST}"}
    places = [{"image": "registry.example.com/a:1"}, {**pinned, "args": ["--image=a/b:1"]},
              {**pinned, "command": ["run", "registry.example.com:5000/a/b:1"]},
              {**pinned, "env": [{"name": "IMAGE", "value": f"a/b:1@{DIGEST[:-1]}"}]}]
    objects = [{"kind": "Deployment", "spec": {"template": {"spec": {"containers": [place]}}}} for place in places]
    objects.append({"kind": "ConfigMap", "data": {"settings": "versions:\n- natsImage: nats:1"}})
    for thing in objects:
        try:
            assert_pinned("", [thing])
        except AssertionError:
            continue
        raise AssertionError(f"nothing is found in {thing}")
    return True, f"found in {len(objects)} places"


def pin_chart(helm, use, values, folder):
    """The chart with the digests and everything else that the product sets."""
    if use.chart in BY_VALUE:
        image = functools.reduce(lambda inner, step: inner[step], BY_VALUE[use.chart], values)
        assert image.endswith(f"@{DIGEST}"), f"without a digest: {image}"
    return assert_pinned(use.chart, check_values(helm, replace(use, values=merge(use.values, values)), folder))


def pin_manifests(name, urls, images, folder):
    """Upstream's manifests under a kustomization that has the images, as the product writes it."""
    target = folder / "pinned"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    files = []
    for number, url in enumerate(urls):
        files.append(f"upstream-{number}.yaml")
        text = read_manifest(url)
        for before, after in FILLED_IN.items():
            text = text.replace(before, after)
        (target / files[-1]).write_text(text)
    (target / "kustomization.yaml").write_text(yaml.safe_dump({"resources": files, "images": images}))
    return assert_pinned(name, kustomize(target))
