//! Whom outgoing requests trust.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::path::PathBuf;
use std::sync::Arc;

/// Why a file of certificate authorities is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("cannot read certificates from {}", path.display())]
    Unreadable {
        path: PathBuf,
        source: rustls::pki_types::pem::Error,
    },
    #[error("{} contains no certificate", .0.display())]
    Empty(PathBuf),
    #[error("{} contains a certificate that can't be trusted", path.display())]
    Unusable {
        path: PathBuf,
        source: rustls::Error,
    },
    #[error("TLS is not available")]
    Provider(#[from] rustls::Error),
}

/// The public certificate authorities and those of the given PEM files.
pub(crate) fn configuration(ca_files: &[PathBuf]) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for path in ca_files {
        add(&mut roots, path)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn add(roots: &mut RootCertStore, path: &PathBuf) -> Result<(), TlsError> {
    let unreadable = |source| TlsError::Unreadable {
        path: path.clone(),
        source,
    };
    let certificates = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
    let certificates = certificates
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?;
    if certificates.is_empty() {
        return Err(TlsError::Empty(path.clone()));
    }
    for certificate in certificates {
        roots
            .add(certificate)
            .map_err(|source| TlsError::Unusable {
                path: path.clone(),
                source,
            })?;
    }
    Ok(())
}
