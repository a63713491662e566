//! The cluster of a kubeconfig.

use super::fields::Fields;
use super::{KubeconfigError, certificate, encoding, token};
use crate::destination;
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
    let placeholder = server_name
        .as_deref()
        .and_then(|name| token::placeholder("tls-server-name", name));
    fields.errors.extend(placeholder);
    let proxy_url = fields.text("proxy-url");
    if let Some(error) = proxy_url.as_deref().and_then(proxy_error) {
        fields.errors.push(error);
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

/// What is wrong with a proxy. client-go takes `http`, `https` and `socks5`.
fn proxy_error(url: &str) -> Option<KubeconfigError> {
    let is_clean = url.bytes().all(|byte| byte.is_ascii_graphic());
    if !has_readable_login(url) {
        return Some(KubeconfigError::ProxyLogin);
    }
    match destination::origin(url).filter(|_| is_clean) {
        None => Some(KubeconfigError::ProxyUrl),
        Some((host, _)) => destination::refuse_management_cluster(&host)
            .err()
            .map(KubeconfigError::ProxyHost),
    }
}

/// Tells whether Go reads user name and password of a URL. Argo CD shows the whole URL, with both, where it does not.
/// Source: `validUserinfo` of Go's net/url.
fn has_readable_login(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next();
    let Some((login, _)) = authority.and_then(|it| it.rsplit_once('@')) else {
        return true;
    };
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(char);
    let is_encoded = |rest: &str| {
        let digits = rest.get(..2);
        digits.is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    login.chars().all(is_plain) && login.split('%').skip(1).all(is_encoded)
}

#[cfg(test)]
mod tests {
    use super::{KubeconfigError, proxy_error};

    #[test]
    fn proxies() {
        for url in [
            "http://a",
            "https://a:1",
            "socks5://u:p@a_b:1080",
            "HTTP://a",
            "http://DOM%5Cbob:p%25w@a:3128",
            "http://u:p@ss!$&'()*+,;=~@a",
        ] {
            assert_eq!(proxy_error(url), None, "{url}");
        }
        for url in [
            "a:1",
            "socks4://a",
            "http://",
            "http://a b",
            "http://a\n",
            "://a",
            "http://%61",
        ] {
            assert_eq!(proxy_error(url), Some(KubeconfigError::ProxyUrl), "{url}");
        }
        for url in [
            r"http://DOM\bob:pw@a:3128",
            "http://u:100%@a",
            "http://u:a^b@a",
            "http://u:a|b@a",
            "http://u:{a}@a",
            "http://u:%zz@a",
        ] {
            assert_eq!(proxy_error(url), Some(KubeconfigError::ProxyLogin), "{url}");
        }
        for url in [
            "http://LOCALHOST.",
            "socks5://127.0.0.1:1",
            "http://u@kubernetes",
        ] {
            let error = proxy_error(url);
            assert!(
                matches!(error, Some(KubeconfigError::ProxyHost(_))),
                "{url}"
            );
        }
    }
}
