//! The token for the management cluster.

use http::HeaderValue;

/// A bearer token. `Debug` shows nothing of it.
#[derive(Clone, Debug)]
pub struct Token(HeaderValue);

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Nothing, or nothing but white space.
    #[error("the kubernetes token is empty")]
    Missing,
    /// The token holds characters that no header value may hold.
    #[error("the kubernetes token contains characters that no token has")]
    Malformed,
}

impl Token {
    /// Takes the content of a service account's `token` file, or a token from any other source.
    pub fn new(token: &str) -> Result<Self, TokenError> {
        let token = token.trim();
        if token.is_empty() {
            return Err(TokenError::Missing);
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Malformed);
        }
        let mut value =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| TokenError::Malformed)?;
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
        let token = Token::new("eyJ.canary\n").unwrap();
        assert_eq!(token.authorization(), "Bearer eyJ.canary");
        assert_eq!(format!("{token:?}"), "Token(Sensitive)");
        assert_eq!(Token::new("\n").unwrap_err(), TokenError::Missing);
        assert_eq!(Token::new("a\r\nb").unwrap_err(), TokenError::Malformed);
    }
}
