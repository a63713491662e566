//! What data hold that should be certificates or a key in PEM, and are not.

use super::super::KubeconfigError::{self, Der, OtherPem, Pem, PemLines};
use super::{CERTIFICATES, key, x509};

/// A label of PEM, or its end; what it stands for; and what to put in its place.
const LABELS: [(&str, &str, &str); 8] = [
    (
        "PRIVATE KEY",
        "a private key",
        "the two may have been swapped: put the certificate there, and the key into `client-key-data`",
    ),
    (
        "TRUSTED CERTIFICATE",
        "a certificate in a form of OpenSSL's own",
        "`openssl x509 -in FILE` prints it as every program reads it",
    ),
    (
        "CERTIFICATE REQUEST",
        "a request for a certificate",
        "send the certificate that was issued for it",
    ),
    (
        "PUBLIC KEY",
        "a public key",
        "send the certificate or the private key that it belongs to",
    ),
    (
        "PKCS7",
        "certificates in PKCS #7",
        "`openssl pkcs7 -print_certs -in FILE` prints them one by one",
    ),
    (
        "X509 CRL",
        "a list of revoked certificates",
        "send certificates",
    ),
    (
        "PARAMETERS",
        "the parameters of a key and no key",
        "send all of the file, the block of the key as well",
    ),
    (
        "CERTIFICATE",
        "a certificate",
        "the two may have been swapped: put the key there, and the certificate into `client-certificate-data`",
    ),
];

/// Names what stands in a field. `what` is what should.
pub(super) fn kind(field: &'static str, what: &'static str, data: &[u8]) -> KubeconfigError {
    let text = String::from_utf8_lossy(data);
    let text = text.trim();
    if is_der(what, data) {
        return Der(field);
    }
    let Some(label) = label(text) else {
        return Pem(field, what);
    };
    if !text.contains('\n') {
        return PemLines(field);
    }
    let mut labels = LABELS.iter();
    let other = labels.find(|(end, ..)| label.ends_with(end));
    match other {
        // Of the right kind, and broken.
        Some(("CERTIFICATE", ..)) if what == CERTIFICATES => Pem(field, what),
        Some(("PRIVATE KEY", ..)) if what != CERTIFICATES => Pem(field, what),
        Some((_, found, hint)) => OtherPem(field, found, hint),
        None => Pem(field, what),
    }
}

/// `-----BEGIN LABEL-----`
fn label(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, _) = rest.split_once("-----")?;
    Some(label)
}

fn is_der(what: &str, data: &[u8]) -> bool {
    match what == CERTIFICATES {
        true => x509::read(data).is_ok(),
        false => key::read(data).is_some(),
    }
}
