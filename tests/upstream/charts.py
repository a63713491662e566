"""Values that the product sets, against the charts that take them: Helm drops a key that a chart does not have in silence."""

import json
import shutil
import subprocess
from dataclasses import dataclass

import yaml

from definitions import KUBERNETES, validate_object
from modules import CHARTS, CHARTS_NOT_HAD, DEFINITIONS, download_module


@dataclass
class ChartUse:
    """A chart as an Application names it."""

    chart: str
    version: str
    release: str
    namespace: str
    values: dict


def list_chart_uses(objects):
    for _, thing in objects:
        if thing["kind"] != "Application":
            continue
        spec = thing["spec"]
        for source in spec.get("sources") or [spec["source"]]:
            if "chart" in source:
                helm = source.get("helm", {})
                assert not helm.keys() - {"releaseName", "valuesObject", "skipCrds"}, f"values in another form: {helm.keys()}"
                yield ChartUse(source["chart"], source["targetRevision"], helm.get("releaseName", source["chart"]),
                               spec["destination"]["namespace"], helm.get("valuesObject", {}))


def use_chart(helm, values):
    """A chart as the catalog names it, with values that no Application has yet."""
    return ChartUse(helm["chart"], helm["version"], helm["chart"], helm["chart"], values)


def copy_chart(name, version, folder):
    """A copy without dependencies: they come from other registries, and none of them is switched on."""
    module, pattern, path = CHARTS[name]
    target = folder / "charts" / name
    if not target.exists():
        shutil.copytree(download_module(module, pattern.format(version)) / path, target, copy_function=shutil.copyfile)
        chart = yaml.safe_load((target / "Chart.yaml").read_text())
        chart.pop("dependencies", None)
        (target / "Chart.lock").unlink(missing_ok=True)
        (target / "Chart.yaml").write_text(yaml.safe_dump(chart))
    return target


def read_schema(chart):
    path = chart / "values.schema.json"
    return json.loads(path.read_text()) if path.exists() else {}


def resolve(schema, root):
    """A schema behind a reference into the same document."""
    while isinstance(schema, dict) and "$ref" in schema:
        reference, schema = schema["$ref"], root
        for step in reference.removeprefix("#/").split("/"):
            schema = schema[step]
    return schema if isinstance(schema, dict) else {}


def find_unknown_keys(values, defaults, schema, root, path=""):
    """Paths of keys that neither the chart's values nor its schema have. Below an empty map keys are free."""
    schema = resolve(schema, root)
    properties = schema.get("properties", {})
    # What every other key of a map has, such as each of Traefik's ports.
    others = schema.get("additionalProperties")
    others = others if isinstance(others, dict) else None
    free = not properties and not (isinstance(defaults, dict) and defaults)
    for key, value in values.items():
        known = isinstance(defaults, dict) and key in defaults
        if not free and not known and key not in properties and others is None:
            yield f"{path}.{key}"
        elif isinstance(value, dict) and not free:
            inner = defaults.get(key) if known else None
            yield from find_unknown_keys(value, inner, properties.get(key, others or {}), root, f"{path}.{key}")


def render_chart(helm, use, chart, folder):
    """Objects of the chart with our values; Helm holds them to the chart's schema."""
    values = folder / "values.yaml"
    values.write_text(yaml.safe_dump(use.values))
    command = [helm, "template", use.release, chart, "--namespace", use.namespace, "--values", values, "--include-crds",
               "--kube-version", KUBERNETES[-1]]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[:2000]
    return [document for document in yaml.safe_load_all(result.stdout) if document]


def merge(values, over):
    """As the product does it: mappings are merged, everything else is replaced."""
    if not isinstance(values, dict) or not isinstance(over, dict):
        return over
    return {**values, **{key: merge(values.get(key), inner) for key, inner in over.items()}}


def check_values(helm, use, folder):
    """The objects of a chart that has every key of the values."""
    chart = copy_chart(use.chart, use.version, folder)
    defaults = yaml.safe_load((chart / "values.yaml").read_text())
    schema = read_schema(chart)
    unknown = list(find_unknown_keys({**use.values, "slip": 1}, defaults, schema, schema))
    # The slip shows that the others would be found.
    assert unknown == [".slip"], f"the chart {use.chart} has no {unknown}"
    return render_chart(helm, use, chart, folder)


def check_chart(helm, use, folder):
    """The check in words; `None` where no registry has the chart."""
    if use.chart in CHARTS_NOT_HAD:
        return None
    objects = check_values(helm, use, folder)
    # Values may be objects' fields, such as those of a TLSStore: the chart takes any, their definition does not.
    errors = [error for thing in objects if thing["apiVersion"].split("/")[0] in DEFINITIONS for error in validate_object(thing)]
    assert not errors, f"the chart {use.chart} writes {errors}"
    module, version, _ = CHARTS[use.chart]
    return f"{len(objects)} objects, by the chart in {module}@{version.format(use.version)}"
