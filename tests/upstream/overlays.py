"""Kustomizations that name upstream manifests by URL, built over the real ones as far as a registry has them."""

import shutil
import subprocess

import yaml

from modules import read_manifest


def list_overlays(clone):
    """Folders whose kustomization names a URL, with the URLs."""
    for path in sorted(clone.rglob("kustomization.yaml")):
        resources = yaml.safe_load(path.read_text()).get("resources") or []
        if urls := [resource for resource in resources if resource.startswith("https://")]:
            yield path.parent, urls


def build_overlay(overlay, urls, folder):
    """The number of objects, and the URLs that had to be left out."""
    copy = folder / "overlay"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(overlay, copy)
    path = copy / "kustomization.yaml"
    kustomization = yaml.safe_load(path.read_text())
    missing = []
    for number, url in enumerate(urls):
        kustomization["resources"].remove(url)
        text = read_manifest(url)
        if text is None:
            missing.append(url)
            continue
        (copy / f"upstream-{number}.yaml").write_text(text)
        kustomization["resources"].append(f"upstream-{number}.yaml")
    path.write_text(yaml.safe_dump(kustomization))
    return len(kustomize(copy)), missing


def kustomize(folder):
    """The objects that a kustomization makes, without a warning."""
    result = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True)
    assert result.returncode == 0 and not result.stderr, result.stderr[:2000]
    return [document for document in yaml.safe_load_all(result.stdout) if document]
