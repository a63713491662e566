//! Instances of one component.

use super::data::Data;
use super::expiration::{Acceptance, Expiration, Limits};
use crate::log::Log;
use crate::outbound::Outbound;
use crate::problem::Problem;
use http::{Request, Response};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::Store;
use wasmtime_wasi_http::handler::{
    ExpirationError, HandlerState, Instance, InstantiationError, Proxy, ProxyHandler,
    TrapOrPanicError,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _};

/// A component that is ready to be instantiated, with its rights.
pub(crate) struct Prepared {
    pub(crate) service: ServicePre<Data>,
    pub(crate) limits: Limits,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) variables: Arc<BTreeMap<String, String>>,
    pub(crate) outbound: Outbound,
    pub(crate) log: Log,
}

impl HandlerState for Prepared {
    type StoreData = Data;
    type WorkerExpiration = Expiration;
    type WorkerState = Acceptance;

    async fn instantiate(&self) -> wasmtime::Result<Instance<Data, Expiration, Acceptance>> {
        let mut store = Store::new(self.service.engine(), Data::new(self));
        store.epoch_deadline_async_yield_and_update(1);
        let service = self.service.instantiate_async(&mut store).await?;
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: |data: &mut Data| data.http(),
            expiration: Expiration::new(self.limits),
            state: Acceptance::new(self.limits, &self.log),
        })
    }
}

/// Answers requests with a component.
#[derive(Clone)]
pub(crate) struct Worker(ProxyHandler<Prepared>);

impl Worker {
    pub(crate) fn new(component: Prepared) -> Self {
        Self(ProxyHandler::new(component))
    }

    /// Makes an instance and discards it.
    pub(crate) async fn instantiate(&self) -> anyhow::Result<()> {
        self.0.state().instantiate().await?;
        Ok(())
    }

    /// Answer of the component, or a problem in its place.
    pub(crate) async fn handle(&self, request: Request<WasiBody>) -> Response<WasiBody> {
        let started = Instant::now();
        match self.0.handle((), request).await {
            Ok(response) => response,
            Err(error) => self.problem(&error, started).response(),
        }
    }

    fn problem(&self, error: &wasmtime::Error, started: Instant) -> Problem {
        let Prepared { limits, log, .. } = self.0.state();
        // An instance that never yields is ended from outside, which looks like a trap.
        let late = error.is::<TrapOrPanicError>() && started.elapsed() >= limits.request_timeout;
        if error.is::<ExpirationError>() || late {
            log.host(format!("no answer within {:?}", limits.request_timeout));
            return Problem::TimedOut;
        }
        if let Some(error) = error.downcast_ref::<InstantiationError<()>>() {
            log.host(format!("no instance: {:#}", error.error));
            return Problem::Overloaded;
        }
        // An instance that ended has told why itself.
        if !error.is::<TrapOrPanicError>() {
            log.host(format!("no answer: {}", error.root_cause()));
        }
        Problem::Failed
    }
}
