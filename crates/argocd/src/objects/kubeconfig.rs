//! The kubeconfig of a host, for the Job that looks for a virtual cluster there.

use serde_json::{Map, Value, json};

/// Key of a host's cluster Secret that holds its kubeconfig. Argo CD reads `name`, `server`, `config`
/// and `namespaces`, and passes over everything else (`util/db/cluster.go`, `SecretToCluster`).
pub(super) const KEY: &str = "kubeconfig";

/// A kubeconfig (JSON) that logs in as Argo CD's `config` does. Known fields alone are carried over: a
/// `config` with `execProviderConfig` makes no kubeconfig that runs a program.
pub(super) fn to_json(server: &str, config: &Value) -> String {
    let tls = config.get("tlsClientConfig").unwrap_or(&Value::Null);
    let mut cluster = Map::new();
    cluster.insert("server".to_owned(), json!(server));
    if tls.get("insecure") == Some(&Value::Bool(true)) {
        cluster.insert("insecure-skip-tls-verify".to_owned(), json!(true));
    } else {
        copy(tls, "caData", &mut cluster, "certificate-authority-data");
    }
    copy(tls, "serverName", &mut cluster, "tls-server-name");
    copy(config, "proxyUrl", &mut cluster, "proxy-url");
    let mut user = Map::new();
    copy(tls, "certData", &mut user, "client-certificate-data");
    copy(tls, "keyData", &mut user, "client-key-data");
    copy(config, "bearerToken", &mut user, "token");
    copy(config, "username", &mut user, "username");
    copy(config, "password", &mut user, "password");
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "host",
        "clusters": [{"name": "host", "cluster": cluster}],
        "users": [{"name": "host", "user": user}],
        "contexts": [{"name": "host", "context": {"cluster": "host", "user": "host"}}],
    })
    .to_string()
}

/// Copies a text; anything else stays behind.
fn copy(from: &Value, name: &str, to: &mut Map<String, Value>, field: &str) {
    if let Some(text) = from.get(name).filter(|value| value.is_string()) {
        to.insert(field.to_owned(), text.clone());
    }
}
