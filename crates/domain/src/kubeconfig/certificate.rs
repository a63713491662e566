//! Certificates and keys in PEM.

use super::KubeconfigError;
use super::fields::Fields;
use pem::{Broken, blocks};

mod curve;
mod key;
mod number;
mod other;
mod pem;
mod rsa;
mod x509;

/// From how long before its end a certificate is warned about.
const SOON: u64 = 30 * 24 * 60 * 60;

/// What a field should hold, for messages.
const CERTIFICATES: &str = "certificates";
const PRIVATE_KEY: &str = "of a private key";

/// Warning about a key that is not compared with its certificate: that would cost more than all the rest of a request, or code that
/// nothing else needs.
const UNKNOWN_PAIR: &str = "nobody has checked that the kubeconfig's `client-key-data` belongs to its `client-certificate-data`: \
     keys of Ed25519, P-384 and P-521 and of RSA with more than two primes are not compared";

/// Certificates of one chain: leaf, intermediates and roots of the largest known ones are below ten.
const MAX_CERTIFICATES: usize = 20;
/// Bytes of one chain in PEM: 20 certificates of 3 KiB.
const MAX_CHAIN: usize = 64 * 1024;
/// Bytes of a key in PEM: RSA of 16,384 bits takes 12.5 KiB.
const MAX_KEY: usize = 16 * 1024;

/// Checks PEM certificates, and warns of those that end. Returns the end of the first one's validity.
pub(super) fn check(
    key: &'static str,
    pem: &[u8],
    now: u64,
    fields: &mut Fields<'_>,
) -> Option<u64> {
    match validities(key, pem) {
        Ok(validities) => {
            for validity in &validities {
                warn_of_validity(key, validity, now, fields);
            }
            validities.first().map(|first| first.not_after)
        }
        Err(error) => {
            fields.errors.push(error);
            None
        }
    }
}

/// Seconds since 1970.
#[derive(Debug)]
struct Validity {
    not_before: u64,
    not_after: u64,
}

/// When the certificates are valid.
fn validities(key: &'static str, pem: &[u8]) -> Result<Vec<Validity>, KubeconfigError> {
    if pem.len() > MAX_CHAIN {
        return Err(KubeconfigError::TooLong(key, "64 KiB"));
    }
    let mut validities = Vec::new();
    for block in blocks(pem) {
        let block = block.map_err(|broken| pem_error(key, CERTIFICATES, broken, pem))?;
        if block.label != "CERTIFICATE" {
            continue;
        }
        let certificate = x509::read(&block.contents);
        let certificate = certificate.ok().filter(|it| it.key.is_possible());
        let certificate = certificate.ok_or(KubeconfigError::Certificate(key))?;
        validities.push(Validity {
            not_before: certificate.not_before,
            not_after: certificate.not_after,
        });
        if validities.len() > MAX_CERTIFICATES {
            return Err(KubeconfigError::TooLong(key, "20 certificates"));
        }
    }
    if validities.is_empty() {
        return Err(other::kind(key, CERTIFICATES, pem));
    }
    Ok(validities)
}

/// Says what keeps certificates from being trusted that an operator names, or from being shown to everybody.
pub(crate) fn certificate_bundle(text: &str) -> Result<(), &'static str> {
    if text.contains("PRIVATE KEY-----") {
        return Err("holds a private key, and it goes into the repository as it is");
    }
    let mut is_empty = true;
    for block in blocks(text.as_bytes()) {
        let block = block.map_err(|broken| match broken {
            Broken::Block => "holds a PEM block that can't be read",
            Broken::Glued => "holds a PEM block that does not begin on a line of its own",
        })?;
        if block.label == "CERTIFICATE" {
            x509::read(&block.contents).map_err(|_| "holds a certificate that can't be read")?;
            is_empty = false;
        }
    }
    match is_empty {
        true => Err("holds no certificate in PEM"),
        false => Ok(()),
    }
}

fn pem_error(key: &'static str, what: &'static str, broken: Broken, pem: &[u8]) -> KubeconfigError {
    match broken {
        Broken::Block => other::kind(key, what, pem),
        Broken::Glued => KubeconfigError::GluedPem(key),
    }
}

/// Checks a PEM private key, and that it is the key of the first certificate.
pub(super) fn check_key(
    key: &'static str,
    pem: &[u8],
    certificates: Option<&[u8]>,
    fields: &mut Fields<'_>,
) {
    let checked = key_der(key, pem).and_then(|der| {
        let private = key::read(&der).ok_or(KubeconfigError::Key)?;
        certificates.map_or(Ok(true), |pem| match_key(&private, pem))
    });
    match checked {
        Ok(true) => {}
        Ok(false) => fields.warnings.push(UNKNOWN_PAIR.to_owned()),
        Err(error) => fields.errors.push(error),
    }
}

/// The first block of a key: Go looks at no other.
fn key_der(key: &'static str, pem: &[u8]) -> Result<Vec<u8>, KubeconfigError> {
    if pem.len() > MAX_KEY {
        return Err(KubeconfigError::TooLong(key, "16 KiB"));
    }
    // The older form of encrypted keys has headers (RFC 1421), which are no Base64.
    let text = String::from_utf8_lossy(pem);
    if text.contains("PRIVATE KEY-----") && text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(KubeconfigError::EncryptedKey);
    }
    for block in blocks(pem) {
        let block = block.map_err(|broken| pem_error(key, PRIVATE_KEY, broken, pem))?;
        match block.label.as_str() {
            "ENCRYPTED PRIVATE KEY" => return Err(KubeconfigError::EncryptedKey),
            "OPENSSH PRIVATE KEY" => return Err(KubeconfigError::OpenSshKey),
            label if label.ends_with("PRIVATE KEY") => return Ok(block.contents),
            _ => {}
        }
    }
    Err(other::kind(key, PRIVATE_KEY, pem))
}

/// True where a key and a certificate were found to belong to each other, false where nobody has checked; an error where they don't.
fn match_key(private: &key::PrivateKey<'_>, certificates: &[u8]) -> Result<bool, KubeconfigError> {
    let blocks = blocks(certificates).filter_map(Result::ok);
    let mut matches = blocks
        .filter(|block| block.label == "CERTIFICATE")
        .map(|block| x509::read(&block.contents).map(|it| key::belongs_to(private, &it.key)))
        .filter_map(Result::ok);
    match matches.next() {
        Some(Some(false)) if matches.any(|it| it != Some(false)) => {
            Err(KubeconfigError::ChainOrder)
        }
        Some(Some(false)) => Err(KubeconfigError::ForeignKey),
        known => Ok(known != Some(None)),
    }
}

fn warn_of_validity(key: &str, validity: &Validity, now: u64, fields: &mut Fields<'_>) {
    let end = validity.not_after;
    if validity.not_before > now {
        fields.warnings.push(format!(
            "the certificate in the kubeconfig's `{key}` is not valid yet"
        ));
    } else if end <= now {
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

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &[u8] = include_bytes!("../../tests/authority.crt");
    /// PEM with text behind its blocks, which readers skip.
    fn padded(pem: &[u8], length: usize) -> Vec<u8> {
        let mut pem = pem.to_vec();
        pem.resize(length, b'\n');
        pem
    }

    #[test]
    fn a_chain_has_so_many_certificates_and_bytes() {
        for count in [MAX_CERTIFICATES - 1, MAX_CERTIFICATES] {
            assert_eq!(
                validities("k", &CERTIFICATE.repeat(count)).unwrap().len(),
                count
            );
        }
        let above = validities("k", &CERTIFICATE.repeat(MAX_CERTIFICATES + 1)).unwrap_err();
        assert!(
            matches!(above, KubeconfigError::TooLong("k", "20 certificates")),
            "{above}"
        );
        for length in [MAX_CHAIN - 1, MAX_CHAIN] {
            assert_eq!(
                validities("k", &padded(CERTIFICATE, length)).unwrap().len(),
                1
            );
        }
        let above = validities("k", &padded(CERTIFICATE, MAX_CHAIN + 1)).unwrap_err();
        assert!(
            matches!(above, KubeconfigError::TooLong("k", "64 KiB")),
            "{above}"
        );
    }

    #[test]
    fn a_key_has_so_many_bytes() {
        // An empty sequence: what is in it is judged later.
        let label = "PRIVATE KEY";
        let key = format!("-----BEGIN {label}-----\nMAA=\n-----END {label}-----\n").into_bytes();
        for length in [MAX_KEY - 1, MAX_KEY] {
            assert_eq!(key_der("k", &padded(&key, length)).unwrap(), [0x30, 0]);
        }
        let above = key_der("k", &padded(&key, MAX_KEY + 1)).unwrap_err();
        assert!(
            matches!(above, KubeconfigError::TooLong("k", "16 KiB")),
            "{above}"
        );
    }
}
