//! Paths that are no resources: health, version, discovery, and as much OpenAPI as `kubectl apply` needs.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use crate::api::{ApiReply, ApiRequest};
use crate::object::set_field;
use crate::registry::ResourceRegistry;
use crate::resource::{ApiResource, group_version};
use crate::state::ApiServerState;
use crate::status::StatusError;

mod openapi;

/// The Kubernetes version the server claims to be.
const MINOR: &str = "32";

/// Answers a request for anything but a resource.
pub fn handle(shared: &Arc<ApiServerState>, request: &ApiRequest) -> Result<ApiReply, StatusError> {
    if request.method != Method::GET && request.method != Method::HEAD {
        return Err(StatusError::page_not_found());
    }
    let segments: Vec<&str> = request
        .path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    if matches!(segments.first(), Some(&("healthz" | "livez" | "readyz"))) {
        return Ok(ApiReply::text(200, "ok"));
    }
    let host = request.header("host");
    let document = shared
        .store
        .read(|state| document(state.registry(), &segments, host));
    document
        .map(|document| ApiReply::json(200, &document))
        .ok_or_else(StatusError::page_not_found)
}

/// The document of a path, if it has one.
fn document(registry: &ResourceRegistry, segments: &[&str], host: &str) -> Option<Value> {
    match segments {
        [] => Some(
            json!({ "paths": ["/api", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"] }),
        ),
        ["version"] => Some(version()),
        ["api"] => Some(json!({
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{ "clientCIDR": "0.0.0.0/0", "serverAddress": host }],
        })),
        ["apis"] => {
            let groups = registry.groups();
            let groups = groups.keys().filter_map(|group| api_group(registry, group));
            Some(
                json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups.collect::<Vec<_>>() }),
            )
        }
        ["apis", group] => {
            let mut document = api_group(registry, group)?;
            set_field(&mut document, "kind", Some("APIGroup".into()));
            set_field(&mut document, "apiVersion", Some("v1".into()));
            Some(document)
        }
        ["api", version] => resource_list(registry, "", version),
        ["apis", group, version] => resource_list(registry, group, version),
        ["openapi", "v3"] => Some(openapi::index(registry)),
        ["openapi", "v3", "api", version] => openapi::document(registry, "", version),
        ["openapi", "v3", "apis", group, version] => openapi::document(registry, group, version),
        _ => None,
    }
}

fn version() -> Value {
    json!({
        "major": "1", "minor": MINOR, "gitVersion": format!("v1.{MINOR}.0+sandbox"), "gitCommit": "",
        "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "rustc",
        "platform": "sandbox",
    })
}

fn api_group(registry: &ResourceRegistry, group: &str) -> Option<Value> {
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

fn resource_list(registry: &ResourceRegistry, group: &str, version: &str) -> Option<Value> {
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

fn entries(resource: &ApiResource) -> Vec<Value> {
    let plural = &resource.id.resource;
    let mut entries = vec![json!({
        "name": plural, "singularName": resource.singular, "namespaced": resource.namespaced,
        "kind": resource.kind, "verbs": resource.verbs(), "shortNames": resource.short_names,
        "categories": resource.categories, "storageVersionHash": "",
    })];
    if resource.status {
        entries.push(json!({
            "name": format!("{plural}/status"), "singularName": "", "namespaced": resource.namespaced,
            "kind": resource.kind, "verbs": ["get", "patch", "update"],
        }));
    }
    if plural == "serviceaccounts" {
        entries.push(json!({
            "name": "serviceaccounts/token", "singularName": "", "namespaced": true, "verbs": ["create"],
            "group": "authentication.k8s.io", "version": "v1", "kind": "TokenRequest",
        }));
    }
    entries
}
