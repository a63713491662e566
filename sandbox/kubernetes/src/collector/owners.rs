//! The garbage collector: an object goes when all its owners are gone.

use std::sync::Arc;

use serde_json::Value;

use crate::object;
use crate::resource::{GroupResource, ObjectKey, split_api_version};
use crate::store::StoreState;
use crate::write::{DeletionPropagation, FOREGROUND, mark_or_remove};

/// Target of an owner reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OwnerState {
    /// An object that stays, or a kind the server does not know.
    Present,
    /// Nothing, or an object of another uid.
    Absent,
    /// An object that waits for its dependents to be deleted.
    Waiting,
}

/// Deletes objects without owners and drops references to absent ones.
pub(super) fn collect_dependents(state: &mut StoreState) {
    for (id, dependent) in owned_objects(state) {
        let references = object::list(&dependent, "/metadata/ownerReferences");
        let owners: Vec<OwnerState> = references
            .iter()
            .map(|reference| owner(state, &dependent, reference))
            .collect();
        if !owners.contains(&OwnerState::Present) {
            delete_dependent(
                state,
                &id,
                &dependent,
                owners.contains(&OwnerState::Waiting),
            );
        } else if owners.iter().any(|owner| *owner != OwnerState::Present) {
            let kept: Vec<Value> = references
                .iter()
                .zip(&owners)
                .filter(|(_, owner)| **owner == OwnerState::Present)
                .map(|(reference, _)| reference.clone())
                .collect();
            set_owners(state, &id, &dependent, kept);
        }
    }
}

fn owned_objects(state: &StoreState) -> Vec<(GroupResource, Arc<Value>)> {
    state
        .all()
        .filter(|(_, _, object)| object.pointer("/metadata/ownerReferences").is_some())
        .map(|(id, _, object)| (id.clone(), object.clone()))
        .collect()
}

fn owner(state: &StoreState, dependent: &Value, reference: &Value) -> OwnerState {
    let (group, _) = split_api_version(object::text(reference, "/apiVersion"));
    let Some(resource) = state
        .registry()
        .of_kind(group, object::text(reference, "/kind"))
    else {
        return OwnerState::Present;
    };
    let namespace = if resource.namespaced {
        object::namespace(dependent)
    } else {
        ""
    };
    // A cluster-scoped object cannot have an owner in a namespace; the real collector leaves it alone.
    if resource.namespaced && namespace.is_empty() {
        return OwnerState::Present;
    }
    let key = ObjectKey::new(namespace, object::text(reference, "/name"));
    match state.get(&resource.id, &key) {
        Some(owner) if object::uid(&owner) != object::text(reference, "/uid") => OwnerState::Absent,
        Some(owner)
            if object::is_deleting(&owner) && object::finalizers(&owner).contains(&FOREGROUND) =>
        {
            OwnerState::Waiting
        }
        Some(_) => OwnerState::Present,
        None => OwnerState::Absent,
    }
}

fn delete_dependent(
    state: &mut StoreState,
    id: &GroupResource,
    dependent: &Arc<Value>,
    owner_waits: bool,
) {
    if object::is_deleting(dependent) {
        return;
    }
    // Below an owner that waits, dependents of the dependent go first too.
    let has_dependents = !dependents_of(state, dependent, false).is_empty();
    let propagation = (owner_waits && has_dependents).then_some(DeletionPropagation::Foreground);
    mark_or_remove(state, id, dependent, propagation, &object::now());
}

/// Objects that name `owner` as an owner; only those that block its deletion where asked.
pub(super) fn dependents_of(
    state: &StoreState,
    owner: &Value,
    blocking_only: bool,
) -> Vec<(GroupResource, Arc<Value>)> {
    let uid = object::uid(owner);
    let names_owner = |reference: &Value| {
        let blocks = reference.get("blockOwnerDeletion") == Some(&Value::Bool(true));
        object::text(reference, "/uid") == uid && (blocks || !blocking_only)
    };
    let mut owned = owned_objects(state);
    owned.retain(|(_, object)| {
        object::list(object, "/metadata/ownerReferences")
            .iter()
            .any(names_owner)
    });
    owned
}

pub(super) fn set_owners(
    state: &mut StoreState,
    id: &GroupResource,
    object: &Arc<Value>,
    owners: Vec<Value>,
) {
    let mut new = object.as_ref().clone();
    object::set_or_remove(object::metadata_mut(&mut new), "ownerReferences", owners);
    state.put(id, new);
}
