//! Why no answer came: silence, nobody there, a name that nobody knows, or a server that can't show that it is the right one.
//! Each has another way out.

use std::error::Error;
use std::io::ErrorKind;

use rustls::CertificateError;

/// Causes of a connection that did not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionFailure {
    /// No DNS server knows the name.
    UnknownName,
    /// The machine is there, and nothing listens at the port.
    Refused,
    /// Nothing comes back.
    Silence,
    /// The certificate is by an authority that is not trusted.
    Authority,
    /// The certificate is another server's.
    CertificateName,
    /// The certificate has ended, or does not hold yet.
    CertificateTime,
    /// The certificate can't be used for another reason.
    Certificate,
    /// The server does not speak TLS.
    NoTls,
    /// The connection is closed from the other end.
    Closed,
    /// Something else.
    Other,
}

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The service that registers clusters.
    Service,
    /// A cluster of the kubeconfig.
    Cluster,
    /// GitLab, asked by `doctor`.
    GitLab,
}

impl ConnectionFailure {
    /// Finds it among an error's causes.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        let mut found = Self::Other;
        while let Some(error) = cause {
            if let Some(failure) = of_one(error) {
                found = failure;
            }
            cause = error.source();
        }
        found
    }

    /// Tells whether the server is there and can't show that it is the right one: waiting does not help.
    pub(crate) fn is_certificate(self) -> bool {
        matches!(
            self,
            Self::Authority | Self::CertificateName | Self::CertificateTime | Self::Certificate
        )
    }

    /// Names the failure; empty where the causes say it well enough.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::UnknownName => "no DNS server knows the name",
            Self::Refused => "nothing listens there",
            Self::Silence => "no answer",
            Self::Authority => "its certificate is by an authority that is not trusted here",
            Self::CertificateName => "its certificate is another server's",
            Self::CertificateTime => "its certificate does not hold now",
            Self::Certificate => "its certificate can't be used",
            Self::NoTls => "what answers there does not speak TLS",
            Self::Closed => "the connection is closed there",
            Self::Other => "",
        }
    }

    /// Advice to somebody who wants to reach `peer`.
    pub(crate) fn way_out(self, peer: Peer) -> &'static str {
        match (self, peer) {
            (Self::UnknownName, Peer::Service) => {
                "check the URL (--server, NAUTES_SERVER), and whether a VPN is needed"
            }
            (Self::UnknownName, Peer::Cluster) => {
                "check the `server` of the context, and whether a VPN is needed; a cluster that was deleted has no name any more"
            }
            (Self::UnknownName, Peer::GitLab) => "check --gitlab, and whether a VPN is needed",
            (Self::Refused, Peer::Service) => {
                "check the port in the URL, and whether the service runs"
            }
            (Self::Refused, Peer::Cluster) => {
                "check the port in the context's `server`, and whether the API server runs"
            }
            (Self::Refused, Peer::GitLab) => "check the port in --gitlab, and whether GitLab runs",
            (Self::Silence, Peer::Cluster) => {
                "check whether a VPN is needed, or a firewall lets this machine through: of a private API server only machines \
                 within its network get an answer"
            }
            (Self::Silence, Peer::Service) => {
                "check whether a VPN is needed, or a firewall is in between; whether the request was carried out is not known: \
                 run the command again, that is harmless"
            }
            (Self::Silence, Peer::GitLab) => {
                "check whether a VPN is needed, or a firewall is in between"
            }
            (Self::Authority, Peer::Service | Peer::GitLab) => {
                "a private authority's certificate is given with --ca-file or SSL_CERT_FILE"
            }
            (Self::Authority, Peer::Cluster) => {
                "the context's `certificate-authority-data` is of another authority than the API server's: fetch the kubeconfig \
                 anew, as where a cluster was made again, or a proxy reads along"
            }
            (Self::CertificateName, Peer::Service) => {
                "name the service in --server as its certificate does; if the names are right, something else answers at this address"
            }
            (Self::CertificateName, Peer::Cluster) => {
                "reach the API server by a name that its certificate has, or have one made with this name (certSANs in kubeadm, \
                 --tls-san in k3s)"
            }
            (Self::CertificateName, Peer::GitLab) => {
                "name GitLab in --gitlab as its certificate does"
            }
            (Self::CertificateTime, _) => {
                "have it renewed by whoever runs that server, or set this machine's clock if it is wrong"
            }
            (Self::Certificate, _) => "have another one made by whoever runs that server",
            (Self::NoTls, Peer::Service) => {
                "the port may be another one, or the URL begin with http://"
            }
            (Self::NoTls, _) => "the port may be another one",
            (Self::Closed, Peer::Service) => {
                "the port may be another one, or a proxy be in between; whether the request was carried out is not known: run \
                 the command again, that is harmless"
            }
            (Self::Closed, _) => {
                "the port may be another one, or a proxy or firewall be in between"
            }
            (Self::Other, _) => "",
        }
    }
}

/// The failure as one of the causes tells it.
fn of_one(error: &(dyn Error + 'static)) -> Option<ConnectionFailure> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return of_tls(error);
    }
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        // An error inside of one of the system's is none of its causes for the standard library.
        let inner = error.get_ref().and_then(|inner| of_one(inner));
        return inner.or(of_system(error));
    }
    of_text(&error.to_string())
}

fn of_tls(error: &rustls::Error) -> Option<ConnectionFailure> {
    use CertificateError as Error;
    Some(match error {
        rustls::Error::InvalidCertificate(error) => match error {
            Error::UnknownIssuer | Error::BadSignature => ConnectionFailure::Authority,
            Error::NotValidForName | Error::NotValidForNameContext { .. } => {
                ConnectionFailure::CertificateName
            }
            Error::Expired
            | Error::ExpiredContext { .. }
            | Error::NotValidYet
            | Error::NotValidYetContext { .. } => ConnectionFailure::CertificateTime,
            _ => ConnectionFailure::Certificate,
        },
        rustls::Error::InvalidMessage(_) => ConnectionFailure::NoTls,
        _ => return None,
    })
}

fn of_system(error: &std::io::Error) -> Option<ConnectionFailure> {
    match error.kind() {
        ErrorKind::ConnectionRefused => Some(ConnectionFailure::Refused),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::UnexpectedEof
        | ErrorKind::BrokenPipe => Some(ConnectionFailure::Closed),
        ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            Some(ConnectionFailure::Silence)
        }
        _ => of_text(&error.to_string()),
    }
}

/// Some are told in words alone: those of the resolver, and of time limits of the client.
fn of_text(text: &str) -> Option<ConnectionFailure> {
    let has = |words: &[&str]| words.iter().any(|words| text.contains(words));
    match () {
        () if has(&["dns error", "failed to lookup address"]) => {
            Some(ConnectionFailure::UnknownName)
        }
        () if has(&["operation timed out", "deadline has elapsed", "timed out"]) => {
            Some(ConnectionFailure::Silence)
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_found_inside_of_others() {
        let io = |error: rustls::Error| std::io::Error::new(ErrorKind::InvalidData, error);
        let certificate = |error| io(rustls::Error::InvalidCertificate(error));
        for (error, failure) in [
            (
                certificate(CertificateError::UnknownIssuer),
                ConnectionFailure::Authority,
            ),
            (
                certificate(CertificateError::NotValidForName),
                ConnectionFailure::CertificateName,
            ),
            (
                certificate(CertificateError::Expired),
                ConnectionFailure::CertificateTime,
            ),
            (
                certificate(CertificateError::Revoked),
                ConnectionFailure::Certificate,
            ),
            (
                io(rustls::InvalidMessage::InvalidContentType.into()),
                ConnectionFailure::NoTls,
            ),
            (
                std::io::Error::from(ErrorKind::ConnectionRefused),
                ConnectionFailure::Refused,
            ),
            (
                std::io::Error::from(ErrorKind::TimedOut),
                ConnectionFailure::Silence,
            ),
            (
                std::io::Error::other("failed to lookup address information: unknown"),
                ConnectionFailure::UnknownName,
            ),
            (
                std::io::Error::from(ErrorKind::ConnectionReset),
                ConnectionFailure::Closed,
            ),
            (
                std::io::Error::from(ErrorKind::PermissionDenied),
                ConnectionFailure::Other,
            ),
        ] {
            assert_eq!(ConnectionFailure::of(&error), failure, "{error}");
            assert_eq!(
                failure.words().is_empty(),
                failure == ConnectionFailure::Other
            );
            for peer in [Peer::Service, Peer::Cluster, Peer::GitLab] {
                let way_out = failure.way_out(peer);
                assert_eq!(way_out.is_empty(), failure == ConnectionFailure::Other);
            }
        }
    }
}
