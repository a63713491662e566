//! Private keys as Go's `crypto/tls` reads them (`parsePrivateKey`): PKCS #1 (RFC 8017), PKCS #8 (RFC 5958) and
//! SEC 1 (RFC 5915).

use der::asn1::AnyRef;
use der::{Decode, Reader, Result, SliceReader, Tag, TagNumber, Tagged};

use super::x509::{Algorithm, SubjectKey};
use super::{curve, rsa};

/// What of a private key tells to which certificate it belongs.
pub(super) enum PrivateKey<'a> {
    Rsa {
        /// Modulus and exponent.
        public: [&'a [u8]; 2],
        /// Primes behind the first two, which nobody has looked at.
        has_more_primes: bool,
    },
    Ec {
        curve: &'a [u8],
        /// As it is computed, which Go does as well.
        point: Option<curve::Point>,
        /// As the key says, where it does.
        stated: Option<&'a [u8]>,
    },
    /// Its public part is computed by arithmetic that nothing else needs.
    Ed25519,
}

/// Reads a key from DER.
pub(super) fn read(der: &[u8]) -> Option<PrivateKey<'_>> {
    rsa_key(der)
        .or_else(|_| pkcs8(der))
        .or_else(|_| sec1(der, None))
        .ok()
}

/// Compares with the key of a certificate; `None` where they may belong to each other, and more is not known.
pub(super) fn belongs_to(key: &PrivateKey<'_>, certificate: &SubjectKey<'_>) -> Option<bool> {
    match (key, certificate.algorithm) {
        (
            PrivateKey::Rsa {
                public,
                has_more_primes,
            },
            Algorithm::Rsa,
        ) => match rsa_public(certificate.bits).is_ok_and(|other| other == *public) {
            true => (!has_more_primes).then_some(true),
            false => Some(false),
        },
        (
            PrivateKey::Ec {
                curve,
                point,
                stated,
            },
            Algorithm::Ec,
        ) => match (point, stated) {
            _ if certificate.curve() != *curve => Some(false),
            (Some(point), _) => Some(curve::is_written(curve, point, certificate.bits)),
            (None, Some(stated)) if *stated != certificate.bits => Some(false),
            (None, _) => None,
        },
        (PrivateKey::Ed25519, Algorithm::Ed25519) => None,
        _ => Some(false),
    }
}

fn rsa_key(der: &[u8]) -> Result<PrivateKey<'_>> {
    sequence(der, |fields| {
        // Go refuses versions above 1, and takes negative ones.
        let version = value(fields, Tag::Integer)?;
        let mut numbers: [&[u8]; 8] = [&[]; 8];
        for number in &mut numbers {
            *number = integer(fields)?;
        }
        let has_more_primes = !fields.is_finished();
        skip_rest(fields)?;
        let [modulus, exponent, ..] = numbers;
        match matches!(version, [0 | 1 | 0x80..]) && rsa::is_key(numbers, has_more_primes) {
            true => Ok(PrivateKey::Rsa {
                public: [modulus, exponent],
                has_more_primes,
            }),
            false => Err(Tag::Integer.value_error().into()),
        }
    })
}

/// Modulus and exponent of a certificate's key.
pub(super) fn rsa_public(der: &[u8]) -> Result<[&[u8]; 2]> {
    sequence(der, |fields| {
        let numbers = [integer(fields)?, integer(fields)?];
        skip_rest(fields)?;
        Ok(numbers)
    })
}

fn pkcs8(der: &[u8]) -> Result<PrivateKey<'_>> {
    sequence(der, |fields| {
        value(fields, Tag::Integer)?;
        let (algorithm, parameters) = fields.sequence(super::x509::algorithm)?;
        let key = value(fields, Tag::OctetString)?;
        skip_rest(fields)?;
        match algorithm {
            Algorithm::Rsa => rsa_key(key),
            Algorithm::Ec => sec1(key, parameters),
            Algorithm::Ed25519 if parameters.is_none() => {
                let seed = value(&mut SliceReader::new(key)?, Tag::OctetString)?;
                let key = (seed.len() == 32).then_some(PrivateKey::Ed25519);
                key.ok_or_else(|| Tag::OctetString.value_error().into())
            }
            _ => Err(Tag::OctetString.value_error().into()),
        }
    })
}

/// `parameters` are those of the PKCS #8 around it.
fn sec1<'a>(der: &'a [u8], parameters: Option<AnyRef<'a>>) -> Result<PrivateKey<'a>> {
    const PARAMETERS: Tag = explicit(0);
    const PUBLIC_KEY: Tag = explicit(1);
    sequence(der, |fields| {
        if value(fields, Tag::Integer)? != [1] {
            return Err(Tag::Integer.value_error().into());
        }
        let scalar = value(fields, Tag::OctetString)?;
        let mut curve = super::x509::object_id(parameters);
        let mut stated = None;
        while !fields.is_finished() {
            let tagged = AnyRef::decode(fields)?;
            let mut inner = SliceReader::new(tagged.value())?;
            match tagged.tag() {
                PARAMETERS => {
                    let id = value(&mut inner, Tag::ObjectIdentifier)?;
                    curve = curve.or(Some(id));
                }
                PUBLIC_KEY => stated = Some(super::x509::bits(&mut inner)?),
                _ => {}
            }
        }
        let curve = curve.ok_or_else(|| Tag::ObjectIdentifier.value_error())?;
        let point = curve::public_point(curve, scalar);
        Ok(PrivateKey::Ec {
            curve,
            point: point.ok_or_else(|| Tag::OctetString.value_error())?,
            stated,
        })
    })
}

pub(super) const fn explicit(number: u32) -> Tag {
    Tag::ContextSpecific {
        constructed: true,
        number: TagNumber(number),
    }
}

fn sequence<'a, T>(
    der: &'a [u8],
    read: impl FnOnce(&mut SliceReader<'a>) -> Result<T>,
) -> Result<T> {
    AnyRef::decode(&mut SliceReader::new(der)?)?.sequence(read)
}

/// The digits of an integer that is not negative, without the zero that says so.
pub(super) fn integer<'a>(fields: &mut SliceReader<'a>) -> Result<&'a [u8]> {
    let digits = value(fields, Tag::Integer)?;
    match digits {
        [0, rest @ ..] if rest.first().is_none_or(|first| *first > 0x7f) => Ok(rest),
        [1..0x80, ..] => Ok(digits),
        _ => Err(Tag::Integer.value_error().into()),
    }
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
