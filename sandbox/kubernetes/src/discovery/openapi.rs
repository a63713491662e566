//! `/openapi/v3` without schemas: `kubectl apply` looks here whether the server checks fields itself.

use serde_json::{Map, Value, json};

use crate::registry::ResourceRegistry;
use crate::resource::ApiResource;

/// Groups that have documents.
pub fn index(registry: &ResourceRegistry) -> Value {
    let mut paths = Map::new();
    for (group, versions) in registry.groups() {
        for version in versions {
            let path = root(&group, &version);
            let url = json!({ "serverRelativeURL": format!("/openapi/v3/{path}") });
            paths.insert(path, url);
        }
    }
    json!({ "paths": paths })
}

/// The document of one group and version.
pub fn document(registry: &ResourceRegistry, group: &str, version: &str) -> Option<Value> {
    let resources = registry.of_version(group, version);
    if resources.is_empty() {
        return None;
    }
    let stored = resources.iter().filter(|resource| !resource.virtual_create);
    let paths: Map<String, Value> = stored
        .map(|resource| (item_path(resource), json!({ "patch": patch(resource) })))
        .collect();
    Some(json!({
        "openapi": "3.0.0", "info": { "title": "Kubernetes", "version": "v1" },
        "paths": paths, "components": { "schemas": {} },
    }))
}

fn root(group: &str, version: &str) -> String {
    if group.is_empty() {
        format!("api/{version}")
    } else {
        format!("apis/{group}/{version}")
    }
}

fn item_path(resource: &ApiResource) -> String {
    let scope = if resource.namespaced {
        "/namespaces/{namespace}"
    } else {
        ""
    };
    let root = root(&resource.id.group, &resource.version);
    format!("/{root}{scope}/{}/{{name}}", resource.id.resource)
}

fn patch(resource: &ApiResource) -> Value {
    let parameter = |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "string", "uniqueItems": true } });
    let names = ["dryRun", "fieldManager", "fieldValidation", "force"];
    let kind =
        json!({ "group": resource.id.group, "version": resource.version, "kind": resource.kind });
    json!({
        "parameters": names.map(parameter), "responses": { "200": { "description": "OK" } },
        "x-kubernetes-action": "patch", "x-kubernetes-group-version-kind": kind,
    })
}
