//! Options that a server is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Settings of one server.
#[derive(Debug, Clone)]
pub struct GitLabOptions {
    /// Address to listen on; port 0 takes any free port.
    pub listen: SocketAddr,
    /// Directory of the repository, the accounts and the merge requests; created when missing and
    /// kept between runs.
    pub data: PathBuf,
    /// Full path of the one project, with its groups: `nautes/management`. Starting on kept data with
    /// another path moves the project; the earlier path then answers as GitLab's moved projects do.
    pub project: String,
    /// Default branch of a new repository. Kept data keep theirs.
    pub default_branch: String,
    /// Content of a new repository.
    pub initial: InitialContent,
    /// URL path below which everything is served, such as `/gitlab`; empty for none.
    pub path_prefix: String,
    /// Serves HTTPS instead of HTTP.
    pub tls: Option<TlsIdentity>,
    /// Added before every request is handled, as a distant server's round trip would.
    pub latency: Duration,
}

impl GitLabOptions {
    /// Settings for data in `data`: any port of 127.0.0.1, project `nautes/management`, branch
    /// `main`, seeded, no prefix, plain HTTP, no latency.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: data.into(),
            project: "nautes/management".to_owned(),
            default_branch: "main".to_owned(),
            initial: InitialContent::Seeded,
            path_prefix: String::new(),
            tls: None,
            latency: Duration::ZERO,
        }
    }
}

/// Content of a new repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitialContent {
    /// One commit with a README and an empty production kustomization.
    Seeded,
    /// No commit and no branch.
    Empty,
}

/// Certificate chain and private key, both PEM.
#[derive(Clone)]
pub struct TlsIdentity {
    /// The server's certificate, followed by intermediates if any.
    pub cert_pem: String,
    /// Private key of the certificate (PKCS#8, PKCS#1 or SEC1).
    pub key_pem: String,
}

impl std::fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsIdentity").finish_non_exhaustive()
    }
}
