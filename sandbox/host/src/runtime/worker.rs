//! Instances of one component.

use super::data::InstanceData;
use super::expiration::{InstanceExpiration, InstanceLimits, RequestAcceptance};
use crate::log::ComponentLog;
use crate::outbound::OutboundAccess;
use crate::problem::HostProblem;
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
pub(crate) struct PreparedComponent {
    pub(crate) service: ServicePre<InstanceData>,
    pub(crate) limits: InstanceLimits,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) variables: Arc<BTreeMap<String, String>>,
    pub(crate) outbound: OutboundAccess,
    pub(crate) log: ComponentLog,
}

impl HandlerState for PreparedComponent {
    type StoreData = InstanceData;
    type WorkerExpiration = InstanceExpiration;
    type WorkerState = RequestAcceptance;

    async fn instantiate(
        &self,
    ) -> wasmtime::Result<Instance<InstanceData, InstanceExpiration, RequestAcceptance>> {
        let mut store = Store::new(self.service.engine(), InstanceData::new(self));
        store.epoch_deadline_async_yield_and_update(1);
        let service = self.service.instantiate_async(&mut store).await?;
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: |data: &mut InstanceData| data.http(),
            expiration: InstanceExpiration::new(self.limits),
            state: RequestAcceptance::new(self.limits, &self.log),
        })
    }
}

/// Answers requests with a component.
#[derive(Clone)]
pub(crate) struct ComponentWorker(ProxyHandler<PreparedComponent>);

impl ComponentWorker {
    pub(crate) fn new(component: PreparedComponent) -> Self {
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

    fn problem(&self, error: &wasmtime::Error, started: Instant) -> HostProblem {
        let PreparedComponent { limits, log, .. } = self.0.state();
        // An instance that never yields is ended from outside, which looks like a trap.
        let late = error.is::<TrapOrPanicError>() && started.elapsed() >= limits.request_timeout;
        if error.is::<ExpirationError>() || late {
            log.host(format!("no answer within {:?}", limits.request_timeout));
            return HostProblem::TimedOut;
        }
        if let Some(error) = error.downcast_ref::<InstantiationError<()>>() {
            log.host(format!("no instance: {:#}", error.error));
            return HostProblem::Overloaded;
        }
        // An instance that ended has told why itself.
        if !error.is::<TrapOrPanicError>() {
            log.host(format!("no answer: {}", error.root_cause()));
        }
        HostProblem::Failed
    }
}
