//! The ready file: what a script needs to use a running sandbox.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

/// Written once everything answers. Absent members: the service is not the sandbox's own.
#[derive(Debug, Serialize)]
pub struct ReadyReport {
    /// URL of the HTTP API; absent with `--services-only`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// URL of the console, where the application has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console: Option<String>,
    /// URL of GitLab.
    pub gitlab: String,
    /// URL of the Kubernetes API.
    pub kubernetes: String,
    /// Token of its administrator.
    pub kubernetes_token: String,
    /// Path of the bare repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// GitLab tokens by role and scope: one for each that the authorization of a request can depend on.
    pub tokens: BTreeMap<&'static str, String>,
    /// Client for logging in with GitLab.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth: Option<OAuthClient>,
    /// Path of a kubeconfig for kubectl.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubeconfig: Option<String>,
    /// Application variables that point another host at these services.
    pub variables: BTreeMap<String, String>,
}

/// The client that is registered with the local GitLab: public, authorization code with PKCE (S256), any loopback
/// address to return to.
#[derive(Debug, Serialize)]
pub struct OAuthClient {
    /// `client_id`.
    pub client_id: &'static str,
    /// Where people are sent.
    pub authorize_url: String,
    /// Where codes are changed for tokens.
    pub token_url: String,
}

/// The file of a sandbox with everything but a console.
#[cfg(test)]
pub(crate) fn sample() -> ReadyReport {
    ReadyReport {
        api: Some("http://127.0.0.1:3000".into()),
        console: None,
        gitlab: "http://127.0.0.1:1".into(),
        kubernetes: "http://127.0.0.1:2".into(),
        kubernetes_token: "secret".into(),
        repository: Some("/r.git".into()),
        tokens: [("maintainer", "t0".into())].into(),
        oauth: None,
        kubeconfig: Some("/k.yaml".into()),
        variables: [("kubernetes_token".into(), "secret".into())].into(),
    }
}

impl ReadyReport {
    /// Writes the file in one move, so that a reader never sees half of it. Owner-readable only: it
    /// holds tokens.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let unfinished = path.with_extension("unfinished");
        let bytes = serde_json::to_vec_pretty(self)?;
        write_private(&unfinished, &bytes)
            .and_then(|()| std::fs::rename(&unfinished, path))
            .with_context(|| format!("can't write the ready file {}", path.display()))
    }
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, bytes)
}
