//! Listening, TLS and connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::state::ApiServerState;

mod exchange;
mod outgoing;
mod tls;

pub use tls::acceptor;

/// State for every connection.
#[derive(Debug, Clone)]
pub struct ConnectionService {
    /// Store, accounts, calls, faults, latency.
    pub shared: Arc<ApiServerState>,
}

/// Binds an address.
pub async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Accepts connections until dropped; dropping cuts the open ones too.
pub async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, service: ConnectionService) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // Out of file descriptors or the like: give the others time to end.
                let Ok((stream, _)) = accepted else {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                connections.spawn(connection(stream, tls.clone(), service.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, service: ConnectionService) {
    // Answers are written in one piece; waiting for more only costs time.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    match tls {
        None => speak_http(stream, service).await,
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => speak_http(stream, service).await,
            Err(error) => tracing::debug!(%error, "TLS handshake failed"),
        },
    }
}

async fn speak_http(stream: impl AsyncRead + AsyncWrite + Unpin, service: ConnectionService) {
    let answer = service_fn(move |request| exchange::exchange(service.clone(), request));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new());
    if let Err(error) = http.serve_connection(TokioIo::new(stream), answer).await {
        tracing::debug!(%error, "connection ended early");
    }
}
