//! The console's own address, and whether a request comes from one of its pages.

use http::HeaderMap;

use crate::settings::ConsoleSettings;

/// Scheme, host and port of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin(String);

impl Origin {
    /// From the settings, otherwise from the request's host: with `https`, but on this machine.
    pub(crate) fn of(settings: &ConsoleSettings, headers: &HeaderMap) -> Self {
        if let Some(url) = &settings.console_url {
            return Self(url.clone());
        }
        let host = headers
            .get("x-forwarded-host")
            .or_else(|| headers.get("host"));
        let host = host
            .and_then(|host| host.to_str().ok())
            .unwrap_or("localhost");
        let scheme = if is_loopback(host) { "http" } else { "https" };
        Self(format!("{scheme}://{host}"))
    }

    /// As text, without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Cookies travel encrypted.
    pub(crate) fn is_secure(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// A form of ours was sent: browsers say with every `POST` which origin it comes from, and no page can change
    /// that.
    pub(crate) fn sent(&self, headers: &HeaderMap) -> bool {
        let origin = headers
            .get("origin")
            .and_then(|origin| origin.to_str().ok());
        origin.is_some_and(|origin| origin.eq_ignore_ascii_case(&self.0))
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address: Option<std::net::IpAddr> = name.parse().ok();
    name == "localhost" || address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_this_machine_is_without_tls() {
        for (host, expected) in [
            ("127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("localhost", "http://localhost"),
            ("[::1]:3000", "http://[::1]:3000"),
            ("console.example.com", "https://console.example.com"),
            ("127.example.com", "https://127.example.com"),
            ("localhost.example.com", "https://localhost.example.com"),
        ] {
            let origin = Origin::of(&ConsoleSettings::default(), &headers(&[("host", host)]));
            assert_eq!(origin.as_str(), expected);
        }
    }

    #[test]
    fn a_form_of_another_site_is_told_apart() {
        let origin = Origin("https://c.example".into());
        assert!(origin.sent(&headers(&[("origin", "https://c.example")])));
        for stranger in [
            "https://c.example.evil",
            "http://c.example",
            "null",
            "https://c.example:444",
        ] {
            assert!(
                !origin.sent(&headers(&[("origin", stranger)])),
                "{stranger}"
            );
        }
        assert!(!origin.sent(&HeaderMap::new()));
    }
}
