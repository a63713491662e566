//! Private keys as Go's `crypto/tls` reads them (`parsePrivateKey`): PKCS #1 (RFC 8017), PKCS #8 (RFC 5958) and
//! SEC 1 (RFC 5915).

use der::asn1::AnyRef;
use der::{Decode, Reader, Result, SliceReader, Tag, Tagged};

use super::x509::{Algorithm, SubjectKey};

/// What of a private key tells to which certificate it belongs.
pub(super) enum PrivateKey<'a> {
    /// Modulus and public exponent.
    Rsa([&'a [u8]; 2]),
    /// The curve, and the public point where the key has it.
    Ec {
        curve: &'a [u8],
        point: Option<&'a [u8]>,
    },
    /// Its public part is computed, not stored.
    Ed25519,
}

/// Reads a key from DER.
pub(super) fn read(der: &[u8]) -> Option<PrivateKey<'_>> {
    rsa(der)
        .or_else(|_| pkcs8(der))
        .or_else(|_| sec1(der, None))
        .ok()
        .filter(is_usable)
}

/// Compares with the key of a certificate; none where that takes arithmetic on the curve.
pub(super) fn belongs_to(key: &PrivateKey<'_>, certificate: &SubjectKey<'_>) -> Option<bool> {
    match (key, certificate.algorithm) {
        (PrivateKey::Rsa(numbers), Algorithm::Rsa) => {
            Some(rsa_public(certificate.bits).is_ok_and(|public| public == *numbers))
        }
        (PrivateKey::Ec { curve, point }, Algorithm::Ec) => {
            if certificate.parameters != Some(*curve) {
                return Some(false);
            }
            point.map(|point| point == certificate.bits)
        }
        (PrivateKey::Ed25519, Algorithm::Ed25519) => None,
        _ => Some(false),
    }
}

/// The curves that Go knows (`namedCurveFromOID`): P-224, P-256, P-384 and P-521.
fn is_usable(key: &PrivateKey<'_>) -> bool {
    const PRIME_256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    const SECG: &[u8] = &[0x2b, 0x81, 4, 0];
    match key {
        PrivateKey::Ec { curve, .. } => {
            let secg = curve.strip_prefix(SECG);
            *curve == PRIME_256
                || secg.is_some_and(|number| [[33], [34], [35]].iter().any(|it| it == number))
        }
        _ => true,
    }
}

fn rsa(der: &[u8]) -> Result<PrivateKey<'_>> {
    sequence(der, |fields| {
        version(fields)?;
        let modulus = integer(fields)?;
        let exponent = integer(fields)?;
        // Private exponent, two primes, two exponents and a coefficient.
        for _ in 0..6 {
            integer(fields)?;
        }
        skip_rest(fields)?;
        Ok(PrivateKey::Rsa([modulus, exponent]))
    })
}

fn rsa_public(der: &[u8]) -> Result<[&[u8]; 2]> {
    sequence(der, |fields| Ok([integer(fields)?, integer(fields)?]))
}

fn pkcs8(der: &[u8]) -> Result<PrivateKey<'_>> {
    sequence(der, |fields| {
        version(fields)?;
        let (algorithm, parameters) = fields.sequence(super::x509::algorithm)?;
        let key = value(fields, Tag::OctetString)?;
        skip_rest(fields)?;
        match algorithm {
            Algorithm::Rsa => rsa(key),
            Algorithm::Ec => sec1(key, parameters),
            Algorithm::Ed25519 => Ok(PrivateKey::Ed25519),
            Algorithm::Other => Err(Tag::OctetString.value_error().into()),
        }
    })
}

/// `parameters` are those of the PKCS #8 around it.
fn sec1<'a>(der: &'a [u8], parameters: Option<&'a [u8]>) -> Result<PrivateKey<'a>> {
    sequence(der, |fields| {
        version(fields)?;
        value(fields, Tag::OctetString)?;
        let (mut curve, mut point) = (parameters, None);
        while !fields.is_finished() {
            let tagged = AnyRef::decode(fields)?;
            let mut inner = SliceReader::new(tagged.value())?;
            let inner = AnyRef::decode(&mut inner)?;
            match inner.tag() {
                Tag::ObjectIdentifier => curve = curve.or(Some(inner.value())),
                // The first byte counts unused bits.
                Tag::BitString => point = inner.value().get(1..),
                _ => {}
            }
        }
        let curve = curve.ok_or_else(|| Tag::ObjectIdentifier.value_error())?;
        Ok(PrivateKey::Ec { curve, point })
    })
}

fn sequence<'a, T>(
    der: &'a [u8],
    read: impl FnOnce(&mut SliceReader<'a>) -> Result<T>,
) -> Result<T> {
    AnyRef::decode(&mut SliceReader::new(der)?)?.sequence(read)
}

fn version(fields: &mut SliceReader<'_>) -> Result<()> {
    integer(fields).map(|_| ())
}

/// The digits of an integer, without the zero that only says that it is positive.
fn integer<'a>(fields: &mut SliceReader<'a>) -> Result<&'a [u8]> {
    let digits = value(fields, Tag::Integer)?;
    Ok(match digits {
        [0, rest @ ..] => rest,
        digits => digits,
    })
}

fn value<'a>(fields: &mut SliceReader<'a>, tag: Tag) -> Result<&'a [u8]> {
    let field = AnyRef::decode(fields)?;
    field.tag().assert_eq(tag)?;
    Ok(field.value())
}

fn skip_rest(fields: &mut SliceReader<'_>) -> Result<()> {
    while !fields.is_finished() {
        AnyRef::decode(fields)?;
    }
    Ok(())
}
