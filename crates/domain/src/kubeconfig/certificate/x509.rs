//! The few fields of a certificate that matter here (RFC 5280, chapter 4.1).

use der::asn1::{AnyRef, BitStringRef, GeneralizedTime, UtcTime};
use der::{Decode, Reader, Result, SliceReader, Tag, Tagged};

pub(super) struct Certificate<'a> {
    /// Seconds since 1970.
    pub not_after: u64,
    /// What the key's algorithm makes of it.
    pub public_key: &'a [u8],
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
    let not_after = fields.sequence(end_of_validity)?;
    // The subject.
    skip(fields, Tag::Sequence)?;
    let public_key = fields.sequence(public_key)?;
    // Identifiers and extensions.
    while !fields.is_finished() {
        AnyRef::decode(fields)?;
    }
    Ok(Certificate {
        not_after,
        public_key,
    })
}

fn end_of_validity(fields: &mut SliceReader<'_>) -> Result<u64> {
    // From when on it is valid.
    AnyRef::decode(fields)?;
    let time = AnyRef::decode(fields)?;
    let since_1970 = match time.tag() {
        Tag::UtcTime => time.decode_as::<UtcTime>()?.to_unix_duration(),
        _ => time.decode_as::<GeneralizedTime>()?.to_unix_duration(),
    };
    Ok(since_1970.as_secs())
}

fn public_key<'a>(fields: &mut SliceReader<'a>) -> Result<&'a [u8]> {
    skip(fields, Tag::Sequence)?;
    Ok(BitStringRef::decode(fields)?.raw_bytes())
}

fn skip(fields: &mut SliceReader<'_>, tag: Tag) -> Result<()> {
    AnyRef::decode(fields)?.tag().assert_eq(tag)?;
    Ok(())
}
