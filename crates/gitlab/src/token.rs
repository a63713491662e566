//! The caller's access token.

use http::HeaderValue;

/// A GitLab access token (personal, project, group or OAuth). `Debug` shows nothing of it.
#[derive(Clone, Debug)]
pub struct Token(HeaderValue);

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Nothing, or nothing but white space.
    #[error("the access token is empty")]
    Missing,
    /// It holds characters that no header value may hold.
    #[error("the access token contains characters that no token has")]
    Malformed,
}

impl Token {
    /// Takes the bare token, without a scheme such as `Bearer`.
    pub fn new(token: &str) -> Result<Self, TokenError> {
        let token = token.trim();
        if token.is_empty() {
            return Err(TokenError::Missing);
        }
        // White space and control characters would smuggle further headers or credentials in.
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
    fn debug_shows_nothing() {
        let token = Token::new("glpat-canary").unwrap();
        assert_eq!(format!("{token:?}"), "Token(Sensitive)");
    }

    #[test]
    fn refuses_what_is_no_token() {
        assert_eq!(Token::new(" \n").unwrap_err(), TokenError::Missing);
        for text in ["a b", "a\nb", "ä", "a\u{0}"] {
            assert_eq!(Token::new(text).unwrap_err(), TokenError::Malformed);
        }
        assert_eq!(
            Token::new(" glpat-x\n").unwrap().authorization(),
            "Bearer glpat-x"
        );
    }
}
