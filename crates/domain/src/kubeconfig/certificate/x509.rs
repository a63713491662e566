//! The few fields of a certificate that matter here (RFC 5280, chapter 4.1).

use der::asn1::{AnyRef, BitStringRef, GeneralizedTime, UtcTime};
use der::{Decode, Reader, Result, SliceReader, Tag, Tagged};

use super::{curve, key};

pub(super) struct Certificate<'a> {
    /// From when on it is valid, in seconds since 1970.
    pub not_before: u64,
    /// Until when.
    pub not_after: u64,
    pub key: SubjectKey<'a>,
}

/// The public key of a certificate.
#[derive(Clone, Copy)]
pub(super) struct SubjectKey<'a> {
    pub algorithm: Algorithm,
    /// For elliptic curves the object identifier of the curve.
    pub parameters: Option<AnyRef<'a>>,
    /// What the algorithm makes of it.
    pub bits: &'a [u8],
}

impl<'a> SubjectKey<'a> {
    /// Go's reader looks at the keys that it knows, in every certificate.
    pub(super) fn is_possible(&self) -> bool {
        match self.algorithm {
            Algorithm::Rsa => {
                let is_null = |it: AnyRef<'_>| it.tag() == Tag::Null && it.value().is_empty();
                self.parameters.is_some_and(is_null) && key::rsa_public(self.bits).is_ok()
            }
            Algorithm::Ec => curve::has_point(self.curve(), self.bits),
            Algorithm::Ed25519 => self.parameters.is_none() && self.bits.len() == 32,
            Algorithm::Other => true,
        }
    }

    /// An object identifier, or nothing.
    pub(super) fn curve(&self) -> &'a [u8] {
        object_id(self.parameters).unwrap_or_default()
    }
}

/// The algorithms that Go's `crypto/tls` takes for client certificates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rsa,
    Ec,
    Ed25519,
    Other,
}

/// Reads a certificate from DER. Its signature is not checked.
pub(super) fn read(der: &[u8]) -> Result<Certificate<'_>> {
    let certificate = AnyRef::decode(&mut SliceReader::new(der)?)?;
    certificate.sequence(|fields| {
        let (certificate, signature) = fields.sequence(to_be_signed)?;
        // Go compares the two.
        if AnyRef::decode(fields)? != signature {
            return Err(Tag::Sequence.value_error().into());
        }
        bits(fields)?;
        Ok(certificate)
    })
}

/// The certificate, and the algorithm of its signature.
fn to_be_signed<'a>(fields: &mut SliceReader<'a>) -> Result<(Certificate<'a>, AnyRef<'a>)> {
    // The version is left out of the oldest ones.
    if Tag::peek(fields)?.is_context_specific() {
        let version = AnyRef::decode(fields)?;
        version.tag().assert_eq(key::explicit(0))?;
        if key::integer(&mut SliceReader::new(version.value())?)? > &[2][..] {
            return Err(Tag::Integer.value_error().into());
        }
    }
    // The serial number.
    key::integer(fields)?;
    let signature = AnyRef::decode(fields)?;
    signature.tag().assert_eq(Tag::Sequence)?;
    // The issuer.
    skip(fields, Tag::Sequence)?;
    let (not_before, not_after) = fields.sequence(validity)?;
    // The subject.
    skip(fields, Tag::Sequence)?;
    let key = fields.sequence(subject_key)?;
    // Identifiers and extensions.
    while !fields.is_finished() {
        AnyRef::decode(fields)?;
    }
    let certificate = Certificate {
        not_before,
        not_after,
        key,
    };
    Ok((certificate, signature))
}

fn validity(fields: &mut SliceReader<'_>) -> Result<(u64, u64)> {
    Ok((time(fields)?, time(fields)?))
}

fn time(fields: &mut SliceReader<'_>) -> Result<u64> {
    let time = AnyRef::decode(fields)?;
    let since_1970 = match time.tag() {
        Tag::UtcTime => time.decode_as::<UtcTime>()?.to_unix_duration(),
        _ => time.decode_as::<GeneralizedTime>()?.to_unix_duration(),
    };
    Ok(since_1970.as_secs())
}

fn subject_key<'a>(fields: &mut SliceReader<'a>) -> Result<SubjectKey<'a>> {
    let (algorithm, parameters) = fields.sequence(algorithm)?;
    Ok(SubjectKey {
        algorithm,
        parameters,
        bits: bits(fields)?,
    })
}

/// Whole bytes of bits, as all keys and signatures are.
pub(super) fn bits<'a>(fields: &mut SliceReader<'a>) -> Result<&'a [u8]> {
    let bits = BitStringRef::decode(fields)?.as_bytes();
    bits.ok_or_else(|| Tag::BitString.value_error().into())
}

/// An object identifier among an algorithm's parameters.
pub(super) fn object_id(parameters: Option<AnyRef<'_>>) -> Option<&[u8]> {
    let id = parameters.filter(|it| it.tag() == Tag::ObjectIdentifier);
    id.map(|id| id.value())
}

/// An `AlgorithmIdentifier`: the algorithm, and its parameters.
pub(super) fn algorithm<'a>(
    fields: &mut SliceReader<'a>,
) -> Result<(Algorithm, Option<AnyRef<'a>>)> {
    let id = AnyRef::decode(fields)?;
    id.tag().assert_eq(Tag::ObjectIdentifier)?;
    let mut parameters = None;
    while !fields.is_finished() {
        let parameter = AnyRef::decode(fields)?;
        parameters = parameters.or(Some(parameter));
    }
    let algorithm = match id.value() {
        // rsaEncryption, id-ecPublicKey, id-Ed25519
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1] => Algorithm::Rsa,
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1] => Algorithm::Ec,
        [0x2b, 0x65, 0x70] => Algorithm::Ed25519,
        _ => Algorithm::Other,
    };
    Ok((algorithm, parameters))
}

fn skip(fields: &mut SliceReader<'_>, tag: Tag) -> Result<()> {
    AnyRef::decode(fields)?.tag().assert_eq(tag)?;
    Ok(())
}
