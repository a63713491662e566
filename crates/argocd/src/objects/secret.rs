//! Argo CD's declarative cluster: a Secret by the name, annotation and labels that Argo CD gives.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Cluster, Credentials, Settings, Usage};
use serde_json::{Value, json};

use super::config::{self, CredentialsError};
use super::{EXPIRES_AT, NAME_LABEL, USAGE_LABEL};
use crate::names;
use crate::time::rfc3339;

/// The Secret with new credentials. `data`, not `stringData`, which server-side apply does not own.
pub fn cluster_secret(
    cluster: &Cluster,
    credentials: &Credentials,
    settings: &Settings,
) -> Result<Value, CredentialsError> {
    let config = STANDARD.encode(config::to_json(credentials)?);
    let expires_at = credentials.expires_at.map(rfc3339);
    let mut secret = stored_cluster_secret(cluster, settings);
    insert(&mut secret, &config, expires_at.as_deref());
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
                "argocd.argoproj.io/secret-type": "cluster",
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

/// Puts the credentials of a Secret that was read from the API server into another one.
pub fn with_stored_config(mut secret: Value, stored: &Value) -> Result<Value, CredentialsError> {
    let config = stored.pointer("/data/config").and_then(Value::as_str);
    let config = config
        .filter(|config| is_object(config))
        .ok_or(CredentialsError::NotStored)?;
    let expires_at = stored
        .pointer("/metadata/annotations")
        .and_then(|annotations| annotations.get(EXPIRES_AT))
        .and_then(Value::as_str);
    insert(&mut secret, config, expires_at);
    Ok(secret)
}

fn is_object(config: &str) -> bool {
    let json = STANDARD.decode(config).unwrap_or_default();
    serde_json::from_slice(&json).is_ok_and(|value: Value| value.is_object())
}

fn insert(secret: &mut Value, config: &str, expires_at: Option<&str>) {
    let mut set = |pointer: &str, name: &str, value: &str| {
        if let Some(Value::Object(fields)) = secret.pointer_mut(pointer) {
            fields.insert(name.to_owned(), json!(value));
        }
    };
    set("/data", "config", config);
    if let Some(expires_at) = expires_at {
        set("/metadata/annotations", EXPIRES_AT, expires_at);
    }
}
