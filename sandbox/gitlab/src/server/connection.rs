use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::listener::stop_requested;
use crate::dispatch::RequestDispatch;

/// A stream whose TCP connection can be reset.
pub(super) trait ResettableStream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    fn tcp(&self) -> &TcpStream;
}

impl ResettableStream for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl ResettableStream for tokio_rustls::server::TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Answers the requests of one connection, one after the other.
pub(super) async fn serve<T: ResettableStream>(
    stream: T,
    dispatch: RequestDispatch,
    mut stopped: watch::Receiver<bool>,
) {
    let reset = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let reset = Arc::clone(&reset);
        move |request: hyper::Request<Incoming>| {
            let (dispatch, reset) = (dispatch.clone(), Arc::clone(&reset));
            // Boxed: taking the stream back from the connection needs a future that can be moved.
            Box::pin(async move {
                let result = dispatch.handle(request.map(Body::new)).await;
                reset.fetch_or(result.is_err(), Ordering::Relaxed);
                result
            })
        }
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(300))
        .serve_connection(TokioIo::new(stream), service);
    let mut stopping = false;
    let failed = loop {
        tokio::select! {
            result = poll_fn(|context| connection.poll_without_shutdown(context)) => break result.is_err(),
            () = stop_requested(&mut stopped), if !stopping => {
                stopping = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let stream = connection.into_parts().io.into_inner();
    close(stream, reset.load(Ordering::Relaxed) || failed).await;
}

/// Without lingering a close is a reset, which clients cannot take for the end of an answer.
async fn close<T: ResettableStream>(mut stream: T, reset: bool) {
    if reset {
        if let Err(error) = stream.tcp().set_zero_linger() {
            tracing::debug!(%error, "no reset");
        }
    } else if let Err(error) = tokio::io::AsyncWriteExt::shutdown(&mut stream).await {
        tracing::debug!(%error, "the client was gone");
    }
}
