//! State that all connections of a server share.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use crate::access::TokenAuthenticator;
use crate::calls::CallHistory;
use crate::faults::FaultList;
use crate::store::ObjectStore;

/// Store, record of calls and planned faults.
#[derive(Debug)]
pub struct ApiServerState {
    /// The objects.
    pub store: ObjectStore,
    /// Callers.
    pub accounts: TokenAuthenticator,
    /// Requests so far.
    pub calls: CallHistory,
    /// Faults to inject.
    pub faults: FaultList,
    /// Delay before every answer.
    pub latency: RwLock<Duration>,
}

impl ApiServerState {
    /// Delay before every answer.
    #[must_use]
    pub fn latency(&self) -> Duration {
        *self.latency.read().unwrap_or_else(PoisonError::into_inner)
    }
}
