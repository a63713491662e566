//! DELETE: preconditions, finalizers, propagation.

use std::sync::Arc;

use serde_json::{Value, json};

use super::WriteRequest;
use crate::kinds;
use crate::object;
use crate::resource::{GroupResource, ObjectKey};
use crate::status::StatusError;
use crate::store::StoreState;

/// Finalizer of a deletion that waits for dependents.
pub const FOREGROUND: &str = "foregroundDeletion";
/// Finalizer of a deletion that releases dependents.
pub const ORPHAN: &str = "orphan";

/// Fate of dependents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionPropagation {
    /// The garbage collector removes them afterwards.
    Background,
    /// They are removed first.
    Foreground,
    /// They stay, without the owner.
    Orphan,
}

/// `DeleteOptions`, from body and query.
#[derive(Debug, Clone, Default)]
pub struct DeleteOptions {
    /// Fate of dependents; none means the kind's default.
    pub propagation: Option<DeletionPropagation>,
    /// Only an object with this uid.
    pub uid: Option<String>,
    /// Only this version of the object.
    pub resource_version: Option<String>,
}

/// Outcome of a deletion.
#[derive(Debug, Clone)]
pub enum DeleteOutcome {
    /// Gone; this was its last state.
    Gone(Arc<Value>),
    /// Marked; stays until its finalizers are removed.
    Marked(Arc<Value>),
}

/// Deletes one object.
pub fn delete(
    state: &mut StoreState,
    request: &WriteRequest,
    options: &DeleteOptions,
) -> Result<DeleteOutcome, StatusError> {
    let live = request.live(state)?;
    let id = &request.resource.id;
    check_preconditions(id, &live, options)?;
    if id.to_string() == "namespaces" && kinds::is_protected(&request.name) {
        return Err(StatusError::forbidden(
            id,
            &request.name,
            "this namespace may not be deleted",
        ));
    }
    if request.dry_run {
        return Ok(DeleteOutcome::Gone(live));
    }
    Ok(mark_or_remove(
        state,
        id,
        &live,
        options.propagation,
        &request.now,
    ))
}

fn check_preconditions(
    id: &GroupResource,
    live: &Value,
    options: &DeleteOptions,
) -> Result<(), StatusError> {
    let name = object::name(live);
    let (uid, version) = (object::uid(live), object::resource_version(live));
    if let Some(wanted) = options.uid.as_deref().filter(|wanted| *wanted != uid) {
        let why = format!(
            "Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}"
        );
        return Err(StatusError::conflict(id, name, &why));
    }
    if let Some(wanted) = options
        .resource_version
        .as_deref()
        .filter(|wanted| *wanted != version)
    {
        let why = format!(
            "Precondition failed: ResourceVersion in precondition: {wanted}, ResourceVersion in object meta: {version}"
        );
        return Err(StatusError::conflict(id, name, &why));
    }
    Ok(())
}

/// Removes the object, or marks it where finalizers hold it.
pub fn mark_or_remove(
    state: &mut StoreState,
    id: &GroupResource,
    live: &Arc<Value>,
    propagation: Option<DeletionPropagation>,
    now: &str,
) -> DeleteOutcome {
    let mut new = live.as_ref().clone();
    object::set_finalizers(&mut new, finalizers(live, propagation));
    let is_namespace = id.to_string() == "namespaces";
    if object::finalizers(&new).is_empty() && !is_namespace {
        let gone = state
            .remove(id, &object::key(live))
            .unwrap_or_else(|| live.clone());
        return DeleteOutcome::Gone(gone);
    }
    if !object::is_deleting(&new) {
        mark(&mut new, now);
    }
    if is_namespace {
        object::child_mut(&mut new, "status").insert("phase".into(), "Terminating".into());
    }
    if new == **live {
        DeleteOutcome::Marked(live.clone())
    } else {
        DeleteOutcome::Marked(state.put(id, new))
    }
}

fn mark(object: &mut Value, now: &str) {
    let metadata = object::metadata_mut(object);
    metadata.insert("deletionTimestamp".into(), now.into());
    metadata.insert("deletionGracePeriodSeconds".into(), json!(0));
    if let Some(generation) = metadata.get("generation").and_then(Value::as_i64) {
        metadata.insert("generation".into(), (generation + 1).into());
    }
}

/// A policy in the request replaces an earlier one; without, what is there stays.
fn finalizers(live: &Value, propagation: Option<DeletionPropagation>) -> Vec<String> {
    let mut finalizers: Vec<String> = object::finalizers(live)
        .into_iter()
        .map(str::to_owned)
        .collect();
    if propagation.is_some() {
        finalizers.retain(|finalizer| finalizer != FOREGROUND && finalizer != ORPHAN);
    }
    match propagation {
        Some(DeletionPropagation::Foreground) => finalizers.push(FOREGROUND.into()),
        Some(DeletionPropagation::Orphan) => finalizers.push(ORPHAN.into()),
        _ => {}
    }
    finalizers
}

/// Takes one finalizer off; an object being deleted goes with its last.
pub fn remove_finalizer(
    state: &mut StoreState,
    id: &GroupResource,
    key: &ObjectKey,
    finalizer: &str,
) {
    let Some(live) = state.get(id, key) else {
        return;
    };
    let left = object::finalizers(&live)
        .into_iter()
        .filter(|other| *other != finalizer);
    let left: Vec<String> = left.map(str::to_owned).collect();
    if left.is_empty() && object::is_deleting(&live) && id.to_string() != "namespaces" {
        state.remove(id, key);
        return;
    }
    let mut new = live.as_ref().clone();
    object::set_finalizers(&mut new, left);
    if new != *live {
        state.put(id, new);
    }
}
