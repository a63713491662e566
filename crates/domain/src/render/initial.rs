//! Objects that a worker needs before its components: the login of Vault, and the configuration of its operators.

use crate::{Category, Settings};
use serde_json::{Value, json};

use crate::render::context::Context;
use crate::render::objects::set;
use crate::render::overlay::Overlay;
use crate::render::tree::text;
use crate::render::{RenderError, Tree};

/// The ServiceAccount by which Vault asks who a token belongs to.
const REVIEWER: &str = "vault-auth";

pub fn write(context: &Context<'_>, tree: &mut Tree) -> Result<(), RenderError> {
    let mut overlay = Overlay::default();
    overlay
        .resources
        .insert("cm-nautes.yaml", vec![configuration(context)?]);
    overlay
        .resources
        .insert("rbac-vault.yaml", vault_login(context));
    overlay.write(
        &format!("{}/initial/overlays/production", context.folder()),
        tree,
    )
}

fn configuration(context: &Context<'_>) -> Result<Value, RenderError> {
    let settings = context.settings;
    let config = json!({
        "git": {"addr": set(&settings.git_url), "defaultDeployKeyType": "ed25519", "gitType": "gitlab"},
        "secret": {"vault": vault(settings, &context.cluster.name)},
    });
    Ok(json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "nautes-configs", "namespace": settings.nautes_namespace},
        "data": {"config": text(&config)?},
    }))
}

fn vault(settings: &Settings, mount: &str) -> Value {
    json!({
        "mountPath": mount,
        "addr": set(&settings.vault_url),
        "CABundle": set(&settings.ca_bundle),
    })
}

fn vault_login(context: &Context<'_>) -> Vec<Value> {
    let component = context.component(Category::SecretManagement);
    let namespace = component.map_or("vault", |component| &component.namespace);
    // Kubernetes makes no token Secrets of its own since 1.24.
    let token = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": REVIEWER,
            "namespace": namespace,
            "annotations": {"kubernetes.io/service-account.name": REVIEWER},
        },
        "type": "kubernetes.io/service-account-token",
    });
    let account = json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": REVIEWER, "namespace": namespace},
        // The original's operator looks for the token here.
        "secrets": [{"name": REVIEWER}],
    });
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "role-tokenreview-binding"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "system:auth-delegator",
        },
        "subjects": [{"kind": "ServiceAccount", "name": REVIEWER, "namespace": namespace}],
    });
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
    vec![namespace, account, token, binding]
}
