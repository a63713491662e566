//! Argo CD's declarative cluster: a Secret by the name, annotation and labels that Argo CD gives.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Cluster, Credentials, Settings, Usage};
use serde_json::{Value, json};

use super::config::{self, CredentialsError};
use super::kubeconfig;
use super::{CREDENTIALS, EXPIRES_AT, NAME_LABEL, TYPE_LABEL, USAGE_LABEL};
use crate::names;
use crate::time::rfc3339;

/// The Secret with new credentials. `data`, not `stringData`, which server-side apply does not own.
pub fn cluster_secret(
    cluster: &Cluster,
    credentials: &Credentials,
    settings: &Settings,
) -> Result<Value, CredentialsError> {
    let config = config::to_json(credentials)?;
    let expires_at = credentials.expires_at.map(rfc3339);
    let annotations = [
        (EXPIRES_AT, expires_at.as_deref()),
        (CREDENTIALS, cluster.credentials.as_deref()),
    ];
    let mut secret = stored_cluster_secret(cluster, settings);
    insert(&mut secret, &config, annotations);
    Ok(secret)
}

/// The Secret without `config`: to be completed by [`with_stored_config`], since applying it as it is
/// would remove the credentials.
#[must_use]
pub fn stored_cluster_secret(cluster: &Cluster, settings: &Settings) -> Value {
    let target = names::secret(cluster, settings);
    let usage = match cluster.usage {
        Usage::Host => "host",
        Usage::Worker => "worker",
    };
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": target.name,
            "namespace": target.namespace,
            // Without it Argo CD's own delete leaves the Secret behind.
            "annotations": {"managed-by": "argocd.argoproj.io"},
            "labels": {
                (TYPE_LABEL): "cluster",
                (NAME_LABEL): cluster.name,
                (USAGE_LABEL): usage,
            },
        },
        "data": {
            "name": STANDARD.encode(&cluster.name),
            "server": STANDARD.encode(&cluster.api_server),
        },
    })
}

/// Puts the credentials of a Secret that was read from the API server into one of the same server, and of no other.
pub fn with_stored_config(mut secret: Value, stored: &Value) -> Result<Value, CredentialsError> {
    let config = config_of(stored).filter(|_| server(stored) == server(&secret));
    let config = config.ok_or(CredentialsError::NotStored)?;
    // A stored Secret keeps its own fingerprint, whatever the branch approves meanwhile.
    let annotations = [EXPIRES_AT, CREDENTIALS].map(|name| {
        let annotations = stored.pointer("/metadata/annotations");
        let value = annotations.and_then(|annotations| annotations.get(name));
        (name, value.and_then(Value::as_str))
    });
    insert(&mut secret, &config, annotations);
    Ok(secret)
}

/// The proxy by which Argo CD goes with what a Secret holds, where it goes by one. May hold a password.
#[must_use]
pub fn stored_proxy(secret: &Value) -> Option<String> {
    let config = config_of(secret)?;
    // Whatever is no text is no proxy either, and judged as one that can't be read.
    match config.get("proxyUrl") {
        None | Some(Value::Null) => None,
        Some(Value::String(url)) => (!url.is_empty()).then(|| url.clone()),
        Some(other) => Some(other.to_string()),
    }
}

fn config_of(secret: &Value) -> Option<Value> {
    let config = secret.pointer("/data/config").and_then(Value::as_str)?;
    let config = STANDARD.decode(config).ok()?;
    let config: Value = serde_json::from_slice(&config).ok()?;
    config.is_object().then_some(config)
}

/// Puts Argo CD's `config` into a Secret; of a host, its kubeconfig as well.
fn insert(secret: &mut Value, config: &Value, annotations: [(&str, Option<&str>); 2]) {
    let is_host = secret
        .pointer("/metadata/labels")
        .and_then(|labels| labels.get(USAGE_LABEL));
    let kubeconfig = is_host
        .is_some_and(|usage| usage == "host")
        .then(|| kubeconfig::to_json(&server(secret), config));
    let mut set = |pointer: &str, name: &str, value: &str| {
        if let Some(Value::Object(fields)) = secret.pointer_mut(pointer) {
            fields.insert(name.to_owned(), json!(value));
        }
    };
    set("/data", "config", &STANDARD.encode(config.to_string()));
    if let Some(kubeconfig) = kubeconfig {
        set("/data", kubeconfig::KEY, &STANDARD.encode(kubeconfig));
    }
    for (name, value) in annotations {
        if let Some(value) = value {
            set("/metadata/annotations", name, value);
        }
    }
}

fn server(secret: &Value) -> String {
    let encoded = secret.pointer("/data/server").and_then(Value::as_str);
    let server = STANDARD.decode(encoded.unwrap_or_default());
    String::from_utf8(server.unwrap_or_default()).unwrap_or_default()
}
