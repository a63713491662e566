//! What all connections of a server share.

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
}
