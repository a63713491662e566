//! The HTTP server in front of the components.

mod exchange;
mod route;

pub(crate) use route::RouteTable;

use crate::options::HostOptions;
use crate::runtime::ComponentWorker;
use anyhow::Context as _;
use exchange::HttpExchange;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// Time for requests that are being answered when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// Time for the system's refusals, such as too many open files, to pass.
const PAUSE: Duration = Duration::from_millis(50);

/// Listens on an address.
pub(crate) async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener
        .with_context(|| format!("cannot listen on {address}: is another program using this port?"))
}

/// A server that runs until it is shut down or dropped.
pub(crate) struct HttpServer {
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl HttpServer {
    pub(crate) fn start(
        listener: TcpListener,
        router: RouteTable,
        workers: BTreeMap<String, ComponentWorker>,
        options: &HostOptions,
    ) -> Self {
        let (stop, stopped) = watch::channel(());
        let exchange = Arc::new(HttpExchange::new(router, workers, options));
        Self {
            stop,
            task: tokio::spawn(accept(listener, exchange, stopped)),
        }
    }

    pub(crate) async fn shutdown(mut self) {
        self.stop.send_replace(());
        // A task that ends in another way than by returning has nothing left to release.
        (&mut self.task).await.ok();
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    exchange: Arc<HttpExchange>,
    mut stopped: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&exchange), stopped.clone()));
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    tokio::time::timeout(GRACE, ended).await.ok();
}

async fn serve(stream: TcpStream, exchange: Arc<HttpExchange>, mut stopped: watch::Receiver<()>) {
    // Without it, parts of an answer wait for acknowledgements of earlier parts.
    stream.set_nodelay(true).ok();
    let service = service_fn(move |request| {
        let exchange = Arc::clone(&exchange);
        async move { Ok::<_, Infallible>(exchange.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // A connection that ends with an error was ended by the client, or by an answer that broke off:
    // the component's log tells.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await.ok();
        }
    }
}
