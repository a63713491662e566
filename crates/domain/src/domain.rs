//! The primary domain of a cluster: the one below which its components' host names lie.

use std::net::IpAddr;

use crate::api_server::{ApiServer, Host};

/// The domain of a cluster that names none: the API server's host name, or `{ip}.nip.io`, a public DNS
/// service that answers with the address in the name. Empty where the URL is not valid.
pub(crate) fn default_for(api_server: &str) -> String {
    match ApiServer::parse(api_server).map(|url| url.host) {
        Ok(Host::Name(name)) => name,
        Ok(Host::Address(IpAddr::V4(address))) => format!("{address}.nip.io"),
        Ok(Host::Address(IpAddr::V6(address))) => {
            // With hyphens for colons, as nip.io reads them; a label has none at its ends.
            let mut label = address.to_string().replace([':', '.'], "-");
            if label.starts_with('-') {
                label.insert(0, '0');
            }
            if label.ends_with('-') {
                label.push('0');
            }
            format!("{label}.nip.io")
        }
        Err(_) => String::new(),
    }
}

/// Tells whether a host name lies below a domain.
pub(crate) fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .and_then(|rest| rest.strip_suffix('.'))
        .is_some_and(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults() {
        for (url, domain) in [
            ("https://8.217.50.114:6443", "8.217.50.114.nip.io"),
            ("https://api.example.com", "api.example.com"),
            ("https://[2001:db8::1]:6443", "2001-db8--1.nip.io"),
            ("https://[::1]", "0--1.nip.io"),
            ("https://[2001:db8::]", "2001-db8--0.nip.io"),
        ] {
            assert_eq!(default_for(url), domain);
        }
    }

    #[test]
    fn below() {
        assert!(is_below("tekton.a.example.com", "example.com"));
        assert!(!is_below("example.com", "example.com"));
        assert!(!is_below(".example.com", "example.com"));
        assert!(!is_below("badexample.com", "example.com"));
        assert!(!is_below("example.com.evil", "example.com"));
    }
}
