//! Certificates and keys in PEM.

use super::KubeconfigError;
use super::fields::Fields;
use pem::{Pem, blocks};

mod pem;
mod x509;

/// From how long before its end a certificate is warned about.
const SOON: u64 = 30 * 24 * 60 * 60;

/// Checks PEM certificates, and warns of those that end. Returns the end of the first one's validity.
pub(super) fn check(
    key: &'static str,
    pem: &[u8],
    now: u64,
    fields: &mut Fields<'_>,
) -> Option<u64> {
    let mut first = None;
    let mut found = false;
    for block in blocks(pem) {
        let Ok(block) = block else {
            fields
                .errors
                .push(KubeconfigError::Pem(key, "certificates"));
            return None;
        };
        if block.label != "CERTIFICATE" {
            continue;
        }
        found = true;
        let Ok(end) = x509::read(&block.contents).map(|it| it.not_after) else {
            fields.errors.push(KubeconfigError::Certificate(key));
            return None;
        };
        warn_of_end(key, end, now, fields);
        first = first.or(Some(end));
    }
    if !found {
        fields
            .errors
            .push(KubeconfigError::Pem(key, "certificates"));
    }
    first
}

/// Checks a PEM private key.
pub(super) fn check_key(key: &'static str, pem: &[u8], fields: &mut Fields<'_>) {
    let mut found = false;
    for block in blocks(pem) {
        let Ok(block) = block else {
            break;
        };
        if block.label == "ENCRYPTED PRIVATE KEY" {
            fields.errors.push(KubeconfigError::EncryptedKey);
            return;
        }
        found |= block.label.ends_with("PRIVATE KEY");
    }
    // The older form of encrypted keys has headers (RFC 1421), which are no Base64.
    let text = String::from_utf8_lossy(pem);
    if text.contains("PRIVATE KEY-----") && text.contains("Proc-Type: 4,ENCRYPTED") {
        fields.errors.push(KubeconfigError::EncryptedKey);
    } else if !found {
        fields
            .errors
            .push(KubeconfigError::Pem(key, "of a private key"));
    }
}

/// Whether a key is that of a certificate; none where that can't be told by looking.
///
/// The DER of an RSA key holds modulus and exponent as the certificate has them; that of an elliptic curve
/// key may hold the public point.
pub(super) fn belong_together(certificate: &[u8], key: &[u8]) -> Option<bool> {
    let certificate = first(certificate, "CERTIFICATE")?;
    let public = x509::read(&certificate.contents).ok()?.public_key;
    let key = first(key, "PRIVATE KEY")?.contents;
    let public = match public {
        // SEQUENCE, two bytes of length: from 256 bytes on, as every RSA key has them today.
        [0x30, 0x82, _, _, numbers @ ..] => numbers,
        // An uncompressed point: two coordinates, each as long as the secret number.
        [0x04, coordinates @ ..] if key.len() > coordinates.len() / 2 * 3 => public,
        _ => return None,
    };
    Some(key.windows(public.len()).any(|window| window == public))
}

fn first(pem: &[u8], label: &str) -> Option<Pem> {
    let mut blocks = blocks(pem).filter_map(Result::ok);
    blocks.find(|block| block.label.ends_with(label))
}

fn warn_of_end(key: &str, end: u64, now: u64, fields: &mut Fields<'_>) {
    if end <= now {
        fields.warnings.push(format!(
            "the certificate in the kubeconfig's `{key}` has expired"
        ));
    } else if end - now <= SOON {
        let left = match (end - now) / (24 * 60 * 60) {
            0 => "within a day".to_owned(),
            1 => "in 1 day".to_owned(),
            days => format!("in {days} days"),
        };
        fields.warnings.push(format!(
            "the certificate in the kubeconfig's `{key}` expires {left}"
        ));
    }
}
