//! POST, and the first apply of an object.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{WriteOutcome, WriteRequest, decode, new_uid};
use crate::kinds;
use crate::managers::track_update;
use crate::object;
use crate::resource::{GroupResource, ObjectKey};
use crate::schema::validate;
use crate::status::StatusError;
use crate::store::StoreState;
use crate::validation::validate_metadata;

/// Characters of generated names: none that make words or look alike.
const NAME_CHARACTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
const GENERATED_LENGTH: usize = 5;
/// Longest `generateName` that leaves room for the suffix in 63 characters.
const GENERATE_NAME_LIMIT: usize = 58;

/// Creates the object of a POST body.
pub fn create(
    state: &mut StoreState,
    request: &WriteRequest,
    mut body: Value,
) -> Result<WriteOutcome, StatusError> {
    let warnings = decode(request, &mut body)?;
    if !object::resource_version(&body).is_empty() {
        return Err(StatusError::internal(
            "resourceVersion should not be set on objects to be created",
        ));
    }
    generate_name(&mut body);
    let object = insert(state, request, body, true)?;
    Ok(WriteOutcome {
        object,
        created: true,
        warnings,
    })
}

/// Completes, checks and stores a new object; `track` where its managers are not yet recorded.
pub(super) fn insert(
    state: &mut StoreState,
    request: &WriteRequest,
    mut new: Value,
    track: bool,
) -> Result<Arc<Value>, StatusError> {
    let resource = &request.resource;
    set_namespace(request, &mut new)?;
    check_namespace(state, request, &new)?;
    if resource.status {
        object::set_field(&mut new, "status", None);
    }
    set_system_fields(request, &mut new);
    kinds::prepare_create(resource, &mut new);
    let mut causes = validate_metadata(resource, &new);
    causes.extend(validate(&new, &resource.schema));
    causes.extend(kinds::validate(resource, None, &new));
    if !causes.is_empty() {
        return Err(StatusError::invalid(
            &resource.group_kind(),
            object::name(&new),
            &causes,
        ));
    }
    if state.get(&resource.id, &object::key(&new)).is_some() {
        return Err(StatusError::already_exists(
            &resource.id,
            object::name(&new),
        ));
    }
    if track {
        object::metadata_mut(&mut new).remove("managedFields");
        track_update(
            None,
            &mut new,
            &request.manager,
            &request.context(&resource.api_version()),
        );
    }
    if request.dry_run {
        Ok(Arc::new(new))
    } else {
        Ok(state.put(&resource.id, new))
    }
}

fn generate_name(body: &mut Value) {
    let prefix: String = object::text(body, "/metadata/generateName")
        .chars()
        .take(GENERATE_NAME_LIMIT)
        .collect();
    if !object::name(body).is_empty() || prefix.is_empty() {
        return;
    }
    let random = uuid::Uuid::new_v4();
    let letter = |byte: &u8| {
        NAME_CHARACTERS
            .get(usize::from(*byte) % NAME_CHARACTERS.len())
            .map(|letter| char::from(*letter))
    };
    let suffix: String = random
        .as_bytes()
        .iter()
        .filter_map(letter)
        .take(GENERATED_LENGTH)
        .collect();
    object::metadata_mut(body).insert("name".into(), format!("{prefix}{suffix}").into());
}

/// The path decides the namespace; a body that says otherwise is refused.
pub(super) fn set_namespace(request: &WriteRequest, object: &mut Value) -> Result<(), StatusError> {
    let metadata = object::metadata_mut(object);
    if !request.resource.namespaced {
        metadata.remove("namespace");
        return Ok(());
    }
    let given = metadata
        .get("namespace")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !given.is_empty() && given != request.namespace {
        return Err(StatusError::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    metadata.insert("namespace".into(), request.namespace.clone().into());
    Ok(())
}

fn check_namespace(
    state: &StoreState,
    request: &WriteRequest,
    new: &Value,
) -> Result<(), StatusError> {
    if !request.resource.namespaced {
        return Ok(());
    }
    let namespaces = GroupResource::new("", "namespaces");
    let namespace = state
        .get(&namespaces, &ObjectKey::new("", &request.namespace))
        .ok_or_else(|| StatusError::not_found(&namespaces, &request.namespace))?;
    if object::is_deleting(&namespace) {
        let why = format!(
            "unable to create new content in namespace {} because it is being terminated",
            request.namespace
        );
        let mut error = StatusError::forbidden(&request.resource.id, object::name(new), &why);
        let cause = json!({
            "reason": "NamespaceTerminating", "field": "metadata.namespace",
            "message": format!("namespace {} is being terminated", request.namespace),
        });
        object::set_field(&mut error.details, "causes", Some(json!([cause])));
        return Err(error);
    }
    Ok(())
}

fn set_system_fields(request: &WriteRequest, object: &mut Value) {
    let metadata = object::metadata_mut(object);
    for field in [
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
        "generation",
        "resourceVersion",
    ] {
        metadata.remove(field);
    }
    metadata.insert("uid".into(), new_uid().into());
    metadata.insert("creationTimestamp".into(), request.now.clone().into());
    if kinds::has_generation(&request.resource) {
        metadata.insert("generation".into(), 1.into());
    }
}
