//! The cluster of a kubeconfig.

use super::fields::Fields;
use super::{KubeconfigError, certificate, encoding};
use crate::tree::Node;

/// What matters of it: the server's URL is the request's.
pub(super) struct Server {
    pub ca_data: Option<String>,
    pub insecure: bool,
    pub server_name: Option<String>,
    pub proxy_url: Option<String>,
}

const CA: &str = "certificate-authority-data";

pub(super) fn read(
    node: &Node,
    now: u64,
    errors: &mut Vec<KubeconfigError>,
    warnings: &mut Vec<String>,
) -> Server {
    let mut fields = Fields {
        node,
        errors,
        warnings,
    };
    fields.refuse_paths(&["certificate-authority"]);
    let insecure = fields.flag("insecure-skip-tls-verify");
    let ca_data = fields.data(CA);
    if let Some(pem) = &ca_data {
        certificate::check(CA, pem, now, &mut fields);
    }
    if insecure {
        fields.warnings.push(
            "the kubeconfig has `insecure-skip-tls-verify`: nobody checks who answers for the API server".to_owned(),
        );
    }
    let server_name = fields.text("tls-server-name");
    let proxy_url = fields.text("proxy-url");
    if proxy_url.as_deref().is_some_and(|url| !is_proxy(url)) {
        fields.errors.push(KubeconfigError::ProxyUrl);
    }
    fields.report_others(&KNOWN, &["disable-compression"]);
    Server {
        // client-go refuses a CA beside the flag.
        ca_data: ca_data
            .filter(|_| !insecure)
            .map(|pem| encoding::encode(&pem)),
        insecure,
        server_name,
        proxy_url,
    }
}

const KNOWN: [&str; 7] = [
    "server",
    "certificate-authority",
    CA,
    "insecure-skip-tls-verify",
    "tls-server-name",
    "proxy-url",
    "extensions",
];

/// The schemes client-go takes for a proxy.
fn is_proxy(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let clean = rest.bytes().all(|byte| byte.is_ascii_graphic());
    ["http", "https", "socks5"].contains(&scheme) && !rest.is_empty() && clean
}

#[cfg(test)]
mod tests {
    use super::is_proxy;

    #[test]
    fn proxies() {
        for url in ["http://a", "https://a:1", "socks5://a:1080"] {
            assert!(is_proxy(url), "{url}");
        }
        for url in [
            "a:1",
            "socks4://a",
            "http://",
            "http://a b",
            "http://a\n",
            "HTTP://a",
            "://a",
        ] {
            assert!(!is_proxy(url), "{url}");
        }
    }
}
