//! State that all connections of a server share.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use crate::access::Accounts;
use crate::calls::Calls;
use crate::faults::Faults;
use crate::store::Store;

/// Store, record of calls and planned faults.
#[derive(Debug)]
pub struct Shared {
    /// The objects.
    pub store: Store,
    /// Callers.
    pub accounts: Accounts,
    /// Requests so far.
    pub calls: Calls,
    /// Faults to inject.
    pub faults: Faults,
    /// Delay before every answer.
    pub latency: RwLock<Duration>,
}

impl Shared {
    /// Delay before every answer.
    #[must_use]
    pub fn latency(&self) -> Duration {
        *self.latency.read().unwrap_or_else(PoisonError::into_inner)
    }
}
