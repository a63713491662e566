//! Connections to servers.

use super::failure::OutboundError;
use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

tokio::task_local! {
    /// How long the request that needs the connection waits for it. The pool hands a connector
    /// nothing but the address.
    pub(super) static PATIENCE: Duration;
}

/// Makes connections, for `https` with TLS.
#[derive(Clone)]
pub(super) struct OutboundConnector(pub(super) TlsConnector);

impl tower_service::Service<Uri> for OutboundConnector {
    type Response = TokioIo<OutboundStream>;
    type Error = OutboundError;
    type Future =
        Pin<Box<dyn Future<Output = Result<TokioIo<OutboundStream>, OutboundError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OutboundError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let tls = self.0.clone();
        // Now, because the future may later be polled by the pool instead of the request.
        let patience = PATIENCE
            .try_with(|patience| *patience)
            .unwrap_or(super::PATIENCE);
        Box::pin(async move {
            let stream = timeout(patience, connect(tls, &uri))
                .await
                .map_err(|_| OutboundError::ConnectTimeout)??;
            Ok(TokioIo::new(stream))
        })
    }
}

async fn connect(tls: TlsConnector, uri: &Uri) -> Result<OutboundStream, OutboundError> {
    let secure = uri.scheme() == Some(&Scheme::HTTPS);
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let stream = dial(host, port).await?;
    if !secure {
        return Ok(OutboundStream::Plain(stream));
    }
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| OutboundError::Tls(error.to_string()))?;
    let stream = tls
        .connect(name, stream)
        .await
        .map_err(|error| OutboundError::tls(&error))?;
    Ok(OutboundStream::Tls(Box::new(stream)))
}

async fn dial(host: &str, port: u16) -> Result<TcpStream, OutboundError> {
    let resolved = tokio::net::lookup_host((host, port)).await;
    let addresses: Vec<_> = resolved
        .map_err(|error| OutboundError::Resolve(error.to_string()))?
        .collect();
    let stream = TcpStream::connect(addresses.as_slice()).await;
    let stream = stream.map_err(|error| OutboundError::Connect(error.to_string()))?;
    // Small requests must not wait for the acknowledgement of earlier ones.
    stream
        .set_nodelay(true)
        .map_err(|error| OutboundError::Connect(error.to_string()))?;
    Ok(stream)
}

/// A connection with or without TLS.
pub(super) enum OutboundStream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection for OutboundStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// Passes a call on to whichever stream it is.
macro_rules! forward {
    ($self:ident, $stream:ident => $call:expr) => {
        match $self.get_mut() {
            Self::Plain($stream) => {
                let $stream = Pin::new($stream);
                $call
            }
            Self::Tls($stream) => {
                let $stream = Pin::new($stream.as_mut());
                $call
            }
        }
    };
}

impl AsyncRead for OutboundStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        forward!(self, stream => stream.poll_read(cx, buffer))
    }
}

impl AsyncWrite for OutboundStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        forward!(self, stream => stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        forward!(self, stream => stream.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        forward!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        forward!(self, stream => stream.poll_shutdown(cx))
    }
}
