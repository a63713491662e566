//! The HTTP client: which certificates it trusts, how long it waits.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Certificate;
use reqwest::redirect::Policy;

use crate::failure::CommandError;
use crate::settings::Settings;
use crate::wording;

/// A name that resolves to a dead address is told within this time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A watch has a comment every five seconds at least: a silence of this length is a connection that is gone.
const READ_TIMEOUT: Duration = Duration::from_secs(120);

/// Makes the client. Certificates of the system are trusted, and `SSL_CERT_FILE` replaces them.
///
/// # Errors
/// The file of certificates can't be read or has none.
pub(crate) fn client(settings: &Settings) -> Result<reqwest::Client, CommandError> {
    install_provider();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("nautes-clusters-cli/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        // A redirected POST would become a GET, and a login page look like an answer.
        .redirect(Policy::none());
    if let Some(path) = &settings.ca_file {
        let refused = |why: String| {
            CommandError::usage(format!(
                "the certificate file {} {why}",
                wording::shown(path)
            ))
        };
        let pem =
            std::fs::read(path).map_err(|error| refused(format!("can't be read: {error}")))?;
        let certificates = Certificate::from_pem_bundle(&pem)
            .map_err(|_| refused("has no PEM certificates".to_owned()))?;
        if certificates.is_empty() {
            return Err(refused("has no PEM certificates".to_owned()));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    if settings.insecure {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    builder.build().map_err(|error| {
        let causes = super::error::causes(&error);
        CommandError::usage(format!("can't set up TLS: {causes}"))
    })
}

/// Installs one implementation of cryptography for this client and the one of Kubernetes.
pub(crate) fn install_provider() {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody else was faster with the same one.
        Arc::unwrap_or_clone(provider).install_default().ok();
    }
}
