//! Where Argo CD may be told to send credentials: API servers and the proxies before them.
//!
//! Argo CD uses a cluster Secret for its in-cluster address in place of its own connection (`util/db/cluster.go`,
//! `GetCluster`), with its own service account where the Secret has only a client certificate. So the management
//! cluster must not be registered as a cluster, under none of its names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::api_server::{self, ApiServer, Host};

pub use host_list::{HostList, HostListError};

mod host_list;

/// Names of the API server's Service, as the resolver of a Pod completes them, without the cluster's domain.
const SERVICE_NAMES: [&str; 3] = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];

/// Names that systems give to the loopback address besides `localhost` (`/etc/hosts` of Debian and Fedora).
const LOOPBACK_NAMES: [&str; 7] = [
    "localhost",
    "localhost4",
    "localhost6",
    "localhost.localdomain",
    "localhost4.localdomain4",
    "localhost6.localdomain6",
    "ip6-localhost",
];

/// Why a server or a proxy is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// The management cluster's API server.
    #[error("is the management cluster's own API server, which is no cluster to register")]
    ManagementCluster,
    /// An address that stands for the machine itself, its link or a group.
    #[error("has a {0} host, which is not the same machine for Argo CD")]
    LocalHost(&'static str),
    /// The operator's list does not have it.
    #[error("is not among the hosts that the operator allows (setting `{0}`)")]
    NotAllowed(&'static str),
    /// No host can be told from it.
    #[error("is no URL with a host")]
    Unreadable,
}

/// The operator's rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DestinationPolicy {
    /// Host and port of the management cluster's API server.
    pub management_cluster: Option<(Host, u16)>,
    /// `api_server_allowed`
    pub api_servers: HostList,
    /// `proxy_url_allowed`
    pub proxies: HostList,
}

impl DestinationPolicy {
    /// Judges an API server. A URL that can't be taken apart is refused.
    ///
    /// # Errors
    /// When no credentials may be sent there.
    pub fn check_api_server(&self, url: &str) -> Result<(), DestinationError> {
        let server = ApiServer::parse(url).map_err(|_| DestinationError::Unreadable)?;
        self.check(&server.host, server.port)?;
        permit(&self.api_servers, &server.host, "api_server_allowed")
    }

    /// Judges a proxy.
    ///
    /// # Errors
    /// When it may not be used.
    pub fn check_proxy(&self, url: &str) -> Result<(), DestinationError> {
        let (host, port) = origin(url).ok_or(DestinationError::Unreadable)?;
        self.check(&host, port)?;
        permit(&self.proxies, &host, "proxy_url_allowed")
    }

    fn check(&self, host: &Host, port: u16) -> Result<(), DestinationError> {
        refuse_management_cluster(host)?;
        match &self.management_cluster {
            Some((own, own_port)) if canonical(own) == canonical(host) && *own_port == port => {
                Err(DestinationError::ManagementCluster)
            }
            _ => Ok(()),
        }
    }
}

/// Refuses the hosts that mean the management cluster wherever the service runs.
///
/// # Errors
/// When it is one of them.
pub fn refuse_management_cluster(host: &Host) -> Result<(), DestinationError> {
    match canonical(host) {
        Host::Name(name) => refuse_name(&name),
        Host::Address(address) => match local_kind(address) {
            Some(kind) => Err(DestinationError::LocalHost(kind)),
            None => Ok(()),
        },
    }
}

/// Tells whether a host is the machine itself.
#[must_use]
pub fn is_loopback(host: &Host) -> bool {
    refuse_management_cluster(host) == Err(DestinationError::LocalHost("loopback"))
}

/// Host and port of an `http`, `https` or `socks5` URL. User information, path and query are passed over.
#[must_use]
pub fn origin(url: &str) -> Option<(Host, u16)> {
    let (scheme, rest) = url.split_once("://")?;
    // The ports that Go's http client takes (net/http, `portMap`).
    let default = match scheme.to_ascii_lowercase().as_str() {
        "http" => 80,
        "https" => 443,
        "socks5" => 1080,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = api_server::host_and_port(authority).ok()?;
    let port = match port {
        Some(port) => api_server::parse_port(port).ok()?,
        None => default,
    };
    Some((any_host(host)?, port))
}

/// The way out, for whoever sent such a server.
#[must_use]
pub fn hint(error: DestinationError) -> &'static str {
    match error {
        DestinationError::NotAllowed(_) => "use an allowed one, or ask the operator to add it",
        _ => "send an address under which Argo CD reaches the cluster from where it runs",
    }
}

/// Names of containers may have underscores, which are none of DNS.
fn any_host(text: &str) -> Option<Host> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if !text.contains('_') {
        return api_server::parse_host(text).ok();
    }
    api_server::parse_host(&text.replace('_', "x")).ok()?;
    Some(Host::Name(text.to_ascii_lowercase()))
}

fn permit(list: &HostList, host: &Host, setting: &'static str) -> Result<(), DestinationError> {
    if list.is_empty() || list.contains(&canonical(host)) {
        return Ok(());
    }
    Err(DestinationError::NotAllowed(setting))
}

fn refuse_name(name: &str) -> Result<(), DestinationError> {
    if SERVICE_NAMES.contains(&name) || name.starts_with("kubernetes.default.svc.") {
        return Err(DestinationError::ManagementCluster);
    }
    // RFC 6761, section 6.3: every name below `localhost` is the loopback address.
    if LOOPBACK_NAMES.contains(&name) || name.ends_with(".localhost") || name == "ip6-loopback" {
        return Err(DestinationError::LocalHost("loopback"));
    }
    Ok(())
}

/// One form for each host: IPv4 where IPv6 only wraps it, no final dot.
fn canonical(host: &Host) -> Host {
    match host {
        Host::Address(IpAddr::V6(address)) => Host::Address(unwrapped(*address)),
        Host::Address(address) => Host::Address(*address),
        Host::Name(name) => Host::Name(name.trim_end_matches('.').to_ascii_lowercase()),
    }
}

/// IPv4 inside IPv6: mapped and compatible (RFC 4291, section 2.5.5), translated (RFC 2765, section 2.1; RFC 6052, section 2.1;
/// RFC 8215), tunnelled (RFC 3056, section 2).
fn unwrapped(address: Ipv6Addr) -> IpAddr {
    if address.is_loopback() || address.is_unspecified() {
        return address.into();
    }
    let parts = match address.segments() {
        [0x64, 0xff9b, 0 | 1, _, _, _, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    };
    if let Some((high, low)) = parts {
        return Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)).into();
    }
    address.to_ipv4().map_or(address.into(), IpAddr::from)
}

/// The kind of an address that no other machine can be reached by.
fn local_kind(address: IpAddr) -> Option<&'static str> {
    let is_link_local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        // fec0::/10 was for a site, and is deprecated (RFC 3879).
        IpAddr::V6(address) => {
            let [first, ..] = address.segments();
            address.is_unicast_link_local() || first & 0xffc0 == 0xfec0
        }
    };
    // All of 0.0.0.0/8 means this host on this network (RFC 1122, section 3.2.1.3).
    let is_this_host = match address {
        IpAddr::V4(address) => address.octets().first() == Some(&0),
        IpAddr::V6(address) => address.is_unspecified(),
    };
    let is_broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    [
        (address.is_loopback(), "loopback"),
        (is_this_host, "unspecified"),
        (is_link_local, "link-local"),
        (address.is_multicast() || is_broadcast, "multicast"),
    ]
    .into_iter()
    .find_map(|(is, kind)| is.then_some(kind))
}

#[cfg(test)]
mod tests;
