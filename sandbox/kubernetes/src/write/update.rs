//! PUT, and what all changes of an existing object have in common.

use std::sync::Arc;

use serde_json::Value;

use super::{WriteOutcome, WriteRequest, create::set_namespace, decode};
use crate::kinds;
use crate::managers::track_update;
use crate::object;
use crate::schema::validate;
use crate::status::{ErrorCause, StatusError};
use crate::store::StoreState;
use crate::validation::validate_metadata;

/// Replaces the object by the body of a PUT.
pub fn update(
    state: &mut StoreState,
    request: &WriteRequest,
    mut body: Value,
) -> Result<WriteOutcome, StatusError> {
    let warnings = decode(request, &mut body)?;
    check_name(request, &body)?;
    let live = request.live(state)?;
    if request.resource.custom && object::resource_version(&body).is_empty() {
        let cause = ErrorCause::new(
            crate::status::CauseType::Invalid,
            "metadata.resourceVersion",
            "Invalid value: 0x0: must be specified for an update",
        );
        return Err(StatusError::invalid(
            &request.resource.group_kind(),
            &request.name,
            &[cause],
        ));
    }
    let object = replace(state, request, &live, body, true)?;
    Ok(WriteOutcome {
        object,
        created: false,
        warnings,
    })
}

/// Checks and stores a new content for `live`; `track` where its managers are not yet recorded.
pub(super) fn replace(
    state: &mut StoreState,
    request: &WriteRequest,
    live: &Arc<Value>,
    mut new: Value,
    track: bool,
) -> Result<Arc<Value>, StatusError> {
    let resource = &request.resource;
    check_identity(request, live, &mut new)?;
    keep_system_fields(live, &mut new);
    keep_other_endpoint(request, live, &mut new);
    kinds::prepare_update(resource, live, &mut new);
    let causes = violations(request, live, &new);
    if !causes.is_empty() {
        return Err(StatusError::invalid(
            &resource.group_kind(),
            &request.name,
            &causes,
        ));
    }
    count_generation(request, live, &mut new);
    if track {
        track_update(
            Some(live),
            &mut new,
            &request.manager,
            &request.context(&resource.api_version()),
        );
    }
    if new == **live {
        return Ok(live.clone());
    }
    if request.dry_run {
        return Ok(Arc::new(new));
    }
    let is_finished = object::is_deleting(&new) && object::finalizers(&new).is_empty();
    if is_finished && resource.id.to_string() != "namespaces" {
        state.remove(&resource.id, &request.key());
        return Ok(Arc::new(new));
    }
    Ok(state.put(&resource.id, new))
}

fn check_identity(
    request: &WriteRequest,
    live: &Value,
    new: &mut Value,
) -> Result<(), StatusError> {
    check_name(request, new)?;
    set_namespace(request, new)?;
    let name = object::name(new).to_owned();
    let (uid, live_uid) = (object::uid(new), object::uid(live));
    if !uid.is_empty() && uid != live_uid {
        let why = format!(
            "Precondition failed: UID in precondition: {uid}, UID in object meta: {live_uid}"
        );
        return Err(StatusError::conflict(&request.resource.id, &name, &why));
    }
    let version = object::resource_version(new);
    if !version.is_empty() && version != object::resource_version(live) {
        return Err(StatusError::modified(&request.resource.id, &name));
    }
    Ok(())
}

/// The body is the object the path names.
pub(super) fn check_name(request: &WriteRequest, new: &Value) -> Result<(), StatusError> {
    let name = object::name(new);
    if name == request.name {
        return Ok(());
    }
    Err(StatusError::bad_request(format!(
        "the name of the object ({name}) does not match the name on the URL ({})",
        request.name
    )))
}

fn keep_system_fields(live: &Value, new: &mut Value) {
    let fields = [
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "selfLink",
        "generateName",
        "resourceVersion",
    ];
    let metadata = object::metadata_mut(new);
    for field in fields {
        match live
            .get("metadata")
            .and_then(|metadata| metadata.get(field))
        {
            Some(value) => metadata.insert(field.to_owned(), value.clone()),
            None => metadata.remove(field),
        };
    }
}

/// The main endpoint never changes `status` where that is a subresource, and the subresource nothing else.
fn keep_other_endpoint(request: &WriteRequest, live: &Value, new: &mut Value) {
    if request.subresource == "status" {
        let status = new.get("status").cloned();
        let managed = new.pointer("/metadata/managedFields").cloned();
        *new = live.clone();
        object::set_field(new, "status", status);
        if let Some(managed) = managed {
            object::metadata_mut(new).insert("managedFields".into(), managed);
        }
    } else if request.resource.status {
        object::set_field(new, "status", live.get("status").cloned());
    }
}

fn violations(request: &WriteRequest, live: &Value, new: &Value) -> Vec<ErrorCause> {
    let resource = &request.resource;
    let mut causes = validate_metadata(resource, new);
    causes.extend(new_finalizers(live, new));
    causes.extend(validate(new, &resource.schema));
    causes.extend(kinds::validate(resource, Some(live), new));
    causes
}

fn new_finalizers(live: &Value, new: &Value) -> Option<ErrorCause> {
    let known = object::finalizers(live);
    let added: Vec<&str> = object::finalizers(new)
        .into_iter()
        .filter(|finalizer| !known.contains(finalizer))
        .collect();
    if !object::is_deleting(live) || added.is_empty() {
        return None;
    }
    let shown = added
        .iter()
        .map(|finalizer| format!("{finalizer:?}"))
        .collect::<Vec<_>>()
        .join(", ");
    let detail = format!(
        "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{shown}}}"
    );
    Some(ErrorCause::forbidden("metadata.finalizers", &detail))
}

/// Counts changes of the wanted state: all but metadata and, where it is a subresource, status.
fn count_generation(request: &WriteRequest, live: &Value, new: &mut Value) {
    if !kinds::has_generation(&request.resource) || request.subresource == "status" {
        return;
    }
    let wanted = |object: &Value| {
        let mut rest = object.as_object().cloned().unwrap_or_default();
        rest.retain(|field, _| {
            field != "metadata" && !(field == "status" && request.resource.status)
        });
        rest
    };
    if wanted(live) != wanted(new) {
        let generation = live
            .pointer("/metadata/generation")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        object::metadata_mut(new).insert("generation".into(), (generation + 1).into());
    }
}
