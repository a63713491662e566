//! `allowed_outbound_hosts`: `scheme://host[:port]`, each of the three with wildcards.
//!
//! Source: <https://spinframework.dev/http-outbound#granting-http-permissions-to-components> and the
//! behaviour of Spin 4.1 where that is silent.

use super::CHAINING;
use super::cidr::CidrBlock;
use http::Uri;
use url::Host;

/// The hosts that a component may reach.
#[derive(Debug)]
pub(crate) struct AllowedHosts(Vec<AllowedPattern>);

#[derive(Debug, PartialEq, Eq)]
struct AllowedPattern {
    /// Absent means any.
    scheme: Option<String>,
    host: AllowedHost,
    ports: AllowedPorts,
}

#[derive(Debug, PartialEq, Eq)]
enum AllowedHost {
    Any,
    /// `.example.com`
    Below(String),
    Exactly(Host),
    Network(CidrBlock),
}

#[derive(Debug, PartialEq, Eq)]
enum AllowedPorts {
    Any,
    One(u16),
    /// The end is not part of it.
    Range(u16, u16),
}

/// Why an entry of `allowed_outbound_hosts` means nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{entry}` is not an allowed outbound host: {reason}")]
pub(crate) struct PatternError {
    entry: String,
    reason: &'static str,
}

impl AllowedHosts {
    /// Parses entries whose templates are filled. An entry that became empty because its variable
    /// is empty allows nothing. `*.spin.internal` means the given components.
    pub(crate) fn parse<'a>(
        entries: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, PatternError> {
        let entries = entries.into_iter().map(str::trim);
        let meant = entries.filter(|entry| !matches!(*entry, "" | "http://" | "https://"));
        let patterns = meant.map(|entry| {
            AllowedPattern::parse(entry).map_err(|reason| PatternError {
                entry: entry.to_owned(),
                reason,
            })
        });
        Ok(Self(patterns.collect::<Result<_, _>>()?))
    }

    pub(crate) fn allows(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(Ok(host))) = (uri.scheme_str(), uri.host().map(Host::parse)) else {
            return false;
        };
        let port = uri.port_u16().or_else(|| default_port(scheme));
        self.0
            .iter()
            .any(|pattern| pattern.allows(scheme, &host, port))
    }
}

impl AllowedPattern {
    fn parse(entry: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = entry
            .split_once("://")
            .ok_or("it has no scheme (`http://`, `https://` or `*://`)")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = split_port(rest);
        if host.contains('/') && host.parse::<CidrBlock>().is_err()
            || port.is_some_and(|port| port.contains('/'))
        {
            return Err("it must not have a path");
        }
        if scheme != "*" && !scheme.chars().all(char::is_alphabetic) {
            return Err("the scheme must be letters or `*`");
        }
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_owned()),
            host: AllowedHost::parse(host)?,
            ports: AllowedPorts::parse(port, scheme)?,
        })
    }

    fn allows(&self, scheme: &str, host: &Host, port: Option<u16>) -> bool {
        self.scheme.as_ref().is_none_or(|allowed| allowed == scheme)
            && self.host.allows(host)
            && self.ports.allows(port)
    }
}

/// The port follows the last colon, unless that colon is inside an IPv6 address.
fn split_port(rest: &str) -> (&str, Option<&str>) {
    match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') && !host.ends_with(':') => {
            (host, Some(port).filter(|port| !port.is_empty()))
        }
        _ => (rest, None),
    }
}

impl AllowedHost {
    fn parse(host: &str) -> Result<Self, &'static str> {
        if host == "*" {
            return Ok(Self::Any);
        }
        if matches!(host, "self" | "self.alt") {
            return Err("requests of an application to itself go by service chaining here");
        }
        if let Ok(network) = host.parse() {
            return Ok(Self::Network(network));
        }
        let (below, name) = host
            .strip_prefix("*.")
            .map_or((false, host), |domain| (true, domain));
        if name.contains('*') {
            return Err("`*` stands for a whole host or for the first labels");
        }
        match (below, Host::parse(name)) {
            (true, Ok(Host::Domain(domain))) => Ok(Self::Below(format!(".{domain}"))),
            (false, Ok(host)) => Ok(Self::Exactly(host)),
            _ => Err("the host is not valid"),
        }
    }

    fn allows(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Below(suffix), Host::Domain(domain)) => {
                // A single label is a component; more are nothing that exists.
                domain
                    .strip_suffix(suffix.as_str())
                    .is_some_and(|labels| suffix != CHAINING || !labels.contains('.'))
            }
            (Self::Exactly(allowed), host) => allowed == host,
            (Self::Network(network), Host::Ipv4(address)) => network.contains((*address).into()),
            (Self::Network(network), Host::Ipv6(address)) => network.contains((*address).into()),
            _ => false,
        }
    }
}

impl AllowedPorts {
    fn parse(port: Option<&str>, scheme: &str) -> Result<Self, &'static str> {
        let number = |text: &str| {
            text.parse::<u16>()
                .map_err(|_| "the port is not a number, a range or `*`")
        };
        match port {
            None => default_port(scheme)
                .map(Self::One)
                .ok_or("it has no port, and its scheme no usual one"),
            Some("*") => Ok(Self::Any),
            Some(port) => match port.split_once("..") {
                Some((start, end)) => Ok(Self::Range(number(start)?, number(end)?)),
                None => number(port).map(Self::One),
            },
        }
    }

    fn allows(&self, port: Option<u16>) -> bool {
        match (self, port) {
            (Self::Any, _) => true,
            (Self::One(allowed), Some(port)) => *allowed == port,
            (Self::Range(start, end), Some(port)) => (*start..*end).contains(&port),
            (_, None) => false,
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
