//! The caller's access token.

use http::HeaderValue;

/// A GitLab access token (personal, project, group or OAuth). `Debug` shows nothing of it.
#[derive(Clone, Debug)]
pub struct GitLabToken(HeaderValue);

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GitLabTokenError {
    /// Nothing, or nothing but white space.
    #[error("the access token is empty")]
    Missing,
    /// The token holds characters that no header value may hold.
    #[error("the access token contains characters that no token has")]
    Malformed,
}

impl GitLabToken {
    /// Takes the bare token, without a scheme such as `Bearer`.
    pub fn new(token: &str) -> Result<Self, GitLabTokenError> {
        let token = token.trim();
        if token.is_empty() {
            return Err(GitLabTokenError::Missing);
        }
        // White space and control characters would smuggle further headers or credentials in.
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(GitLabTokenError::Malformed);
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| GitLabTokenError::Malformed)?;
        // Sensitive values print as "Sensitive", also inside a request.
        value.set_sensitive(true);
        Ok(Self(value))
    }

    pub(crate) fn authorization(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// Kind of a secret that people send in place of an access token, told by its beginning ([GitLab's
/// prefixes](https://docs.gitlab.com/security/tokens/#token-prefixes)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TokenKind(&'static str);

impl TokenKind {
    /// The kind of a token; none for access tokens and for what has no known beginning.
    #[must_use]
    pub fn of(token: &str) -> Option<Self> {
        const KINDS: [(&str, &str); 18] = [
            ("glcbt-", "a CI/CD job token"),
            ("gldt-", "a deploy token"),
            ("glptt-", "a pipeline trigger token"),
            ("glrt-", "a runner's token"),
            ("glrtr-", "a runner's token"),
            ("GR1348941", "a runner's registration token"),
            ("glagent-", "an agent's token"),
            ("glft-", "a feed token"),
            ("glimt-", "a token for incoming mail"),
            ("glffct-", "a token for feature flags"),
            ("glsoat-", "a SCIM token"),
            ("gloas-", "an OAuth application's secret"),
            ("ghp_", "a token of GitHub"),
            ("gho_", "a token of GitHub"),
            ("ghs_", "a token of GitHub"),
            ("github_pat_", "a token of GitHub"),
            ("eyJ", "a JWT, such as an ID token or a service account's"),
            ("ssh-", "an SSH key"),
        ];
        let kind = KINDS.iter().find(|(prefix, _)| token.starts_with(prefix));
        kind.map(|(_, kind)| Self(kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_beginning() {
        let of = |token: &str| TokenKind::of(token).map(|kind| kind.to_string());
        for (token, kind) in [
            ("glcbt-64_x", "a CI/CD job token"),
            ("gldt-x", "a deploy token"),
            ("glrtr-x", "a runner's token"),
            ("github_pat_x", "a token of GitHub"),
            (
                "eyJhbGciOiJ",
                "a JWT, such as an ID token or a service account's",
            ),
        ] {
            assert_eq!(of(token).as_deref(), Some(kind), "{token}");
        }
        for token in ["glpat-x", "x", "", "4f5e", "GLDT-x"] {
            assert_eq!(of(token), None, "{token}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let token = GitLabToken::new("glpat-canary").unwrap();
        assert_eq!(format!("{token:?}"), "GitLabToken(Sensitive)");
    }

    #[test]
    fn refuses_what_is_no_token() {
        assert_eq!(
            GitLabToken::new(" \n").unwrap_err(),
            GitLabTokenError::Missing
        );
        for text in ["a b", "a\nb", "ä", "a\u{0}"] {
            assert_eq!(
                GitLabToken::new(text).unwrap_err(),
                GitLabTokenError::Malformed
            );
        }
        assert_eq!(
            GitLabToken::new(" glpat-x\n").unwrap().authorization(),
            "Bearer glpat-x"
        );
    }
}
