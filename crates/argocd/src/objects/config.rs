//! Argo CD's `config` of a cluster: one malformed config breaks the generators of all clusters, so
//! it is checked before it is written.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Credentials, Login};
use serde_json::{Map, Value, json};

/// Credentials that Argo CD could not read. Says which, never what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Not Base64, although Argo CD reads it as such.
    #[error("the {0} is not base64")]
    NotBase64(&'static str),
    /// Empty.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// The Secret that should hold the stored credentials has none.
    #[error("the management cluster holds no credentials of this cluster")]
    NotStored,
    /// The stored credentials go by a proxy that must not be used.
    #[error("the stored kubeconfig goes by a proxy that must not be used")]
    Proxy,
}

/// `ClusterConfig` of Argo CD.
pub(super) fn to_json(credentials: &Credentials) -> Result<Value, CredentialsError> {
    let mut tls = Map::new();
    tls.insert("insecure".to_owned(), json!(credentials.insecure));
    if let Some(name) = &credentials.server_name {
        tls.insert("serverName".to_owned(), json!(name));
    }
    // client-go refuses a CA together with insecure.
    if let Some(ca) = credentials
        .ca_data
        .as_ref()
        .filter(|_| !credentials.insecure)
    {
        tls.insert("caData".to_owned(), bytes("certificate authority", ca)?);
    }
    let mut config = Map::new();
    match &credentials.login {
        Login::ClientCertificate {
            cert_data,
            key_data,
        } => {
            tls.insert(
                "certData".to_owned(),
                bytes("client certificate", cert_data)?,
            );
            tls.insert("keyData".to_owned(), bytes("client key", key_data)?);
        }
        Login::Token(token) => {
            config.insert("bearerToken".to_owned(), text("token", token)?);
        }
        Login::Basic { username, password } => {
            config.insert("username".to_owned(), text("user name", username)?);
            config.insert("password".to_owned(), text("password", password)?);
        }
    }
    config.insert("tlsClientConfig".to_owned(), Value::Object(tls));
    if let Some(proxy) = &credentials.proxy_url {
        config.insert("proxyUrl".to_owned(), json!(proxy));
    }
    Ok(Value::Object(config))
}

/// Go reads a `[]byte` as padded Base64 and nothing else; a folded YAML scalar brings white space.
fn bytes(name: &'static str, data: &str) -> Result<Value, CredentialsError> {
    let data: String = data.split_ascii_whitespace().collect();
    let bytes = STANDARD
        .decode(&data)
        .map_err(|_| CredentialsError::NotBase64(name))?;
    if bytes.is_empty() {
        return Err(CredentialsError::Empty(name));
    }
    Ok(json!(data))
}

fn text(name: &'static str, text: &str) -> Result<Value, CredentialsError> {
    if text.is_empty() {
        return Err(CredentialsError::Empty(name));
    }
    Ok(json!(text))
}
