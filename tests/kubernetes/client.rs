//! HTTP/1.1 with and without TLS, one connection per request.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use service::log::Event;
use service::runtime::{Opened, Pieces, Request, Response, Runtime, TransportError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

const TIMEOUT: Duration = Duration::from_secs(30);

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The world as the use cases see it. Trusts one certificate authority.
#[derive(Clone)]
pub struct Client {
    tls: Arc<ClientConfig>,
    started: Instant,
}

impl Client {
    /// With the authorities of a PEM file.
    pub fn trusting(ca_pem: &str) -> Self {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            roots.add(certificate.unwrap()).unwrap();
        }
        assert!(
            ca_pem.trim().is_empty() || !roots.is_empty(),
            "the CA file holds no certificate"
        );
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap();
        LazyLock::force(&STARTED);
        Self {
            tls: Arc::new(config.with_root_certificates(roots).with_no_client_auth()),
            started: Instant::now(),
        }
    }

    /// The same at the beginning of another request.
    pub fn anew(&self) -> Self {
        Self {
            started: Instant::now(),
            ..self.clone()
        }
    }

    async fn begin(&self, request: Request) -> Result<Exchange, Box<dyn std::error::Error>> {
        let uri = request.uri();
        let host = uri
            .host()
            .ok_or("no host")?
            .trim_matches(['[', ']'])
            .to_owned();
        let secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let stream = TcpStream::connect((host.as_str(), port)).await?;
        stream.set_nodelay(true)?;
        if !secure {
            return over(stream, request).await;
        }
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let name = ServerName::try_from(host)?;
        over(connector.connect(name, stream).await?, request).await
    }
}

async fn over(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request,
) -> Result<Exchange, Box<dyn std::error::Error>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let (mut parts, body) = request.into_parts();
    if let Some(authority) = parts.uri.authority() {
        parts.headers.insert("host", authority.as_str().parse()?);
    }
    parts.uri = parts
        .uri
        .path_and_query()
        .map_or("/", |it| it.as_str())
        .parse()?;
    let request = http::Request::from_parts(parts, Full::new(Bytes::from(body)));
    Ok(Exchange {
        answer: sender.send_request(request).await?,
        connection: Some(connection),
    })
}

/// An answer that has begun, and its connection, which ends with it.
pub struct Exchange {
    answer: http::Response<Incoming>,
    connection: Option<JoinHandle<hyper::Result<()>>>,
}

impl Exchange {
    async fn whole(mut self) -> Result<Response, Box<dyn std::error::Error>> {
        let body = self.answer.body_mut().collect().await?.to_bytes();
        let mut response = Response::new(body.to_vec());
        *response.status_mut() = self.answer.status();
        *response.headers_mut() = self.answer.headers().clone();
        Ok(response)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.abort();
        }
    }
}

impl Pieces for Exchange {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        while let Some(frame) = self.answer.body_mut().frame().await {
            let frame = frame.map_err(|error| TransportError::Broken(error.to_string()))?;
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data.to_vec()));
            }
        }
        Ok(None)
    }
}

impl Client {
    async fn limited<T>(
        &self,
        exchange: impl Future<Output = Result<T, Box<dyn std::error::Error>>>,
    ) -> Result<T, TransportError> {
        match tokio::time::timeout(TIMEOUT, exchange).await {
            Ok(answer) => answer.map_err(|error| TransportError::Broken(error.to_string())),
            Err(_) => Err(TransportError::Timeout(TIMEOUT)),
        }
    }
}

impl Runtime for Client {
    type Stream = Exchange;

    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let exchange = async { self.begin(request).await?.whole().await };
        // Apart from the futures that hold dozens of these.
        Box::pin(self.limited(exchange)).await
    }

    async fn open(&self, request: Request) -> Result<Opened<Exchange>, TransportError> {
        let exchange = async {
            let begun = self.begin(request).await?;
            match begun.answer.status().is_success() {
                true => Ok(Opened::Stream(begun)),
                false => begun.whole().await.map(Opened::Refused),
            }
        };
        Box::pin(self.limited(exchange)).await
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
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
        let nanoseconds = STARTED.elapsed().as_nanos() as u64;
        nanoseconds.wrapping_mul(6_364_136_223_846_793_005) ^ u64::from(std::process::id())
    }

    fn log(&self, event: &Event<'_>) {
        let line = event.line();
        assert!(!line.contains("canary"), "{line}");
    }
}
