"""Images by their digests, as docs/deploy.md shows it in a catalog: upstream's charts and manifests take every one."""

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


def read_pins():
    """The catalog in the section, with a digest in the place of its dots."""
    section = (WORKSPACE / "docs/deploy.md").read_text().split(f"\n{SECTION}\n")[1]
    text = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)[1]
    assert text.count("sha256:…") > 5, "the section pins hardly anything"
    return yaml.safe_load(text.replace("sha256:…", DIGEST))


def list_images(objects):
    """Images of all containers."""
    for thing in objects:
        pod = ((thing.get("spec") or {}).get("template") or {}).get("spec") or {}
        for container in pod.get("initContainers", []) + pod.get("containers", []):
            yield container["image"]


def assert_pinned(objects):
    images = set(list_images(objects))
    tags = sorted(image for image in images if not image.endswith(f"@{DIGEST}"))
    assert images and not tags, f"without a digest: {tags}"
    return f"{len(images)} images"


def pin_chart(helm, use, values, folder):
    """The chart with the digests and everything else that the product sets."""
    return assert_pinned(check_values(helm, replace(use, values=merge(use.values, values)), folder))


def pin_manifests(urls, images, folder):
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
    return assert_pinned(kustomize(target))
