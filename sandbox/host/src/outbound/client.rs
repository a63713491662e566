//! The HTTP client that all components share: HTTP/1.1 over connections that are kept.

use super::connect::{OutboundConnector, PATIENCE};
use super::failure::OutboundError;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use wasmtime_wasi_http::{Error, WasiBody};

/// Shorter than the 75 s and 60 s after which common servers close idle connections.
const IDLE: Duration = Duration::from_secs(30);

/// Clones share their connections.
#[derive(Clone)]
pub(crate) struct PooledClient(legacy::Client<OutboundConnector, WasiBody>);

impl PooledClient {
    pub(crate) fn new(tls: rustls::ClientConfig) -> Self {
        let connector = OutboundConnector(Arc::new(tls).into());
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Self(client)
    }

    pub(super) async fn send(
        &self,
        request: Request<WasiBody>,
        connect: Duration,
        first_byte: Duration,
    ) -> Result<Response<WasiBody>, OutboundError> {
        let response = PATIENCE.scope(connect, self.0.request(request));
        // A connection that takes its full time leaves the server its full time, too.
        let response = timeout(connect.saturating_add(first_byte), response).await;
        let response = response.map_err(|_| OutboundError::FirstByteTimeout)??;
        Ok(response.map(|body| body.map_err(Error::Hyper).boxed_unsync()))
    }
}
