//! Aggregated discovery (`apidiscovery.k8s.io/v2`): everything in two documents.

use serde_json::{Value, json};

use crate::api::Reply;
use crate::registry::Registry;
use crate::resource::Resource;

const CONTENT_TYPE: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// The caller asks for this form.
pub fn is_accepted(accept: &str) -> bool {
    accept.split(',').any(|range| {
        let parts: Vec<&str> = range.split(';').map(str::trim).collect();
        ["g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList"]
            .iter()
            .all(|part| parts.contains(part))
    })
}

/// The answer with its own content type.
pub fn reply(document: &Value) -> Reply {
    Reply::new(200, CONTENT_TYPE, document.to_string())
}

/// The core group, or all the others.
pub fn document(registry: &Registry, is_core: bool) -> Value {
    let groups = registry
        .groups()
        .into_iter()
        .filter(|(group, _)| group.is_empty() == is_core);
    let items: Vec<Value> = groups
        .map(|(group, versions)| {
            let versions: Vec<Value> = versions
                .iter()
                .map(|version| {
                    let resources: Vec<Value> = registry.of_version(&group, version).iter().map(|one| entry(one)).collect();
                    json!({ "version": version, "resources": resources, "freshness": "Current" })
                })
                .collect();
            json!({ "metadata": { "name": group, "creationTimestamp": null }, "versions": versions })
        })
        .collect();
    json!({ "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items })
}

fn entry(resource: &Resource) -> Value {
    let kind =
        json!({ "group": resource.id.group, "version": resource.version, "kind": resource.kind });
    let subresources = if resource.status {
        json!([{ "subresource": "status", "responseKind": kind, "verbs": ["get", "patch", "update"] }])
    } else {
        json!([])
    };
    json!({
        "resource": resource.id.resource,
        "responseKind": kind,
        "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": resource.singular,
        "verbs": resource.verbs(),
        "shortNames": resource.short_names,
        "categories": resource.categories,
        "subresources": subresources,
    })
}
