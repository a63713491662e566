//! Random names from the operating system's generator.

/// The generator gave no bytes.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no random bytes from the operating system")]
pub struct NoRandomness;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// `length` characters of the URL-safe base64 alphabet, six random bits each.
pub(crate) fn name(length: usize) -> Result<String, NoRandomness> {
    let mut bytes = vec![0; length];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| NoRandomness)?;
    Ok(bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte & 0x3f)))
        .map(|&character| char::from(character))
        .collect())
}
