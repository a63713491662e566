//! A server for components to send requests to.

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{once, pending};
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio_rustls::TlsAcceptor;

/// A server that counts connections. `/never` gets no answer, `/together` gets one as soon as two
/// requests for it are there, `/half` gets the first bytes of an answer, every other path gets
/// `method path host`.
pub struct OriginServer {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
}

impl OriginServer {
    pub async fn start(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        tokio::spawn(accept(listener, tls, Arc::clone(&connections)));
        Self {
            address,
            connections,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, connections: Arc<AtomicUsize>) {
    let barrier = Arc::new(Barrier::new(2));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.fetch_add(1, Ordering::SeqCst);
        let (barrier, tls) = (Arc::clone(&barrier), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => serve(stream, barrier).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, barrier).await;
                    }
                }
            }
        });
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, barrier: Arc<Barrier>) {
    let service = service_fn(|request| answer(request, Arc::clone(&barrier)));
    let connection = hyper::server::conn::http1::Builder::new();
    connection
        .serve_connection(TokioIo::new(stream), service)
        .await
        .ok();
}

async fn answer(
    request: Request<Incoming>,
    barrier: Arc<Barrier>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    match request.uri().path() {
        "/half" => {
            let half = Ok(Frame::data(Bytes::from_static(b"half")));
            let body = StreamBody::new(once(async { half }).chain(pending()));
            return Ok(Response::new(BoxBody::new(body)));
        }
        "/never" => std::future::pending().await,
        "/together" => {
            barrier.wait().await;
        }
        _ => {}
    }
    let host = request.headers()["host"].to_str().unwrap();
    let text = format!("{} {} {host}\n", request.method(), request.uri());
    Ok(Response::new(Full::new(text.into()).boxed()))
}
