//! Tokens of service accounts: JSON Web Tokens, signed with a key of the server's own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::object;
use crate::resource::{GroupResource, ObjectKey};
use crate::store::StoreState;

/// Block size of SHA-256, in bytes (RFC 2104).
const BLOCK: usize = 64;

/// Audience of the API server itself, for which tokens are unless another is asked for.
pub const AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";

/// Signs and reads tokens.
#[derive(Clone)]
pub struct TokenSigner(Vec<u8>);

impl std::fmt::Debug for TokenSigner {
    /// Without the key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TokenSigner")
    }
}

/// Purpose of a token.
#[derive(Debug)]
pub struct TokenClaims<'a> {
    /// The service account.
    pub account: &'a Value,
    /// Secret that holds the token, which ends with it; none for requested tokens.
    pub secret: Option<&'a Value>,
    /// Services that may take it.
    pub audiences: Vec<String>,
    /// Seconds since the epoch; none: it has no end.
    pub expires: Option<i64>,
}

impl TokenSigner {
    /// Signs with this key.
    pub fn new(key: &str) -> Self {
        Self(key.as_bytes().to_vec())
    }

    /// A token for a service account.
    pub fn sign(&self, claims: &TokenClaims<'_>) -> String {
        let reference =
            |object: &Value| json!({ "name": object::name(object), "uid": object::uid(object) });
        let namespace = object::namespace(claims.account);
        let name = object::name(claims.account);
        let payload = json!({
            "iss": AUDIENCE, "aud": claims.audiences, "exp": claims.expires,
            "iat": OffsetDateTime::now_utc().unix_timestamp(), "jti": Uuid::new_v4().to_string(),
            "sub": format!("system:serviceaccount:{namespace}:{name}"),
            "kubernetes.io": {
                "namespace": namespace, "serviceaccount": reference(claims.account),
                "secret": claims.secret.map(reference),
            },
        });
        let header = json!({ "alg": "HS256", "typ": "JWT" });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&payload));
        let signature = URL_SAFE_NO_PAD.encode(self.hmac(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// The user name a token stands for; none where it is not ours, has ended, is for somebody else, or where
    /// the account or the Secret is gone.
    pub fn user(&self, state: &StoreState, token: &str) -> Option<String> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if signature != self.hmac(signed.as_bytes()) {
            return None;
        }
        let (_, payload) = signed.split_once('.')?;
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        let expires = claims.get("exp").and_then(Value::as_i64);
        let has_ended =
            expires.is_some_and(|end| end <= OffsetDateTime::now_utc().unix_timestamp());
        let is_for_us = object::list(&claims, "/aud")
            .iter()
            .any(|audience| audience == AUDIENCE);
        let account = is_alive(state, &claims, "serviceaccount", "serviceaccounts");
        let has_secret = claims.pointer("/kubernetes.io/secret/name").is_some();
        let secret = !has_secret || is_alive(state, &claims, "secret", "secrets");
        let is_good = !has_ended && is_for_us && account && secret;
        is_good.then(|| object::text(&claims, "/sub").to_owned())
    }

    /// HMAC-SHA-256 (RFC 2104); the key is shorter than a block.
    fn hmac(&self, message: &[u8]) -> Vec<u8> {
        let pad = |byte: u8| {
            let padded = self.0.iter().copied().chain(std::iter::repeat(0));
            padded
                .take(BLOCK)
                .map(|key| key ^ byte)
                .collect::<Vec<u8>>()
        };
        let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message);
        let outer = Sha256::new()
            .chain_update(pad(0x5c))
            .chain_update(inner.finalize());
        outer.finalize().to_vec()
    }
}

/// The object that a claim names still exists, with the same uid.
fn is_alive(state: &StoreState, claims: &Value, claim: &str, plural: &str) -> bool {
    let text = |field: &str| object::text(claims, &format!("/kubernetes.io/{field}"));
    let key = ObjectKey::new(text("namespace"), text(&format!("{claim}/name")));
    let found = state.get(&GroupResource::new("", plural), &key);
    found.is_some_and(|object| object::uid(&object) == text(&format!("{claim}/uid")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_rfc_4231() {
        let signature = TokenSigner::new("Jefe").hmac(b"what do ya want for nothing?");
        let expected = [0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e];
        assert_eq!(signature[..8], expected);
    }
}
