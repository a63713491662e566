//! A kubeconfig for kubectl, which sends tokens over HTTPS only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

pub(super) fn render(url: &str, ca_pem: &str, token: &str) -> Result<String, String> {
    let name = "sandbox";
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{ "name": name, "cluster": { "server": url, "certificate-authority-data": STANDARD.encode(ca_pem) } }],
        "users": [{ "name": name, "user": { "token": token } }],
        "contexts": [{ "name": name, "context": { "cluster": name, "user": name } }],
    });
    serde_saphyr::to_string(&config).map_err(|error| error.to_string())
}
