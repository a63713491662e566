//! The few fields of a certificate that matter here (RFC 5280, chapter 4.1).

use der::asn1::{AnyRef, BitStringRef, GeneralizedTime, UtcTime};
use der::{Decode, Reader, Result, SliceReader, Tag, Tagged};

use super::curve;

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
    pub parameters: Option<&'a [u8]>,
    /// What the algorithm makes of it.
    pub bits: &'a [u8],
}

impl SubjectKey<'_> {
    /// Go's reader looks at the key of an elliptic curve, in every certificate.
    pub(super) fn is_possible(&self) -> bool {
        let curve = self.parameters.unwrap_or_default();
        self.algorithm != Algorithm::Ec || curve::has_point(curve, self.bits)
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
        let certificate = fields.sequence(to_be_signed)?;
        skip(fields, Tag::Sequence)?;
        skip(fields, Tag::BitString)?;
        Ok(certificate)
    })
}

fn to_be_signed<'a>(fields: &mut SliceReader<'a>) -> Result<Certificate<'a>> {
    // The version is left out of the oldest ones.
    if Tag::peek(fields)?.is_context_specific() {
        AnyRef::decode(fields)?;
    }
    // Serial number, algorithm of the signature and issuer.
    skip(fields, Tag::Integer)?;
    skip(fields, Tag::Sequence)?;
    skip(fields, Tag::Sequence)?;
    let (not_before, not_after) = fields.sequence(validity)?;
    // The subject.
    skip(fields, Tag::Sequence)?;
    let key = fields.sequence(subject_key)?;
    // Identifiers and extensions.
    while !fields.is_finished() {
        AnyRef::decode(fields)?;
    }
    Ok(Certificate {
        not_before,
        not_after,
        key,
    })
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
        bits: BitStringRef::decode(fields)?.raw_bytes(),
    })
}

/// An `AlgorithmIdentifier`: the algorithm, and its parameters where they are an object identifier.
pub(super) fn algorithm<'a>(fields: &mut SliceReader<'a>) -> Result<(Algorithm, Option<&'a [u8]>)> {
    let id = AnyRef::decode(fields)?;
    id.tag().assert_eq(Tag::ObjectIdentifier)?;
    let mut parameters = None;
    while !fields.is_finished() {
        let parameter = AnyRef::decode(fields)?;
        parameters = (parameter.tag() == Tag::ObjectIdentifier).then(|| parameter.value());
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
