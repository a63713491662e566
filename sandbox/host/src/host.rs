//! A running application.

mod load;
mod rights;

use crate::manifest::{ResolvedVariables, SpinManifest};
use crate::options::HostOptions;
use crate::outbound::{PooledClient, Siblings, tls_configuration};
use crate::runtime::ComponentWorker;
use crate::server::{HttpServer, RouteTable, bind};
use anyhow::Context as _;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use load::load;
use rights::SharedRights;
use std::sync::Arc;

/// An application that answers requests until it is shut down or dropped.
pub struct ComponentHost {
    url: String,
    server: HttpServer,
    siblings: Arc<Siblings>,
}

impl ComponentHost {
    /// Reads the manifest, composes and compiles the components, and listens.
    ///
    /// # Errors
    /// The manifest, a variable, a file of certificate authorities or a component can't be used, or
    /// the address can't be listened on. The message says which and why.
    pub async fn start(options: HostOptions) -> anyhow::Result<Self> {
        let manifest = SpinManifest::load(&options.manifest)?;
        let variables = ResolvedVariables::new(&manifest.variables, &options.variables)?;
        let router = RouteTable::new(&manifest.trigger.http)?;
        let listener = bind(options.listen).await?;
        let url = format!(
            "http://{}",
            listener
                .local_addr()
                .context("the address that is listened on")?
        );
        let siblings = Arc::new(Siblings::new());
        let rights = SharedRights {
            options: &options,
            variables: &variables,
            client: PooledClient::new(tls_configuration(&options.ca_files)?),
            siblings: &siblings,
        };
        let workers = load(&manifest, &rights).await?;
        let workers = siblings.get_or_init(|| workers);
        let server = HttpServer::start(listener, router, workers.clone(), &options);
        Ok(Self {
            url,
            server,
            siblings,
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
        let worker = self.worker(component)?;
        let request = request.map(|body| {
            Full::new(body)
                .map_err(|never| match never {})
                .boxed_unsync()
        });
        let (head, body) = worker.handle(request).await.into_parts();
        let body = body.collect().await.context("the answer broke off")?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }

    /// Makes an instance of a component and discards it, as a benchmark wants it.
    ///
    /// # Errors
    /// There is no such component with a trigger, or no instance can be made.
    pub async fn instantiate(&self, component: &str) -> anyhow::Result<()> {
        self.worker(component)?.instantiate().await
    }

    /// Stops listening, lets requests that are being answered end, and releases everything.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
    }

    fn worker(&self, component: &str) -> anyhow::Result<&ComponentWorker> {
        let worker = self
            .siblings
            .get()
            .and_then(|workers| workers.get(component));
        worker.with_context(|| format!("no component `{component}` has a trigger"))
    }
}
