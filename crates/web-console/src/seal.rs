//! Sealed values: encrypted and authenticated, so that a browser can keep them and neither read nor change them.

use aes_gcm_siv::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Purpose of a sealed value. One for another purpose does not open.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Session,
    Login,
    Draft,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"session",
            Self::Login => b"login",
            Self::Draft => b"draft",
        }
    }
}

/// Seals with one key. `random` gives 64 bits a time.
pub(crate) struct Sealer<'a> {
    pub(crate) key: &'a [u8; 32],
}

/// RFC 8452. Two values under one nonce would tell whether they are equal, and nothing else.
const NONCE: usize = 12;

impl Sealer<'_> {
    /// A value as text for a cookie or a form.
    pub(crate) fn seal<T: Serialize>(
        &self,
        purpose: Purpose,
        value: &T,
        random: impl Fn() -> u64,
    ) -> Option<String> {
        let mut bytes = [0; NONCE];
        for chunk in bytes.chunks_mut(4) {
            let drawn = random().to_le_bytes();
            chunk.copy_from_slice(drawn.first_chunk::<4>()?);
        }
        let plain = serde_json::to_vec(value).ok()?;
        let payload = Payload {
            msg: &plain,
            aad: purpose.label(),
        };
        let sealed = self.cipher().encrypt(&Nonce::from(bytes), payload).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&bytes[..], &sealed].concat()))
    }

    /// The value, where nobody has touched it.
    pub(crate) fn open<T: DeserializeOwned>(&self, purpose: Purpose, text: &str) -> Option<T> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let payload = Payload {
            msg: sealed,
            aad: purpose.label(),
        };
        let plain = self.cipher().decrypt(&Nonce::from(*nonce), payload).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(self.key.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn what_was_sealed_opens_for_its_purpose_alone() {
        let sealer = Sealer { key: &KEY };
        let sealed = sealer.seal(Purpose::Session, &"canary", || 1).unwrap();
        assert!(!sealed.contains("canary"));
        assert_eq!(
            sealer.open::<String>(Purpose::Session, &sealed).as_deref(),
            Some("canary")
        );
        assert_eq!(sealer.open::<String>(Purpose::Draft, &sealed), None);
        assert_eq!(
            Sealer { key: &[8; 32] }.open::<String>(Purpose::Session, &sealed),
            None
        );
    }

    #[test]
    fn whatever_character_is_changed_it_does_not_open() {
        let sealer = Sealer { key: &KEY };
        let sealed = sealer.seal(Purpose::Session, &"canary", || 1).unwrap();
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(
                sealer.open::<String>(Purpose::Session, &changed),
                None,
                "{at}"
            );
        }
        for text in ["", "A", "not base64!"] {
            assert_eq!(sealer.open::<String>(Purpose::Session, text), None);
        }
    }
}
