//! URLs of API servers: one spelling for each, and the name Argo CD knows it by.
//!
//! By hand rather than with the `url` crate: its tables for international domain names would be a fifth
//! of the whole component, and an API server is named by ASCII or by number.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::body::quote::trim_blanks;
use crate::name;

/// The port of `https` URLs that name none (RFC 9110, section 4.2.2).
const HTTPS_PORT: u16 = 443;

/// Why a text is not the URL of an API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiServerError {
    /// Another scheme, or none.
    #[error("is not an absolute https URL")]
    Scheme,
    /// `user:password@`; a secret may stand there.
    #[error("has user information before the host")]
    UserInformation,
    /// `?…`
    #[error("has a query")]
    Query,
    /// `#…`
    #[error("has a fragment")]
    Fragment,
    /// No host, or one that is neither a DNS name nor an IP address.
    #[error("has no valid host")]
    Host,
    /// Not 1 to 65535.
    #[error("has no valid port")]
    Port,
    /// Characters that have no place in a path, or `.` and `..` segments.
    #[error("has no valid path")]
    Path,
}

/// The host of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// An IP address.
    Address(IpAddr),
    /// A DNS name in lower case.
    Name(String),
}

/// A URL in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiServer {
    /// Where it runs.
    pub host: Host,
    /// 443 where the URL names none.
    pub port: u16,
    /// Empty, or a path that starts with a slash and does not end with one.
    path: String,
}

impl ApiServer {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// When it is not absolute, not `https`, or has parts that an API server's has not.
    pub fn parse(url: &str) -> Result<Self, ApiServerError> {
        let rest = after_scheme(trim_blanks(url)).ok_or(ApiServerError::Scheme)?;
        let (rest, fragment) = cut(rest, '#');
        let (rest, query) = cut(rest, '?');
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(ApiServerError::UserInformation);
        }
        if fragment {
            return Err(ApiServerError::Fragment);
        }
        if query {
            return Err(ApiServerError::Query);
        }
        let (host, port) = host_and_port(authority)?;
        Ok(Self {
            host: parse_host(host)?,
            port: port.map_or(Ok(HTTPS_PORT), parse_port)?,
            path: parse_path(path)?,
        })
    }
}

impl std::fmt::Display for ApiServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.host {
            Host::Address(IpAddr::V6(address)) => write!(f, "https://[{address}]")?,
            Host::Address(address) => write!(f, "https://{address}")?,
            Host::Name(name) => write!(f, "https://{name}")?,
        }
        if self.port != HTTPS_PORT {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

/// The one spelling of a URL: lower-case host, no default port, no trailing slash.
///
/// # Errors
/// When it is not the URL of an API server.
pub fn normalize(url: &str) -> Result<String, ApiServerError> {
    ApiServer::parse(url).map(|url| url.to_string())
}

/// The name of the Secret in which Argo CD keeps a cluster: `cluster-<host>-<FNV-1a of the URL>`
/// (`URIToSecretName` in Argo CD's `util/db/secrets.go`; it hashes the URL exactly as it is registered).
#[must_use]
pub fn secret_name(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority
        .strip_prefix('[')
        .and_then(|host| host.split_once(']'))
    {
        Some((address, _)) => match address.parse::<Ipv6Addr>() {
            Ok(address) => address.to_string().replace(':', "-"),
            Err(_) => address.replace(':', "-"),
        },
        None => authority
            .split(':')
            .next()
            .unwrap_or_default()
            .to_lowercase(),
    };
    format!("cluster-{host}-{}", fnv1a(url))
}

/// FNV-1a, 32 bits (draft-eastlake-fnv): Argo CD chose it, so no other hash will do.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

fn after_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    scheme.eq_ignore_ascii_case("https").then_some(rest)
}

/// Returns the text before the separator, and tells whether there is one.
fn cut(text: &str, separator: char) -> (&str, bool) {
    match text.split_once(separator) {
        Some((before, _)) => (before, true),
        None => (text, false),
    }
}

/// Takes `host:port` apart.
pub(crate) fn host_and_port(authority: &str) -> Result<(&str, Option<&str>), ApiServerError> {
    if authority.starts_with('[') {
        let end = authority.find(']').ok_or(ApiServerError::Host)?;
        let (host, port) = authority.split_at(end + 1);
        return match port.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if port.is_empty() => Ok((host, None)),
            None => Err(ApiServerError::Port),
        };
    }
    Ok(match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    })
}

/// Reads a DNS name or an address, that of IPv6 in brackets.
pub(crate) fn parse_host(host: &str) -> Result<Host, ApiServerError> {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        let address: Ipv6Addr = address.parse().map_err(|_| ApiServerError::Host)?;
        return Ok(Host::Address(address.into()));
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(Host::Address(address.into()));
    }
    let host = host.to_ascii_lowercase();
    let last = host.rsplit('.').next().unwrap_or_default();
    if name::is_dns_name(&host) && !is_number(last) {
        return Ok(Host::Name(host));
    }
    Err(ApiServerError::Host)
}

/// Tells a last label that makes an IPv4 address of a name (URL Standard, "ends in a number" checker): resolvers
/// take `0x7f.1` and `2130706433` for 127.0.0.1.
fn is_number(label: &str) -> bool {
    let is_hexadecimal = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    label.bytes().all(|byte| byte.is_ascii_digit())
        || label.strip_prefix("0x").is_some_and(is_hexadecimal)
}

/// Reads a port.
pub(crate) fn parse_port(port: &str) -> Result<u16, ApiServerError> {
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ApiServerError::Port);
    }
    match port.parse() {
        Ok(0) | Err(_) => Err(ApiServerError::Port),
        Ok(port) => Ok(port),
    }
}

fn parse_path(path: &str) -> Result<String, ApiServerError> {
    let path = path.trim_end_matches('/');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:@".contains(&byte);
    // Encoded dots, slashes and backslashes lead elsewhere behind a proxy that decodes them.
    let decoded = path.to_ascii_lowercase().replace("%2e", ".");
    if !path.bytes().all(allowed)
        || decoded.split('/').any(|part| part == "." || part == "..")
        || ["%2f", "%5c"]
            .iter()
            .any(|encoded| decoded.contains(encoded))
    {
        return Err(ApiServerError::Path);
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_each_server() {
        for (url, normal) in [
            ("https://8.217.50.114:6443", "https://8.217.50.114:6443"),
            ("HTTPS://API.Example.com:443/", "https://api.example.com"),
            (
                "https://api.example.com:06443//",
                "https://api.example.com:6443",
            ),
            ("https://[2001:DB8::1]:6443", "https://[2001:db8::1]:6443"),
            (" https://a:6443 \n", "https://a:6443"),
            ("\u{feff}https://a:6443\u{200b}", "https://a:6443"),
            (
                "https://r.example.com/k8s/c-1/",
                "https://r.example.com/k8s/c-1",
            ),
        ] {
            assert_eq!(normalize(url).as_deref(), Ok(normal), "{url}");
            assert_eq!(normalize(normal).as_deref(), Ok(normal), "{normal}");
        }
    }

    #[test]
    fn what_is_no_api_server() {
        use ApiServerError::{Fragment, Host, Path, Port, Query, Scheme, UserInformation};
        for (url, error) in [
            ("", Scheme),
            ("8.217.50.114:6443", Scheme),
            ("http://a", Scheme),
            ("https:/a", Scheme),
            ("https://u:p@a", UserInformation),
            ("https://u@a?q", UserInformation),
            ("https://a?q", Query),
            ("https://a/?", Query),
            ("https://a#f", Fragment),
            ("https://", Host),
            ("https://:6443", Host),
            ("https://a b", Host),
            ("https://ä.example.com", Host),
            ("https://256.1.1.1", Host),
            ("https://0x7f000001", Host),
            ("https://a.0x", Host),
            ("https://[::1", Host),
            ("https://[::g]", Host),
            ("https://[::1]6443", Port),
            ("https://a:", Port),
            ("https://a:0", Port),
            ("https://a:65536", Port),
            ("https://a:+1", Port),
            ("https://::1", Host),
            ("https://a/../b", Path),
            ("https://a/%2e%2e/b", Path),
            ("https://a/.%2E/b", Path),
            ("https://a/b%2F..%2fc", Path),
            ("https://a/b%5c..", Path),
            ("https://a/b c", Path),
            ("https://a/\nb", Path),
        ] {
            assert_eq!(normalize(url), Err(error), "{url}");
        }
    }

    #[test]
    fn secret_names_are_those_of_argo_cd() {
        for (url, name) in [
            ("http://foo", "cluster-foo-752281925"),
            (
                "http://thelongestdomainnameintheworld.argocd-project.com:3000",
                "cluster-thelongestdomainnameintheworld.argocd-project.com-2721640553",
            ),
            (
                "http://[fe80::1ff:fe23:4567:890a]:8000",
                "cluster-fe80--1ff-fe23-4567-890a-664858999",
            ),
        ] {
            assert_eq!(secret_name(url), name);
        }
    }
}
