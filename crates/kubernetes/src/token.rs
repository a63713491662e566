//! The token for the management cluster.

use http::HeaderValue;

/// A bearer token. `Debug` shows nothing of it.
#[derive(Clone, Debug)]
pub struct BearerToken(HeaderValue);

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BearerTokenError {
    /// Nothing, or nothing but white space.
    #[error("the kubernetes token is empty")]
    Missing,
    /// The token holds characters that no header value may hold.
    #[error("the kubernetes token contains characters that no token has")]
    Malformed,
}

impl BearerToken {
    /// Takes the content of a service account's `token` file, or a token from any other source.
    pub fn new(token: &str) -> Result<Self, BearerTokenError> {
        let token = token.trim();
        if token.is_empty() {
            return Err(BearerTokenError::Missing);
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BearerTokenError::Malformed);
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| BearerTokenError::Malformed)?;
        // Sensitive values print as "Sensitive", also inside a request.
        value.set_sensitive(true);
        Ok(Self(value))
    }

    pub(crate) fn authorization(&self) -> HeaderValue {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_token_file_and_shows_nothing() {
        let token = BearerToken::new("eyJ.canary\n").unwrap();
        assert_eq!(token.authorization(), "Bearer eyJ.canary");
        assert_eq!(format!("{token:?}"), "BearerToken(Sensitive)");
        assert_eq!(
            BearerToken::new("\n").unwrap_err(),
            BearerTokenError::Missing
        );
        assert_eq!(
            BearerToken::new("a\r\nb").unwrap_err(),
            BearerTokenError::Malformed
        );
    }
}
