"""Whether patches and replacements found what they change: kustomize says nothing where a target matches no object."""

import copy
import json
import re

import yaml

SELECTORS = ["group", "version", "kind", "name"]


def find_selected(objects, selector):
    """The objects that a target or `select` matches. Kustomize takes its values as anchored regular expressions."""
    assert selector and not selector.keys() - set(SELECTORS), f"a selector in another form: {selector}"
    return [thing for thing in objects if all(matches(thing, key, value) for key, value in selector.items())]


def matches(thing, key, pattern):
    group, _, version = thing["apiVersion"].rpartition("/")
    values = {"group": group, "version": version, "kind": thing["kind"], "name": thing["metadata"]["name"]}
    return re.fullmatch(pattern, values[key]) is not None


def list_selectors(kustomization):
    """Every selector, with what it belongs to in words."""
    for patch in kustomization.get("patches") or []:
        yield f"the patch {patch.get('path') or patch['patch'][:60]}", patch["target"]
    for replacement in kustomization.get("replacements") or []:
        for target in replacement["targets"]:
            yield f"the replacement of {', '.join(target['fieldPaths'])}", target["select"]


def list_lost(kustomization, objects):
    """The selectors that match nothing of what was built, in words."""
    selectors = list_selectors(kustomization)
    return [f"{what} finds no {selector}" for what, selector in selectors if not find_selected(objects, selector)]


def check_changes(folder, kustomization, objects):
    """What patches and replacements say stands in every object that they match."""
    for patch in kustomization.get("patches") or []:
        change = yaml.safe_load(patch["patch"] if "patch" in patch else (folder / patch["path"]).read_text())
        for thing in find_selected(objects, patch["target"]):
            assert has_change(thing, change), f"{thing['kind']} {thing['metadata']['name']} lacks {json.dumps(change)[:300]}"
    for replacement in kustomization.get("replacements") or []:
        value = read_source(folder, kustomization, replacement["source"])
        for target in replacement["targets"]:
            for thing in find_selected(objects, target["select"]):
                found = [each for path in target["fieldPaths"] for each in list_values(thing, path.split("."))]
                where = f"{thing['kind']} {thing['metadata']['name']}"
                assert found and set(found) == {value}, f"{where}: {found} in place of {value}"


def has_change(thing, change):
    """A list is JSON patch operations, anything else a strategic merge patch."""
    if not isinstance(change, list):
        return is_part(change, thing)
    return all(has_operation(thing, operation) for operation in change)


def has_operation(thing, operation):
    assert operation["op"] in ("add", "replace"), f"an operation of another kind: {operation}"
    *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
    for step in steps:
        thing = thing[int(step) if isinstance(thing, list) else step]
    if last == "-":
        return operation["value"] in thing
    return thing[int(last) if isinstance(thing, list) else last] == operation["value"]


def is_part(part, whole):
    """Keys of mappings, and items of lists in any order."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and is_part(value, whole[key]) for key, value in part.items())
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(is_part(item, other) for other in whole) for item in part)
    return part == whole


def read_source(folder, kustomization, source):
    """The value that a replacement copies. It comes from the folder's own files, for kustomize leaves such an object out."""
    files = [folder / name for name in kustomization["resources"] if not name.startswith("https://")]
    things = [thing for path in files for thing in yaml.safe_load_all(path.read_text()) if thing]
    selector = {key: value for key, value in source.items() if key in SELECTORS}
    (thing,) = find_selected(things, selector)
    (value,) = list_values(thing, source["fieldPath"].split("."))
    return value


def list_values(thing, steps):
    """Values at a field path, in which `*` is every item of a list."""
    if not steps:
        return [thing]
    step, *rest = steps
    items = thing if step == "*" else [thing[step]]
    return [value for item in items for value in list_values(item, rest)]


def slip_selectors(kustomization):
    """The kustomization with a slip in each selector."""
    slipped = copy.deepcopy(kustomization)
    for _, selector in list_selectors(slipped):
        selector["kind"] += "Slip"
    return slipped
