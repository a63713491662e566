//! Kubeconfigs: which cluster and user count, and whether another machine can use them.
//!
//! Nothing of a kubeconfig's content ever goes into an error or a warning.

use crate::Credentials;

mod certificate;
mod cluster;
mod encoding;
mod entries;
mod error;
mod fields;
mod mistaken;
mod summary;
mod token;
mod types;
mod user;

pub(crate) use certificate::certificate_bundle;
pub use error::{KubeconfigError, View};
pub(crate) use mistaken::{is_config, is_request};
pub use summary::{Summary, summary};

/// What a kubeconfig says.
#[derive(Debug)]
pub struct Kubeconfig {
    /// How to log in to the cluster.
    pub credentials: Credentials,
    /// What may go wrong later, and what has no effect.
    pub warnings: Vec<String>,
}

/// Reads a kubeconfig, plain or in Base64, and judges it at a time (seconds since 1970-01-01T00:00:00Z).
/// `current-context` says which cluster and user count; without it, the first of each.
///
/// # Errors
/// Everything that is wrong with it.
pub fn credentials(text: &str, now: u64) -> Result<Kubeconfig, Vec<KubeconfigError>> {
    let config = encoding::tree(text).map_err(|error| vec![error])?;
    let mut errors = types::errors(&config);
    let mut warnings = Vec::new();
    let (cluster, user) = entries::chosen(&config, &mut errors);
    let server = cluster.map(|node| cluster::read(node, now, &mut errors, &mut warnings));
    let login = user.and_then(|node| user::read(node, now, &mut errors, &mut warnings));
    let (Some(server), Some(login), true) = (server, login, errors.is_empty()) else {
        return Err(error::arranged(errors, entries::has_context(&config)));
    };
    Ok(Kubeconfig {
        credentials: Credentials {
            ca_data: server.ca_data,
            insecure: server.insecure,
            server_name: server.server_name,
            proxy_url: server.proxy_url,
            expires_at: login.expires_at,
            login: login.login,
        },
        warnings,
    })
}
