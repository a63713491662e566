//! Why an outgoing request got no answer.

use std::error::Error as _;
use wasmtime_wasi_http::Error;

/// A failure that says enough for a log line and converts to what the component is told.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum OutboundError {
    #[error("the host name can't be resolved: {0}")]
    Resolve(String),
    #[error("connecting failed: {0}")]
    Connect(String),
    #[error("connecting took too long")]
    ConnectTimeout,
    #[error("the server's certificate is not accepted: {0}")]
    Certificate(String),
    #[error("TLS failed: {0}")]
    Tls(String),
    #[error("the answer took too long to begin")]
    FirstByteTimeout,
    #[error("the connection was closed before the answer was complete")]
    Closed,
    #[error("the answer is not HTTP, or the request could not be sent: {0}")]
    Protocol(String),
}

impl OutboundError {
    /// The failure of a TLS handshake.
    pub(super) fn tls(error: &std::io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(rustls::Error::InvalidCertificate(reason)) => {
                Self::Certificate(reason.to_string())
            }
            _ => Self::Tls(error.to_string()),
        }
    }
}

impl From<hyper_util::client::legacy::Error> for OutboundError {
    fn from(error: hyper_util::client::legacy::Error) -> Self {
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(failure) = inner.downcast_ref::<Self>() {
                return failure.clone();
            }
            if let Some(hyper) = inner.downcast_ref::<hyper::Error>()
                && (hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled())
            {
                return Self::Closed;
            }
            cause = inner.source();
        }
        Self::Protocol(
            error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string),
        )
    }
}

impl From<OutboundError> for Error {
    fn from(failure: OutboundError) -> Self {
        match failure {
            OutboundError::Resolve(_) => Self::DnsError {
                rcode: None,
                info_code: None,
            },
            OutboundError::Connect(_) => Self::ConnectionRefused,
            OutboundError::ConnectTimeout => Self::ConnectionTimeout,
            OutboundError::Certificate(_) => Self::TlsCertificateError,
            OutboundError::Tls(_) => Self::TlsProtocolError,
            OutboundError::FirstByteTimeout => Self::ConnectionReadTimeout,
            OutboundError::Closed => Self::ConnectionTerminated,
            OutboundError::Protocol(_) => Self::HttpProtocolError,
        }
    }
}
