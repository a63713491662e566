//! `/openapi/v3`: schemas for `kubectl explain`, and the operations' parameters that kubectl looks for.

use serde_json::{Map, Value, json};

use crate::registry::Registry;
use crate::resource::Resource;
use crate::schema::to_json;

/// Which groups have documents.
pub fn index(registry: &Registry) -> Value {
    let mut paths = Map::new();
    for (group, versions) in registry.groups() {
        for version in versions {
            let path = if group.is_empty() {
                format!("api/{version}")
            } else {
                format!("apis/{group}/{version}")
            };
            let url = json!({ "serverRelativeURL": format!("/openapi/v3/{path}") });
            paths.insert(path, url);
        }
    }
    json!({ "paths": paths })
}

/// The document of one group and version.
pub fn document(registry: &Registry, group: &str, version: &str) -> Option<Value> {
    let resources = registry.of_version(group, version);
    if resources.is_empty() {
        return None;
    }
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for resource in &resources {
        schemas.insert(schema_name(resource), schema(resource));
        if !resource.virtual_create {
            let (collection, item) = urls(resource);
            paths.insert(
                collection,
                json!({ "get": read(resource, "list"), "post": write(resource, "post") }),
            );
            let object = json!({
                "get": read(resource, "get"), "put": write(resource, "put"), "patch": write(resource, "patch"),
                "delete": write(resource, "delete"),
            });
            paths.insert(item, object);
        }
    }
    Some(json!({
        "openapi": "3.0.0", "info": { "title": "Kubernetes", "version": "v1" },
        "paths": paths, "components": { "schemas": schemas },
    }))
}

fn schema_name(resource: &Resource) -> String {
    let mut parts: Vec<&str> = resource
        .id
        .group
        .split('.')
        .filter(|part| !part.is_empty())
        .collect();
    parts.reverse();
    parts.extend([resource.version.as_str(), resource.kind.as_str()]);
    parts.join(".")
}

fn kind(resource: &Resource) -> Value {
    json!({ "group": resource.id.group, "version": resource.version, "kind": resource.kind })
}

fn schema(resource: &Resource) -> Value {
    let mut schema = to_json(&resource.schema);
    crate::object::set_field(
        &mut schema,
        "x-kubernetes-group-version-kind",
        Some(json!([kind(resource)])),
    );
    schema
}

fn urls(resource: &Resource) -> (String, String) {
    let root = if resource.id.group.is_empty() {
        format!("/api/{}", resource.version)
    } else {
        format!("/apis/{}/{}", resource.id.group, resource.version)
    };
    let scope = if resource.namespaced {
        "/namespaces/{namespace}"
    } else {
        ""
    };
    let collection = format!("{root}{scope}/{}", resource.id.resource);
    let item = format!("{collection}/{{name}}");
    (collection, item)
}

fn read(resource: &Resource, action: &str) -> Value {
    operation(resource, action, &[])
}

fn write(resource: &Resource, action: &str) -> Value {
    operation(
        resource,
        action,
        &["dryRun", "fieldManager", "fieldValidation", "force"],
    )
}

fn operation(resource: &Resource, action: &str, parameters: &[&str]) -> Value {
    let parameters: Vec<Value> = parameters
        .iter()
        .map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string", "uniqueItems": true } }))
        .collect();
    json!({
        "parameters": parameters,
        "responses": { "200": {
            "description": "OK",
            "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{}", schema_name(resource)) } } },
        } },
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": kind(resource),
    })
}
