use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::connection;
use crate::dispatch::RequestDispatch;

/// Time for requests under way when the server stops.
const GRACE: Duration = Duration::from_secs(2);
/// Pause after a failed accept: without file descriptors it fails at once again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves connections until told to stop. Dropping the task drops them all.
pub(super) async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    dispatch: RequestDispatch,
    mut stopped: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let watching = stopped.clone();
    loop {
        tokio::select! {
            () = stop_requested(&mut stopped) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, tls.clone(), dispatch.clone(), watching.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finished).await.is_err() {
        connections.shutdown().await;
    }
}

async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    dispatch: RequestDispatch,
    stopped: watch::Receiver<bool>,
) {
    // Answers are small: waiting to fill a segment would delay each by the client's delayed ACK.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let Some(tls) = tls else {
        return connection::serve(stream, dispatch, stopped).await;
    };
    match tls.accept(stream).await {
        Ok(stream) => connection::serve(stream, dispatch, stopped).await,
        Err(error) => tracing::debug!(%error, "no TLS handshake"),
    }
}

/// Returns when the server is to stop, also when it was dropped.
pub(super) async fn stop_requested(stopped: &mut watch::Receiver<bool>) {
    // The value read holds a lock: it must not live on in the caller.
    drop(stopped.wait_for(|stopped| *stopped).await);
}
