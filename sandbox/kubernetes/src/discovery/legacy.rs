//! Discovery, one document per path.

use serde_json::{Value, json};

use super::version;
use crate::registry::Registry;
use crate::resource::{Resource, group_version};

/// The document of a path, if it has one.
pub fn document(registry: &Registry, segments: &[&str], host: &str) -> Option<Value> {
    match segments {
        [] => Some(json!({ "paths": paths(registry) })),
        ["version"] => Some(version()),
        ["api"] => Some(json!({
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{ "clientCIDR": "0.0.0.0/0", "serverAddress": host }],
        })),
        ["apis"] => {
            let groups: Vec<Value> = registry
                .groups()
                .keys()
                .filter_map(|group| api_group(registry, group))
                .collect();
            Some(json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups }))
        }
        ["apis", group] => {
            let mut document = api_group(registry, group)?;
            crate::object::set_field(&mut document, "kind", Some("APIGroup".into()));
            crate::object::set_field(&mut document, "apiVersion", Some("v1".into()));
            Some(document)
        }
        ["api", version] => resource_list(registry, "", version),
        ["apis", group, version] => resource_list(registry, group, version),
        _ => None,
    }
}

fn paths(registry: &Registry) -> Vec<String> {
    let mut paths: Vec<String> = [
        "/api",
        "/api/v1",
        "/apis",
        "/healthz",
        "/livez",
        "/openapi/v2",
        "/openapi/v3",
        "/readyz",
        "/version",
    ]
    .map(str::to_owned)
    .to_vec();
    for (group, versions) in registry
        .groups()
        .into_iter()
        .filter(|(group, _)| !group.is_empty())
    {
        paths.extend(
            versions
                .iter()
                .map(|version| format!("/apis/{group}/{version}")),
        );
        paths.push(format!("/apis/{group}"));
    }
    paths.sort();
    paths
}

fn api_group(registry: &Registry, group: &str) -> Option<Value> {
    let versions = registry
        .groups()
        .remove(group)
        .filter(|_| !group.is_empty())?;
    let entries: Vec<Value> = versions
        .iter()
        .map(|version| json!({ "groupVersion": group_version(group, version), "version": version }))
        .collect();
    Some(json!({ "name": group, "preferredVersion": entries.first(), "versions": entries }))
}

fn resource_list(registry: &Registry, group: &str, version: &str) -> Option<Value> {
    let resources = registry.of_version(group, version);
    if resources.is_empty() {
        return None;
    }
    let entries: Vec<Value> = resources
        .iter()
        .flat_map(|resource| entries(resource))
        .collect();
    Some(json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version(group, version),
        "resources": entries,
    }))
}

fn entries(resource: &Resource) -> Vec<Value> {
    let mut main = json!({
        "name": resource.id.resource, "singularName": resource.singular, "namespaced": resource.namespaced,
        "kind": resource.kind, "verbs": resource.verbs(), "storageVersionHash": "",
    });
    if !resource.short_names.is_empty() {
        crate::object::set_field(&mut main, "shortNames", Some(json!(resource.short_names)));
    }
    if !resource.categories.is_empty() {
        crate::object::set_field(&mut main, "categories", Some(json!(resource.categories)));
    }
    let status = json!({
        "name": format!("{}/status", resource.id.resource), "singularName": "", "namespaced": resource.namespaced,
        "kind": resource.kind, "verbs": ["get", "patch", "update"],
    });
    if resource.status {
        vec![main, status]
    } else {
        vec![main]
    }
}
