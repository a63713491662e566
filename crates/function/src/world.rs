//! Outgoing HTTP, time and randomness from WASI.

use std::pin::pin;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures::future::{Either, select};
use http_body_util::BodyExt as _;
use registration::log::Event;
use registration::ports::{Request, Response, TransportError, World};
use registration::settings::DEFAULT_TIMEOUT;
use spin_sdk::http::FullBody;
use spin_sdk::wasip3::http::types::ErrorCode;

/// The world as WASI shows it.
pub struct Wasi {
    /// Time limit for one outgoing request, from its start to the end of its answer.
    pub timeout: Duration,
    started: Instant,
}

impl Default for Wasi {
    /// With the time limit that applies where none is set.
    fn default() -> Self {
        Self::new(DEFAULT_TIMEOUT)
    }
}

impl Wasi {
    /// With this time limit.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            started: Instant::now(),
        }
    }
}

impl World for Wasi {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let exchange = pin!(exchange(request));
        let limit = pin!(spin_sdk::time::sleep(self.timeout));
        match select(exchange, limit).await {
            Either::Left((answer, _)) => answer.map_err(|code| broken(&code, self.timeout)),
            Either::Right(((), _)) => Err(TransportError::Timeout(self.timeout)),
        }
    }

    async fn sleep(&self, duration: Duration) {
        spin_sdk::time::sleep(duration).await;
    }

    fn now(&self) -> u64 {
        self.unix_time().as_secs()
    }

    fn unix_time(&self) -> Duration {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn random(&self) -> u64 {
        random()
    }

    fn log(&self, event: &Event<'_>) {
        eprintln!("{}", event.line());
    }
}

pub(crate) fn random() -> u64 {
    spin_sdk::wasip3::random::random::get_random_u64()
}

async fn exchange(request: Request) -> Result<Response, ErrorCode> {
    let mut request = request.map(|body| FullBody::new(Bytes::from(body)));
    let length = http_body::Body::size_hint(request.body())
        .exact()
        .unwrap_or_default();
    if length > 0 {
        request
            .headers_mut()
            .insert(http::header::CONTENT_LENGTH, length.into());
    }
    let (parts, body) = spin_sdk::http::send(request).await?.into_parts();
    let bytes = body.collect().await?.to_bytes();
    let mut response = Response::new(bytes.to_vec());
    *response.status_mut() = parts.status;
    *response.headers_mut() = parts.headers;
    Ok(response)
}

fn broken(code: &ErrorCode, timeout: Duration) -> TransportError {
    match code {
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => TransportError::Timeout(timeout),
        ErrorCode::ConnectionRefused => TransportError::Broken("connection refused".into()),
        ErrorCode::DnsError(_) => TransportError::Broken("host name not found".into()),
        ErrorCode::HttpRequestDenied => TransportError::Broken(
            "the host does not let the function connect there; check allowed_outbound_hosts".into(),
        ),
        ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_)
        | ErrorCode::TlsProtocolError => TransportError::Broken(
            "TLS failed; is the server's certificate authority known to the host?".into(),
        ),
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => {
            TransportError::Broken("the connection broke".into())
        }
        // The text of an internal error is the host's own and may quote a header.
        _ => TransportError::Broken("the request could not be carried out".into()),
    }
}
