//! Where people reach what a cluster runs. Always through a gateway's HTTPS NodePort: the cluster's own when
//! it is physical, its host's when it is virtual.

use crate::{Category, Cluster, names};

/// Argo CD of a worker, such as `https://argocd.dev.example.com:30443`.
#[must_use]
pub fn argocd(cluster: &Cluster, host: Option<&Cluster>) -> Option<String> {
    component(cluster, host, Category::Deployment)
}

/// Where the issuer sends people back to after they have logged in to Argo CD.
#[must_use]
pub fn argocd_callback(cluster: &Cluster, host: Option<&Cluster>) -> Option<String> {
    Some(format!("{}/api/dex/callback", argocd(cluster, host)?))
}

/// The pipeline dashboard of a worker.
#[must_use]
pub fn pipeline(cluster: &Cluster, host: Option<&Cluster>) -> Option<String> {
    component(cluster, host, Category::Pipeline)
}

/// The host name of a cluster's OAuth2 proxy.
#[must_use]
pub fn oauth_proxy_host(cluster: &Cluster) -> String {
    names::login_host(&cluster.name, &cluster.primary_domain)
}

/// Where the issuer sends people back to after they have logged in at a cluster's OAuth2 proxy.
#[must_use]
pub fn oauth_proxy_callback(cluster: &Cluster) -> String {
    let base = at(&oauth_proxy_host(cluster), gateway_port(cluster, None));
    format!("{base}/oauth2/callback")
}

/// The gateway's HTTPS NodePort; `None` where the gateway has none.
pub(crate) fn gateway_port(cluster: &Cluster, host: Option<&Cluster>) -> Option<u16> {
    let gateway = host.unwrap_or(cluster).components.get(&Category::Gateway)?;
    gateway.additions.get("httpsNodePort")?.parse().ok()
}

/// The host name of a component that has one.
pub(crate) fn host_name(cluster: &Cluster, category: Category) -> Option<&str> {
    let host = cluster.components.get(&category)?.additions.get("host")?;
    Some(host)
}

/// The host in a URL, without port and brackets.
pub(crate) fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit('@').next()?;
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

fn component(cluster: &Cluster, host: Option<&Cluster>, category: Category) -> Option<String> {
    let name = host_name(cluster, category)?;
    Some(at(name, gateway_port(cluster, host)))
}

fn at(host: &str, port: Option<u16>) -> String {
    port.map_or_else(
        || format!("https://{host}"),
        |port| format!("https://{host}:{port}"),
    )
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn hosts_are_found_in_urls() {
        let cases = [
            ("https://10.0.0.1:6443", Some("10.0.0.1")),
            ("https://a.example.com/clusters/b", Some("a.example.com")),
            ("https://[2001:db8::1]:6443", Some("2001:db8::1")),
            (
                "ssh://git@gitlab.example.com:2222/a.git",
                Some("gitlab.example.com"),
            ),
            ("https://", None),
            ("", None),
        ];
        for (url, host) in cases {
            assert_eq!(host_of(url), host, "{url}");
        }
    }
}
