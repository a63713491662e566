//! Requests that components send: to allowed hosts, or to each other.

mod allowed;
mod body;
mod cidr;
mod client;
mod connect;
mod failure;
mod tls;

pub(crate) use allowed::AllowedHosts;
pub(crate) use client::PooledClient;
pub(crate) use tls::configuration as tls_configuration;

use crate::log::ComponentLog;
use crate::runtime::ComponentWorker;
use body::TimedBody;
use http::{Request, Response, Uri};
use http_body_util::BodyExt as _;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio::time::timeout;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// Time that Spin waits for a connection, a first byte and a next byte when the component does not say.
const PATIENCE: Duration = Duration::from_secs(600);

/// The domain below which components reach each other: `http://<component>.spin.internal`.
const CHAINING: &str = ".spin.internal";

/// The components that can be reached by service chaining. Set once all of them exist.
pub(crate) type Siblings = OnceLock<BTreeMap<String, ComponentWorker>>;

/// The way out of one component.
#[derive(Clone)]
pub(crate) struct OutboundAccess {
    pub(crate) log: ComponentLog,
    pub(crate) allowed: Arc<AllowedHosts>,
    pub(crate) client: PooledClient,
    /// Weak: the siblings hold their way out, too.
    pub(crate) siblings: Weak<Siblings>,
}

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for OutboundAccess {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        // Tells whether the component could use the answer. Nobody asks here.
        _: Io,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Io), Error>> + Send> {
        let outbound = self.clone();
        let options = options.unwrap_or_default();
        Box::new(async move {
            let response = outbound.send(request, options).await?;
            Ok((response, Box::new(async { Ok(()) }) as Io))
        })
    }
}

impl OutboundAccess {
    async fn send(
        self,
        request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Error> {
        if !self.allowed.allows(request.uri()) {
            self.log.host(format!(
                "refused a request to {}: not in allowed_outbound_hosts",
                origin(request.uri())
            ));
            return Err(Error::HttpRequestDenied);
        }
        let first_byte = options.first_byte_timeout.unwrap_or(PATIENCE);
        let between_bytes = options.between_bytes_timeout.unwrap_or(PATIENCE);
        let response = match chained(request.uri()) {
            Some(component) => {
                let worker = self.sibling(component)?;
                timeout(first_byte, worker.handle(request))
                    .await
                    .map_err(|_| Error::ConnectionReadTimeout)?
            }
            None => {
                self.fetch(
                    request,
                    options.connect_timeout.unwrap_or(PATIENCE),
                    first_byte,
                )
                .await?
            }
        };
        Ok(response.map(|body| TimedBody::new(body, between_bytes).boxed_unsync()))
    }

    async fn fetch(
        &self,
        request: Request<WasiBody>,
        connect: Duration,
        first_byte: Duration,
    ) -> Result<Response<WasiBody>, Error> {
        let origin = origin(request.uri());
        let sent = self.client.send(request, connect, first_byte).await;
        sent.map_err(|failure| {
            self.log
                .host(format!("a request to {origin} failed: {failure}"));
            failure.into()
        })
    }

    fn sibling(&self, component: &str) -> Result<ComponentWorker, Error> {
        let siblings = self
            .siblings
            .upgrade()
            .ok_or(Error::DestinationUnavailable)?;
        let worker = siblings.get().and_then(|siblings| siblings.get(component));
        worker.cloned().ok_or_else(|| {
            self.log.host(format!(
                "refused a request to `{component}`: no component with a trigger has this name"
            ));
            Error::DestinationNotFound
        })
    }
}

/// The component that a request is for, if it is for one.
fn chained(uri: &Uri) -> Option<&str> {
    uri.host()?
        .strip_suffix(CHAINING)
        .filter(|component| !component.contains('.'))
}

/// Scheme and authority alone: paths and queries may say more than a log should.
fn origin(uri: &Uri) -> String {
    match uri.authority() {
        Some(authority) if authority.host().is_empty() => "itself".to_owned(),
        Some(authority) => {
            let port = authority
                .port()
                .map(|port| format!(":{port}"))
                .unwrap_or_default();
            format!(
                "{}://{}{port}",
                uri.scheme_str().unwrap_or("https"),
                authority.host()
            )
        }
        None => "itself".to_owned(),
    }
}
