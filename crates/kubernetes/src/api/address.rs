//! Where requests go.

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::kind::{Kind, Target};

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Why an address can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiServerUrlError {
    /// Not an absolute `http` or `https` URL.
    #[error("the kubernetes URL is not an absolute http or https URL")]
    NotAbsolute,
    /// The URL carries user information or a query, neither of which would be sent.
    #[error("the kubernetes URL must have no user information and no query")]
    Extra,
}

pub(super) fn base(url: &str) -> Result<String, ApiServerUrlError> {
    let uri: Uri = url
        .trim()
        .parse()
        .map_err(|_| ApiServerUrlError::NotAbsolute)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(ApiServerUrlError::NotAbsolute);
    };
    if !matches!(scheme, "http" | "https") || authority.host().is_empty() {
        return Err(ApiServerUrlError::NotAbsolute);
    }
    if authority.as_str().contains('@') || uri.query().is_some() {
        return Err(ApiServerUrlError::Extra);
    }
    let prefix = uri.path().trim_end_matches('/');
    Ok(format!("{scheme}://{authority}{prefix}"))
}

/// All objects of a kind, in one namespace or in all.
pub(super) fn collection(kind: &Kind, namespace: Option<&str>) -> String {
    let group = if kind.group.is_empty() {
        format!("/api/{}", kind.version)
    } else {
        format!("/apis/{}/{}", kind.group, kind.version)
    };
    match namespace {
        Some(namespace) => format!("{group}/namespaces/{}/{}", encode(namespace), kind.plural),
        None => format!("{group}/{}", kind.plural),
    }
}

pub(super) fn object(target: &Target) -> String {
    let collection = collection(&target.kind, Some(&target.namespace));
    format!("{collection}/{}", encode(&target.name))
}

/// `path` starts with a slash and is encoded; the query's values are not.
pub(super) fn uri(root: &str, path: &str, query: &[(&str, &str)]) -> Uri {
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    // Only an address over 64 KiB does not parse. The API server's root answers nothing but a GET,
    // and to that with a list of paths, which no parser takes for an object.
    format!("{root}{path}{mark}{}", query.join("&"))
        .parse()
        .or_else(|_| root.parse())
        .unwrap_or_default()
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases() {
        for (url, root) in [
            ("https://10.0.0.1:6443", "https://10.0.0.1:6443"),
            ("https://[::1]:6443/", "https://[::1]:6443"),
            (
                "https://rancher.example/k8s/clusters/c-1/",
                "https://rancher.example/k8s/clusters/c-1",
            ),
        ] {
            assert_eq!(base(url).as_deref(), Ok(root));
        }
        for url in ["", "10.0.0.1:6443", "ftp://g.example"] {
            assert_eq!(base(url), Err(ApiServerUrlError::NotAbsolute), "{url}");
        }
        for url in ["https://u:p@g.example", "https://g.example/?a=b"] {
            assert_eq!(base(url), Err(ApiServerUrlError::Extra), "{url}");
        }
    }
}
