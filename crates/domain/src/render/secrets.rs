//! Secrets that a cluster needs and Git must not hold: External Secrets fetches them from Vault.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::render::context::Context;
use crate::render::objects::{SYNC_WAVE, base64, set};
use crate::render::overlay::Overlay;
use crate::{Category, Component};

/// The ClusterSecretStore of every cluster.
const STORE: &str = "vault";
/// Vault's mount (key-value engine, version 2) of the tenants' secrets.
const MOUNT: &str = "tenant";
/// The role in the cluster's Kubernetes login of Vault that External Secrets assumes.
const ROLE: &str = "external-secrets";
/// ServiceAccount of External Secrets, as its chart is told to call it.
pub const SERVICE_ACCOUNT: &str = "external-secrets";
/// Property of the tenant's `sso` secret: the secret of the OpenID Connect client.
pub const CLIENT_SECRET: &str = "client-secret";
/// Property of the tenant's `sso` secret: 32 random characters that the OAuth2 proxies encrypt cookies with.
pub const COOKIE_SECRET: &str = "cookie-secret";

/// The namespace that Argo CD's manifests are written for, and the ApplicationSet installs into.
pub const ARGOCD_NAMESPACE: &str = "argocd";

/// The Secret that Argo CD takes the OpenID Connect client's secret from.
pub const ARGOCD: &str = "argocd-oidc";
/// The Secret that the OAuth2 proxy takes its secrets from.
pub const OAUTH_PROXY: &str = "oauth2-proxy-credentials";

/// The store, in a cluster whose External Secrets run in that namespace; `None` without Vault.
pub fn store(context: &Context<'_>, namespace: &str) -> Option<Value> {
    let settings = context.settings;
    let vault = json!({
        "server": set(&settings.vault_url)?,
        "path": MOUNT,
        "version": "v2",
        "caBundle": set(&settings.ca_bundle).map(base64),
        "auth": {
            "kubernetes": {
                "mountPath": context.cluster.name,
                "role": ROLE,
                "serviceAccountRef": {"name": SERVICE_ACCOUNT, "namespace": namespace},
            },
        },
    });
    Some(json!({
        "apiVersion": "external-secrets.io/v1",
        "kind": "ClusterSecretStore",
        // After External Secrets runs, whose webhook judges it.
        "metadata": {"name": STORE, "annotations": {SYNC_WAVE: "1"}},
        "spec": {"provider": {"vault": vault}},
    }))
}

/// Tells whether secrets come from Vault. Otherwise somebody has to create the Secrets by hand.
pub fn from_vault(context: &Context<'_>) -> bool {
    context.has_login() && !context.settings.vault_url.is_empty()
}

/// Adds the objects that make the Secrets of a cluster's components, beside what synchronises them: there they come
/// after it, and go before it, which takes their finalizers off.
pub fn add(context: &Context<'_>, component: &Component, overlay: &mut Overlay) {
    let mut secrets = Vec::new();
    let mut namespaces = BTreeSet::new();
    for wanting in context.installed() {
        if let Some(secret) = secret_of(context, wanting) {
            secrets.push(secret);
            namespaces.insert(wanting.namespace.as_str());
        }
    }
    // Somebody else makes these already.
    namespaces.remove(component.namespace.as_str());
    let vault = context.component(Category::SecretManagement);
    namespaces.retain(|name| vault.is_none_or(|vault| vault.namespace != **name));
    let argocd = context.component(Category::Deployment);
    let moved = argocd.filter(|argocd| argocd.namespace != ARGOCD_NAMESPACE);
    namespaces.retain(|name| moved.is_none_or(|moved| moved.namespace != **name));
    let namespaces = namespaces.into_iter().map(namespace).collect();
    overlay.resources.insert("external-secrets.yaml", secrets);
    overlay.resources.insert("namespaces.yaml", namespaces);
}

/// Stays when the secret goes: its owner lives in it.
fn namespace(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": name,
            "annotations": {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"},
        },
    })
}

fn secret_of(context: &Context<'_>, component: &Component) -> Option<Value> {
    let namespace = &component.namespace;
    match component.name.as_str() {
        "argocd" => {
            // Argo CD looks into a Secret only when it has this label.
            let labels = json!({"app.kubernetes.io/part-of": "argocd"});
            let properties = [CLIENT_SECRET];
            Some(external_secret(
                context,
                ARGOCD,
                namespace,
                &properties,
                Some(labels),
            ))
        }
        "oauth2-proxy" => {
            let properties = [CLIENT_SECRET, COOKIE_SECRET];
            Some(external_secret(
                context,
                OAUTH_PROXY,
                namespace,
                &properties,
                None,
            ))
        }
        _ => None,
    }
}

/// Builds the ExternalSecret that makes a Secret of these properties of the tenant's `sso` secret.
fn external_secret(
    context: &Context<'_>,
    name: &str,
    namespace: &str,
    properties: &[&str],
    labels: Option<Value>,
) -> Value {
    let key = format!("{}/sso", context.settings.tenant);
    let item = |property: &&str| json!({"secretKey": property, "remoteRef": {"key": key, "property": property}});
    let data: Vec<Value> = properties.iter().map(item).collect();
    json!({
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            // After the store: it fails as long as the store is not ready.
            "annotations": {SYNC_WAVE: "2"},
        },
        "spec": {
            "refreshInterval": "1h",
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": STORE},
            "target": {
                "name": name,
                "creationPolicy": "Owner",
                "template": labels.map(|labels| json!({"metadata": {"labels": labels}})),
            },
            "data": data,
        },
    })
}
