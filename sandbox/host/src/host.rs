//! A running application.

mod load;
mod rights;

use crate::manifest::{Manifest, Resolved};
use crate::options::Options;
use crate::outbound::{Client, Siblings, tls_configuration};
use crate::runtime::{Ticker, Worker, engine, linker};
use crate::server::{Router, Server, bind};
use anyhow::Context as _;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use load::load;
use rights::Rights;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An application that answers requests until it is shut down or dropped.
pub struct Host {
    url: String,
    server: Server,
    siblings: Arc<Siblings>,
    _ticker: Ticker,
}

impl Host {
    /// Reads the manifest, composes and compiles the components, and listens.
    ///
    /// # Errors
    /// The manifest, a variable, a file of certificate authorities or a component can't be used, or
    /// the address can't be listened on. The message says which and why.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let manifest = Manifest::load(&options.manifest)?;
        let variables = Resolved::new(&manifest.variables, &options.variables)?;
        let router = Router::new(&manifest.trigger.http)?;
        let listener = bind(options.listen).await?;
        let url = format!(
            "http://{}",
            listener
                .local_addr()
                .context("the address that is listened on")?
        );
        let siblings = Arc::new(Siblings::new());
        let client = Client::new(tls_configuration(&options.ca_files)?);
        let engine = engine()
            .map_err(anyhow::Error::from)
            .context("the WebAssembly engine can't be made")?;
        let linker = linker(&engine).map_err(anyhow::Error::from)?;
        let rights = Rights {
            options: &options,
            variables: &variables,
            client,
            siblings: &siblings,
        };
        let workers = load(&manifest, &rights, &linker).await?;
        let workers = siblings.get_or_init(|| workers);
        let server = Server::start(listener, router, workers.clone(), &options);
        Ok(Self {
            url,
            server,
            siblings,
            _ticker: Ticker::start(&engine),
        })
    }

    /// Where the application answers, such as `http://127.0.0.1:3000`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets a component answer a request, as if it had arrived by service chaining.
    ///
    /// # Errors
    /// There is no such component with a trigger, or it fails while its body is read.
    pub async fn handle(
        &self,
        component: &str,
        request: Request<Bytes>,
    ) -> anyhow::Result<Response<Bytes>> {
        let worker = self.workers().get(component);
        let worker = worker.with_context(|| format!("no component `{component}` has a trigger"))?;
        let request = request.map(|body| {
            Full::new(body)
                .map_err(|never| match never {})
                .boxed_unsync()
        });
        let (head, body) = worker.handle(request).await.into_parts();
        let body = body.collect().await.context("the answer broke off")?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }

    /// Stops listening, lets requests that are being answered end, and releases everything.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
    }

    fn workers(&self) -> &BTreeMap<String, Worker> {
        static NONE: BTreeMap<String, Worker> = BTreeMap::new();
        self.siblings.get().unwrap_or(&NONE)
    }
}
