//! Deleting a namespace or a definition deletes what is in it, and it goes when that is gone.

use std::sync::Arc;

use serde_json::Value;

use crate::kinds::CLEANUP_FINALIZER;
use crate::object;
use crate::registry::definitions;
use crate::resource::{GroupResource, ObjectKey};
use crate::store::StoreState;
use crate::write::{mark_or_remove, remove_finalizer};

pub(super) fn empty_namespaces(state: &mut StoreState) {
    let namespaces = GroupResource::new("", "namespaces");
    for namespace in deleting(state, &namespaces) {
        let name = object::name(&namespace).to_owned();
        let is_empty = delete_all(state, |_, key| key.namespace == name);
        if is_empty && object::finalizers(&namespace).is_empty() {
            state.remove(&namespaces, &ObjectKey::new("", &name));
        }
    }
}

pub(super) fn empty_definitions(state: &mut StoreState) {
    for definition in deleting(state, &definitions()) {
        let names = (
            object::text(&definition, "/spec/group"),
            object::text(&definition, "/spec/names/plural"),
        );
        let resource = GroupResource::new(names.0, names.1);
        if delete_all(state, |id, _| *id == resource) {
            remove_finalizer(
                state,
                &definitions(),
                &object::key(&definition),
                CLEANUP_FINALIZER,
            );
        }
    }
}

fn deleting(state: &StoreState, id: &GroupResource) -> Vec<Arc<Value>> {
    state
        .list(id, "")
        .into_iter()
        .filter(|object| object::is_deleting(object))
        .collect()
}

/// Deletes every object that matches; true when none is left.
fn delete_all(
    state: &mut StoreState,
    matches: impl Fn(&GroupResource, &ObjectKey) -> bool,
) -> bool {
    let found: Vec<(GroupResource, Arc<Value>)> = state
        .all()
        .filter(|(id, key, _)| matches(id, key))
        .map(|(id, _, object)| (id.clone(), object.clone()))
        .collect();
    let now = object::now();
    for (id, object) in found
        .iter()
        .filter(|(_, object)| !object::is_deleting(object))
    {
        mark_or_remove(state, id, object, None, &now);
    }
    !state.all().any(|(id, key, _)| matches(id, key))
}
