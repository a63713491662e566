//! A certificate authority of the server's own, and the certificate it serves with.

use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde::{Deserialize, Serialize};

use super::{DataError, read};
use crate::store::write_private;

/// Names the server answers to.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Certificates and the server's key, as PEM. The authority's key is thrown away once it has signed.
#[derive(Clone, Serialize, Deserialize)]
pub struct ServerCertificates {
    /// The authority's certificate.
    pub ca: String,
    /// The server's certificate.
    pub certificate: String,
    /// The server's private key.
    pub key: String,
}

pub(super) fn load_or_make(data: &Path) -> Result<ServerCertificates, DataError> {
    let file = data.join("certificates.json");
    if let Some(bytes) = read(&file)? {
        return serde_json::from_slice(&bytes)
            .map_err(|_| DataError::new(&file, "not a set of certificates"));
    }
    let certificates = make().map_err(|error| DataError::new(&file, error))?;
    let content =
        serde_json::to_vec(&certificates).map_err(|error| DataError::new(&file, error))?;
    write_private(&file, &content).map_err(|error| DataError::new(&file, error))?;
    Ok(certificates)
}

fn make() -> Result<ServerCertificates, rcgen::Error> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    authority
        .distinguished_name
        .push(DnType::CommonName, "sandbox Kubernetes authority");
    let authority_key = KeyPair::generate()?;
    let ca = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let mut server = CertificateParams::new(NAMES.map(str::to_owned).to_vec())?;
    server
        .distinguished_name
        .push(DnType::CommonName, "sandbox Kubernetes API");
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &issuer)?;
    Ok(ServerCertificates {
        ca: ca.pem(),
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    })
}
