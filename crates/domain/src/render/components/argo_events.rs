//! Argo Events: its event sources get the tenant's certificates, its sensors may start pipelines.

use crate::{Component, WorkerType};
use serde_json::{Value, json};

use super::Special;
use crate::render::context::Context;
use crate::render::objects::set;
use crate::render::overlay::Overlay;

pub fn special(context: &Context<'_>, component: &Component) -> Special {
    let mut overlay = Overlay {
        namespace: Some(component.namespace.clone()),
        ..Overlay::default()
    };
    let certificates = certificates(context, &component.namespace);
    overlay.resources.insert(
        "cm-ca-certificates.yaml",
        certificates.into_iter().collect(),
    );
    if context.cluster.worker_type == Some(WorkerType::Pipeline) {
        let binding = binding(&component.namespace);
        overlay.resources.insert("rbac-tekton.yaml", vec![binding]);
    }
    Special {
        overlay: Some(overlay),
        folder: Some("argoevents"),
        ..Special::default()
    }
}

fn certificates(context: &Context<'_>, namespace: &str) -> Option<Value> {
    Some(json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "ca-certificates", "namespace": namespace},
        "data": {"ca.crt": set(&context.settings.ca_bundle)?},
    }))
}

/// The role comes with Tekton Pipelines.
fn binding(namespace: &str) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "tekton-pipelines-argoevents-cluster-access"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "tekton-pipelines-controller-cluster-access",
        },
        "subjects": [{"kind": "ServiceAccount", "name": "argo-events-sa", "namespace": namespace}],
    })
}
