//! Resources out of CustomResourceDefinitions.

use std::sync::Arc;

use serde_json::Value;

use crate::resource::{ApiResource, GroupResource};
use crate::schema::SchemaNode;
use crate::table::{TableColumn, custom_columns};

/// The served versions of a definition.
pub fn resources_of(
    definition: &Value,
    object_meta: &Arc<SchemaNode>,
) -> Result<Vec<ApiResource>, String> {
    let spec = definition.get("spec").ok_or("no spec")?;
    let versions = spec
        .get("versions")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    versions
        .iter()
        .filter(|version| version.get("served").and_then(Value::as_bool) == Some(true))
        .map(|version| resource(spec, version, object_meta))
        .collect()
}

/// The schema of one version, complete with what every object has; an error where it is not structural.
pub fn check_schema(version: &Value, object_meta: &Arc<SchemaNode>) -> Result<SchemaNode, String> {
    let text = version
        .pointer("/schema/openAPIV3Schema")
        .ok_or("schemas are required")?;
    let mut schema = SchemaNode::from_json(text)?;
    if schema.type_name != "object" {
        return Err("must be object at the root".into());
    }
    for name in ["apiVersion", "kind"] {
        schema
            .properties
            .insert(name.into(), Arc::new(SchemaNode::of("string")));
    }
    schema
        .properties
        .insert("metadata".into(), object_meta.clone());
    Ok(schema)
}

fn resource(
    spec: &Value,
    version: &Value,
    object_meta: &Arc<SchemaNode>,
) -> Result<ApiResource, String> {
    let text = |value: &Value, pointer: &str| {
        value
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let kind = text(spec, "/names/kind");
    let or = |given: String, default: String| if given.is_empty() { default } else { given };
    let columns: Vec<TableColumn> = custom_columns(version);
    Ok(ApiResource {
        id: GroupResource::new(&text(spec, "/group"), &text(spec, "/names/plural")),
        version: text(version, "/name"),
        list_kind: or(text(spec, "/names/listKind"), format!("{kind}List")),
        singular: or(text(spec, "/names/singular"), kind.to_lowercase()),
        kind,
        short_names: strings(spec.pointer("/names/shortNames")),
        categories: strings(spec.pointer("/names/categories")),
        namespaced: text(spec, "/scope") == "Namespaced",
        status: version.pointer("/subresources/status").is_some(),
        custom: true,
        storage: version.get("storage").and_then(Value::as_bool) == Some(true),
        virtual_create: false,
        schema: Arc::new(check_schema(version, object_meta)?),
        columns: Arc::new(columns),
    })
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let elements = value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    elements
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
