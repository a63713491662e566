//! Argo CD of a worker, which deploys its products. It is configured by patches of the upstream manifests.

use crate::{Category, Component};
use serde_json::{Value, json};

use super::Special;
use crate::render::context::Context;
use crate::render::objects::{certificates, ingress_rule, set};
use crate::render::overlay::Overlay;
use crate::render::tree::text;
use crate::render::{RenderError, Tree, secrets, urls};

const CA_SECRET: &str = "idp-ca-secret";
const CA_FOLDER: &str = "/etc/idp-ca";
const CA_FILE: &str = "ca-certs-Private-DEX.pem";

pub fn special(context: &Context<'_>, component: &Component) -> Result<Special, RenderError> {
    let mut overlay = Overlay {
        namespace: Some(component.namespace.clone()),
        ..Overlay::default()
    };
    resources(context, component, &mut overlay);
    patches(context, component, &mut overlay)?;
    if component.namespace != secrets::ARGOCD_NAMESPACE {
        move_to(&component.namespace, &mut overlay);
    }
    Ok(Special {
        overlay: Some(overlay),
        generated: true,
        ..Special::default()
    })
}

/// The ApplicationSet expects the folder even where the worker deploys with something else.
pub fn without(context: &Context<'_>, tree: &mut Tree) -> Result<(), RenderError> {
    let deployment = context.component(Category::Deployment);
    if deployment.is_some_and(|component| component.name == "argocd") {
        return Ok(());
    }
    let folder = format!("{}/argocd/overlays/production", context.folder());
    Overlay::default().write(&folder, tree)
}

fn resources(context: &Context<'_>, component: &Component, overlay: &mut Overlay) {
    let namespace = &component.namespace;
    let ingress = ingress(context, namespace).into_iter().collect();
    overlay
        .resources
        .insert("ingress-argocd-server.yaml", ingress);
    let certificates = certificates(CA_SECRET, namespace, CA_FILE, context.settings);
    overlay
        .resources
        .insert("secret-ipd-ca.yaml", certificates.into_iter().collect());
}

fn ingress(context: &Context<'_>, namespace: &str) -> Option<Value> {
    let host = urls::host_name(context.cluster, Category::Deployment)?;
    Some(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "argocd-server", "namespace": namespace},
        "spec": {
            "ingressClassName": context.gateway()?.name,
            "rules": [ingress_rule(host, "/", "argocd-server", &json!({"name": "http"}))],
            "tls": [{"hosts": [host]}],
        },
    }))
}

fn patches(
    context: &Context<'_>,
    component: &Component,
    overlay: &mut Overlay,
) -> Result<(), RenderError> {
    let settings = context.settings;
    overlay
        .patches
        .insert("patch-argocd-cm.yaml", configuration(context)?);
    // The gateway ends TLS.
    let insecure = config_map("argocd-cmd-params-cm", &json!({"server.insecure": "true"}));
    overlay
        .patches
        .insert("patch-argocd-cmd-params-cm.yaml", insecure);
    // Without it whoever logs in by single sign-on may do nothing.
    if let Some(role) = component.additions.get("defaultRole") {
        let roles = config_map("argocd-rbac-cm", &json!({"policy.default": role}));
        overlay.patches.insert("patch-argocd-rbac-cm.yaml", roles);
    }
    if settings.ca_bundle.is_empty() {
        return Ok(());
    }
    overlay
        .patches
        .insert("patch-argocd-dex-server.yaml", dex_server());
    if let Some(host) = urls::host_of(&settings.git_url) {
        let trusted = config_map("argocd-tls-certs-cm", &json!({host: settings.ca_bundle}));
        overlay
            .patches
            .insert("patch-argocd-tls-certs-cm.yaml", trusted);
    }
    Ok(())
}

fn config_map(name: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

fn configuration(context: &Context<'_>) -> Result<Value, RenderError> {
    let url = urls::argocd(context.cluster, context.host);
    let login = context.has_login().then(|| text(&login(context)));
    let data = json!({"url": url, "dex.config": login.transpose()?});
    Ok(config_map("argocd-cm", &data))
}

/// Argo CD's own Dex asks the tenant's issuer.
fn login(context: &Context<'_>) -> Value {
    let settings = context.settings;
    let certificates = set(&settings.ca_bundle).map(|_| [format!("{CA_FOLDER}/{CA_FILE}")]);
    let config = json!({
        "issuer": settings.oidc_issuer_url,
        "clientID": settings.oidc_client_id,
        "clientSecret": format!("${}:{}", secrets::ARGOCD, secrets::CLIENT_SECRET),
        "redirectURI": urls::argocd_callback(context.cluster, context.host),
        "rootCAs": certificates,
        "getUserInfo": true,
        "insecureEnableGroups": true,
        "scopes": ["openid", "profile", "email", "groups"],
    });
    json!({"connectors": [{"type": "oidc", "id": "dex", "name": "Dex", "config": config}]})
}

/// Mounts the issuer's certificates. The selector is upstream's: with it the patch is a Deployment by itself.
fn dex_server() -> Value {
    let labels = json!({"app.kubernetes.io/name": "argocd-dex-server"});
    let mount = json!({"name": CA_SECRET, "mountPath": CA_FOLDER, "readOnly": true});
    let volume = json!({"name": CA_SECRET, "secret": {"secretName": CA_SECRET}});
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "argocd-dex-server"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [{"name": "dex", "volumeMounts": [mount]}],
                    "volumes": [volume],
                },
            },
        },
    })
}

/// The upstream manifests leave the namespace open except in these bindings.
fn move_to(namespace: &str, overlay: &mut Overlay) {
    let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
    overlay.resources.insert("namespace.yaml", vec![object]);
    let operation = json!([{"op": "replace", "path": "/subjects/0/namespace", "value": namespace}]);
    overlay.inline.push(json!({
        "target": {"kind": "ClusterRoleBinding"},
        "patch": operation.to_string(),
    }));
}
