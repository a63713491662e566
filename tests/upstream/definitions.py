"""Objects against the schemas of Kubernetes itself and of the custom resources' own definitions; a field that is not in
the schema is an error, as for an API server with strict validation."""

import functools

import jsonschema
import kubernetes_validate
import yaml

from modules import DEFINITIONS, DEFINITIONS_NOT_HAD, download_module
from sandbox import WORKSPACE

# The oldest Kubernetes that a management cluster may have (docs/deploy.md, which names no newest), and the one of tests/real.
# Those of registered clusters are in between.
KUBERNETES = ["1.31", "1.37"]

OWN_GROUP = "nautes.resource.nautes.io"


def read_documents(path):
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def definition_files(group):
    if group == OWN_GROUP:
        return [*WORKSPACE.glob("deploy/crds/*.yaml"), *WORKSPACE.glob("tests/crds/*.nautes.io.yaml")]
    module, version, files = DEFINITIONS[group]
    return sorted(download_module(module, version).glob(files))


@functools.cache
def read_definitions(group):
    """Closed schemas of a group, by version and kind."""
    schemas = {}
    for path in definition_files(group):
        for definition in read_documents(path):
            spec = definition.get("spec", {})
            for version in spec.get("versions", []) if spec.get("group") == group else []:
                key = version["name"], spec["names"]["kind"]
                schemas[key] = close_schema(version["schema"]["openAPIV3Schema"])
    assert schemas, f"{group}: no definitions found"
    return schemas


def close_schema(schema):
    """A structural schema as JSON Schema in which unknown fields are errors."""
    schema = dict(schema)
    if schema.pop("x-kubernetes-int-or-string", False):
        schema.pop("type", None)
        schema["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    if schema.pop("nullable", False) and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    if "properties" in schema:
        schema["properties"] = {name: close_schema(value) for name, value in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
    for inner in ["items", "additionalProperties"]:
        if isinstance(schema.get(inner), dict):
            schema[inner] = close_schema(schema[inner])
    return schema


def is_own_kind(group):
    """Kinds of Kubernetes itself: groups without a dot, or below k8s.io."""
    return "." not in group or group.endswith(".k8s.io")


def validate_object(thing):
    """Errors of an object; `None` where its definition is not to be had."""
    group, _, version = thing["apiVersion"].rpartition("/")
    kind = thing["kind"]
    if is_own_kind(group):
        return [error for error in (validate_own_kind(thing, version) for version in KUBERNETES) if error]
    if group in DEFINITIONS_NOT_HAD:
        return None
    schema = read_definitions(group).get((version, kind))
    if schema is None:
        return [f"{group} has no {kind} in {version}"]
    schema = {**schema, "properties": {**schema["properties"], "metadata": {"type": "object"}}}
    errors = jsonschema.Draft202012Validator(schema).iter_errors(thing)
    return [f"{error.json_path}: {error.message[:300]}" for error in errors]


def validate_own_kind(thing, version):
    try:
        kubernetes_validate.validate(thing, version, strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
        return f"Kubernetes {version}: {error.message[:300]}"
    return None
