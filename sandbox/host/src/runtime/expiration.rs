//! When instances take requests, and when they end.

use super::data::InstanceData;
use crate::log::ComponentLog;
use crate::options::InstanceReuse;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::time::Sleep;
use wasmtime::component::GuestTaskId;
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi_http::handler::{ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus};

/// Words of wasmtime-wasi-http where an instance's task did not end by itself.
const DROPPED: &str = "worker panicked";

/// Bounds of the life of an instance.
#[derive(Clone, Copy)]
pub(crate) struct InstanceLimits {
    pub(crate) reuse: InstanceReuse,
    /// Until the answer begins, and again until it ends.
    pub(crate) request_timeout: Duration,
}

/// Ends an instance that is idle or busy for too long. It is polled from outside the component's
/// event loop, so that it also ends one that computes without end.
pub(crate) struct InstanceExpiration {
    limits: InstanceLimits,
    sleep: Pin<Box<Sleep>>,
}

impl InstanceExpiration {
    pub(super) fn new(limits: InstanceLimits) -> Self {
        Self {
            limits,
            sleep: Box::pin(tokio::time::sleep(limits.reuse.idle_timeout)),
        }
    }
}

impl WorkerExpiration for InstanceExpiration {
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        let allowed = match status {
            WorkerStatus::Idle => self.limits.reuse.idle_timeout,
            WorkerStatus::Requests | WorkerStatus::PostReturn => self.limits.request_timeout,
        };
        let deadline = (start + allowed).into();
        if self.sleep.deadline() != deadline {
            self.sleep.as_mut().reset(deadline);
        }
        self.sleep.as_mut().poll(cx)
    }
}

/// Decides whether an instance takes one more request.
pub(crate) struct RequestAcceptance {
    limits: InstanceLimits,
    log: ComponentLog,
}

impl RequestAcceptance {
    pub(super) fn new(limits: InstanceLimits, log: &ComponentLog) -> Self {
        Self {
            limits,
            log: log.clone(),
        }
    }
}

impl WorkerState for RequestAcceptance {
    type StoreData = InstanceData;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= self.limits.reuse.max_requests {
            ShouldAccept::Never
        } else if concurrent >= self.limits.reuse.max_concurrent {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, InstanceData>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        Box::pin(tokio::time::sleep(self.limits.request_timeout))
    }

    fn drop(&self, store: Store<InstanceData>, result: Result<(), wasmtime::Error>) {
        drop(store);
        // An instance that waits for work when the program ends is dropped with its task, which wasmtime-wasi-http
        // reports as a panic too; a real one unwinds through here.
        let was_dropped =
            |error: &wasmtime::Error| error.to_string() == DROPPED && !std::thread::panicking();
        if let Err(error) = result
            && !was_dropped(&error)
        {
            self.log
                .host(format!("the instance ended: {}", error.root_cause()));
        }
    }
}
