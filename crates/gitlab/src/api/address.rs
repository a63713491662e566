//! Where requests go.

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but RFC 3986's unreserved characters: a whole path is one segment for GitLab
/// (`a%2Fb.yaml`), and nothing in a name may end a segment or a query parameter.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Why an address can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitLabUrlError {
    /// Not an absolute `http` or `https` URL.
    #[error("the GitLab URL is not an absolute http or https URL")]
    NotAbsolute,
    /// The URL carries user information or a query, neither of which would be sent.
    #[error("the GitLab URL must have no user information and no query")]
    Extra,
    /// The project is empty.
    #[error("the project is neither a number nor a path")]
    Project,
}

/// One path segment or query value.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The API's root below GitLab's own address.
pub(super) fn base(url: &str) -> Result<String, GitLabUrlError> {
    let uri: Uri = url
        .trim()
        .parse()
        .map_err(|_| GitLabUrlError::NotAbsolute)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(GitLabUrlError::NotAbsolute);
    };
    if !matches!(scheme, "http" | "https") || authority.host().is_empty() {
        return Err(GitLabUrlError::NotAbsolute);
    }
    if authority.as_str().contains('@') || uri.query().is_some() {
        return Err(GitLabUrlError::Extra);
    }
    let prefix = uri.path().trim_end_matches('/');
    let prefix = prefix.strip_suffix("/api/v4").unwrap_or(prefix);
    Ok(format!("{scheme}://{authority}{prefix}/api/v4"))
}

/// `path` starts with a slash and is encoded; the query's values are not.
pub(super) fn uri(root: &str, path: &str, query: &[(&str, &str)]) -> Uri {
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    // Only an address over 64 KiB does not parse. GitLab answers the API's root with a 404 that no
    // parser takes for an answer about a file, so that ends as an error too.
    format!("{root}{path}{mark}{}", query.join("&"))
        .parse()
        .or_else(|_| root.parse())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases() {
        for (url, root) in [
            (
                "https://gitlab.example.com",
                "https://gitlab.example.com/api/v4",
            ),
            (
                "https://gitlab.example.com/",
                "https://gitlab.example.com/api/v4",
            ),
            (
                "http://10.0.0.1:8080/gitlab/",
                "http://10.0.0.1:8080/gitlab/api/v4",
            ),
            ("https://g.example/api/v4/", "https://g.example/api/v4"),
        ] {
            assert_eq!(base(url).as_deref(), Ok(root));
        }
        for url in [
            "",
            "gitlab.example.com",
            "/gitlab",
            "ftp://g.example",
            "https://",
        ] {
            assert_eq!(base(url), Err(GitLabUrlError::NotAbsolute), "{url}");
        }
        for url in ["https://u:p@g.example", "https://g.example/?a=b"] {
            assert_eq!(base(url), Err(GitLabUrlError::Extra), "{url}");
        }
    }

    #[test]
    fn names_stay_one_segment() {
        assert_eq!(encode("a/b c?d#e%2F..ü"), "a%2Fb%20c%3Fd%23e%252F..%C3%BC");
        assert_eq!(
            uri("https://g/api/v4", "/x", &[("ref", "a&b=c"), ("n", "1")]),
            "https://g/api/v4/x?ref=a%26b%3Dc&n=1"
        );
    }

    #[test]
    fn an_endless_address_falls_back_to_the_root() {
        let path = format!("/{}", "a".repeat(70_000));
        assert_eq!(uri("https://g/api/v4", &path, &[]), "https://g/api/v4");
    }
}
