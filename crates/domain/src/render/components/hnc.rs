//! The Hierarchical Namespace Controller. It is archived, and its webhooks stand in everybody's way: what has no
//! answer from it is let through, and the components' namespaces are none of its business.

use std::collections::BTreeSet;

use crate::Component;
use gather::Gather as _;
use serde_json::{Value, json};

use super::{Special, tekton};
use crate::render::context::Context;
use crate::render::names;
use crate::render::overlay::Overlay;

/// Name of the ConfigMap that the webhooks' failure policy is copied from. Kustomize leaves an object with the
/// annotation [`LOCAL`] out of what it builds.
const POLICY: &str = "hnc-webhook-policy";
const LOCAL: &str = "config.kubernetes.io/local-config";

pub fn special(context: &Context<'_>, component: &Component) -> Special {
    let mut overlay = Overlay::default();
    let policy = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": POLICY, "namespace": component.namespace, "annotations": {LOCAL: "true"}},
        "data": {"failurePolicy": "Ignore"},
    });
    overlay
        .resources
        .insert("cm-webhook-policy.yaml", vec![policy]);
    let target =
        |kind: &str| json!({"select": {"kind": kind}, "fieldPaths": ["webhooks.*.failurePolicy"]});
    overlay.replacements.push(json!({
        "source": {"kind": "ConfigMap", "name": POLICY, "fieldPath": "data.failurePolicy"},
        "targets": [
            target("MutatingWebhookConfiguration"),
            target("ValidatingWebhookConfiguration"),
        ],
    }));
    let operations: Vec<Value> = excluded(context, component)
        .into_iter()
        .map(argument)
        .collect();
    overlay.inline.push(json!({
        "target": {"kind": "Deployment", "name": "hnc-controller-manager"},
        "patch": Value::from(operations).to_string(),
    }));
    Special {
        overlay: Some(overlay),
        ..Special::default()
    }
}

/// The namespaces of everything that is installed beside it, and that of Vault's login, which is there without Vault's own
/// component as well. Its own, and Kubernetes', are upstream's.
fn excluded<'a>(context: &Context<'a>, own: &Component) -> Vec<&'a str> {
    let components = || names::installed(context.cluster);
    let has_tekton = components().any(|component| component.name == tekton::NAME);
    let names = components().map(|component| component.namespace.as_str());
    let names = names
        .chain(has_tekton.then_some(tekton::RESOLVERS))
        .chain([context.settings.nautes_namespace.as_str()]);
    let names: BTreeSet<&str> = names.filter(|name| *name != own.namespace).gather();
    names.into_iter().collect()
}

fn argument(namespace: &str) -> Value {
    json!({
        "op": "add",
        "path": "/spec/template/spec/containers/0/args/-",
        "value": format!("--excluded-namespace={namespace}"),
    })
}
