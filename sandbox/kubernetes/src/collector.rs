//! Deletions as Kubernetes' controllers carry them out: namespaces, definitions, owners.
//!
//! It runs as part of each change, so that a client never sees the time in between: the order and the
//! outcome are those of the real controllers, the delay is not.

use crate::store::StoreState;

mod containers;
mod finalization;
mod owners;

/// Carries out everything that follows from the last change.
pub(crate) fn collect(state: &mut StoreState) {
    while state.take_needs_collection() {
        containers::empty_namespaces(state);
        containers::empty_definitions(state);
        owners::collect_dependents(state);
        finalization::finish_deletions(state);
    }
}
