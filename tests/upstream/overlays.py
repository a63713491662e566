"""Kustomizations that name upstream manifests by URL, built over the real ones as far as a registry has them."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml

from modules import read_manifest


def list_overlays(clone):
    """Folders whose kustomization names a URL, with the URLs."""
    for path in sorted(clone.rglob("kustomization.yaml")):
        resources = yaml.safe_load(path.read_text()).get("resources") or []
        if urls := [resource for resource in resources if resource.startswith("https://")]:
            yield path.parent, urls


@dataclass
class Build:
    """A kustomization over upstream's manifests, and what it makes."""

    folder: Path
    kustomization: dict
    objects: list
    missing: list


def build_overlay(overlay, urls, folder):
    """Builds a copy in which manifests stand for their URLs; those that are not to be had are left out."""
    copy = folder / "overlay"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(overlay, copy)
    kustomization = yaml.safe_load((copy / "kustomization.yaml").read_text())
    missing = []
    for number, url in enumerate(urls):
        kustomization["resources"].remove(url)
        text = read_manifest(url)
        if text is None:
            missing.append(url)
            continue
        (copy / f"upstream-{number}.yaml").write_text(text)
        kustomization["resources"].append(f"upstream-{number}.yaml")
    return Build(copy, kustomization, rebuild(copy, kustomization), missing)


def rebuild(folder, kustomization):
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return kustomize(folder)


def kustomize(folder):
    """The objects that a kustomization makes, without a warning."""
    result = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True)
    assert result.returncode == 0 and not result.stderr, result.stderr[:2000]
    return [document for document in yaml.safe_load_all(result.stdout) if document]
