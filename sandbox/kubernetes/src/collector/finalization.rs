//! The collector's own finalizers: foreground deletion and orphaning.

use std::sync::Arc;

use serde_json::Value;

use super::owners::{dependents_of, set_owners};
use crate::object;
use crate::resource::GroupResource;
use crate::store::StoreState;
use crate::write::{FOREGROUND, ORPHAN, remove_finalizer};

/// Releases objects that wait for dependents which are gone, and dependents of objects that leave them behind.
pub(super) fn finish_deletions(state: &mut StoreState) {
    for (id, owner) in held_by(state, FOREGROUND) {
        if dependents_of(state, &owner, true).is_empty() {
            remove_finalizer(state, &id, &object::key(&owner), FOREGROUND);
        }
    }
    for (id, owner) in held_by(state, ORPHAN) {
        for (dependent_id, dependent) in dependents_of(state, &owner, false) {
            let mut owners = object::list(&dependent, "/metadata/ownerReferences").to_vec();
            owners.retain(|reference| object::text(reference, "/uid") != object::uid(&owner));
            set_owners(state, &dependent_id, &dependent, owners);
        }
        remove_finalizer(state, &id, &object::key(&owner), ORPHAN);
    }
}

fn held_by(state: &StoreState, finalizer: &str) -> Vec<(GroupResource, Arc<Value>)> {
    state
        .all()
        .filter(|(_, _, object)| {
            object::is_deleting(object) && object::finalizers(object).contains(&finalizer)
        })
        .map(|(id, _, object)| (id.clone(), object.clone()))
        .collect()
}
