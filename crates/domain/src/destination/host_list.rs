//! Lists of hosts in settings: names, patterns and networks.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::api_server::Host;
use crate::name;

/// An entry of a list that is none, by its place from 1. What it is stays unsaid, as of any setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "has an entry (number {0}) that is neither a host name, nor *.domain, an address or a network"
)]
pub struct HostListError(usize);

/// Hosts that are allowed. An empty list allows every one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostList(Vec<HostPattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum HostPattern {
    Name(String),
    /// `.example.com`: everything below it.
    Below(String),
    Network(IpNet),
}

impl HostList {
    /// Reads `api.example.com, *.clusters.example.com, 10.0.0.0/8, 2001:db8::1`.
    ///
    /// # Errors
    /// The first entry that is none.
    pub fn parse(text: &str) -> Result<Self, HostListError> {
        let entries = text.split(',').map(str::trim);
        let mut patterns = Vec::new();
        for (index, entry) in entries.enumerate().filter(|(_, entry)| !entry.is_empty()) {
            patterns.push(pattern(entry).ok_or(HostListError(index + 1))?);
        }
        Ok(Self(patterns))
    }

    /// Tells that nothing is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Looks for a host.
    #[must_use]
    pub fn contains(&self, host: &Host) -> bool {
        self.0.iter().any(|pattern| match (pattern, host) {
            (HostPattern::Name(name), Host::Name(host)) => name == host,
            (HostPattern::Below(domain), Host::Name(host)) => {
                host.len() > domain.len() && host.ends_with(domain.as_str())
            }
            (HostPattern::Network(network), Host::Address(address)) => network.contains(address),
            _ => false,
        })
    }
}

fn pattern(entry: &str) -> Option<HostPattern> {
    if let Ok(network) = entry.parse::<IpNet>() {
        return Some(HostPattern::Network(network));
    }
    if let Ok(address) = entry.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some(HostPattern::Network(address.into()));
    }
    let entry = entry.to_ascii_lowercase();
    if let Some(domain) = entry.strip_prefix('*') {
        let is_domain = domain.strip_prefix('.').is_some_and(name::is_dns_name);
        return is_domain.then(|| HostPattern::Below(domain.to_owned()));
    }
    name::is_dns_name(&entry).then_some(HostPattern::Name(entry))
}
