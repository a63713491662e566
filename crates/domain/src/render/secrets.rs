//! Secrets that a cluster needs and Git must not hold: External Secrets fetches them from Vault.

use serde_json::{Value, json};

use crate::render::context::Context;
use crate::render::objects::{base64, set};

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
        "metadata": {"name": STORE},
        "spec": {"provider": {"vault": vault}},
    }))
}

/// Whether secrets come from Vault. Otherwise somebody has to create the Secrets by hand.
pub fn from_vault(context: &Context<'_>) -> bool {
    context.has_login() && !context.settings.vault_url.is_empty()
}

/// What makes a Secret of these properties of the tenant's `sso` secret.
pub fn external_secret(
    context: &Context<'_>,
    name: &str,
    namespace: &str,
    properties: &[&str],
    labels: Option<Value>,
) -> Vec<Value> {
    if !from_vault(context) {
        return Vec::new();
    }
    let key = format!("{}/sso", context.settings.tenant);
    let item = |property: &&str| json!({"secretKey": property, "remoteRef": {"key": key, "property": property}});
    let data: Vec<Value> = properties.iter().map(item).collect();
    vec![json!({
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": name, "namespace": namespace},
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
    })]
}
