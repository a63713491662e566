//! PATCH in its four kinds. Strategic merge is for built-in kinds, as `kubectl apply` sends it.

use serde_json::{Value, json};

use super::decode::drop_nulls;
use super::{WriteOutcome, WriteRequest, create, decode, update};
use crate::managers;
use crate::object;
use crate::patch as algorithms;
use crate::resource::ApiResource;
use crate::schema::prune;
use crate::status::StatusError;
use crate::store::StoreState;

/// A patch, by content type.
#[derive(Debug, Clone)]
pub enum Patch {
    /// `application/merge-patch+json`.
    Merge(Value),
    /// `application/json-patch+json`.
    Json(Value),
    /// `application/strategic-merge-patch+json`.
    Strategic(Value),
    /// `application/apply-patch+yaml`.
    Apply {
        /// The applied configuration.
        config: Value,
        /// Take over fields of other managers.
        force: bool,
    },
}

/// Carries out a patch. Only an apply creates what does not exist.
pub fn patch(
    state: &mut StoreState,
    request: &WriteRequest,
    patch: &Patch,
) -> Result<WriteOutcome, StatusError> {
    if let Patch::Apply { config, force } = patch {
        return apply(state, request, config.clone(), *force);
    }
    let live = request.live(state)?;
    let mut new = patched(request, &live, patch)?;
    let warnings = decode(request, &mut new)?;
    let object = update::replace(state, request, &live, new, true)?;
    Ok(WriteOutcome {
        object,
        created: false,
        warnings,
    })
}

/// The object in the request's version with the patch laid over it.
fn patched(request: &WriteRequest, live: &Value, patch: &Patch) -> Result<Value, StatusError> {
    let mut object = live.clone();
    object::set_field(
        &mut object,
        "apiVersion",
        Some(request.resource.api_version().into()),
    );
    match patch {
        Patch::Merge(patch) => algorithms::merge(&mut object, patch),
        Patch::Json(patch) => algorithms::json(&mut object, patch)?,
        Patch::Strategic(patch) => {
            managers::strategic_merge(&mut object, patch, Some(&request.resource.schema))
        }
        Patch::Apply { .. } => {}
    }
    Ok(object)
}

fn apply(
    state: &mut StoreState,
    request: &WriteRequest,
    mut config: Value,
    force: bool,
) -> Result<WriteOutcome, StatusError> {
    check_config(request, &mut config)?;
    let live = state.get(&request.resource.id, &request.key());
    let api_version = request.resource.api_version();
    let context = request.context(&api_version);
    let new = managers::apply(live.as_deref(), &config, &request.manager, force, &context)?;
    let mut new = new;
    let warnings = decode(request, &mut new)?;
    let Some(live) = live else {
        return create_applied(state, request, new, warnings);
    };
    let object = update::replace(state, request, &live, new, false)?;
    Ok(WriteOutcome {
        object,
        created: false,
        warnings,
    })
}

fn create_applied(
    state: &mut StoreState,
    request: &WriteRequest,
    new: Value,
    warnings: Vec<String>,
) -> Result<WriteOutcome, StatusError> {
    let id = &request.resource.id;
    if !request.subresource.is_empty() {
        return Err(StatusError::not_found(id, &request.name));
    }
    let uid = object::uid(&new);
    if !uid.is_empty() {
        let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: ");
        return Err(StatusError::conflict(id, &request.name, &why));
    }
    // A version is no precondition of what is not there; one of what is there has to be its own (`update::replace`).
    let object = create::insert(state, request, new, false)?;
    Ok(WriteOutcome {
        object,
        created: true,
        warnings,
    })
}

/// An applied configuration names its kind and object, has no managers, and fits the schema.
fn check_config(request: &WriteRequest, config: &mut Value) -> Result<(), StatusError> {
    let resource = &request.resource;
    check_config_kind(resource, config)?;
    update::check_name(request, config)?;
    let managed = config.pointer("/metadata/managedFields");
    if managed.is_some_and(|managed| !managed.is_null() && *managed != json!([])) {
        return Err(StatusError::bad_request(
            "metadata.managedFields must be nil",
        ));
    }
    object::metadata_mut(config).remove("managedFields");
    create::set_namespace(request, config)?;
    drop_nulls(config);
    let Some(surplus) = prune(&mut config.clone(), &resource.schema).pop() else {
        return Ok(());
    };
    let (namespace, name) = (&request.namespace, &request.name);
    let about = format!(
        "{namespace}/{name}; {}, Kind={}",
        resource.api_version(),
        resource.kind
    );
    Err(StatusError::internal(format!(
        "failed to create typed patch object ({about}): .{surplus}: field not declared in schema"
    )))
}

fn check_config_kind(resource: &ApiResource, config: &Value) -> Result<(), StatusError> {
    let (api_version, kind) = (
        object::text(config, "/apiVersion"),
        object::text(config, "/kind"),
    );
    for (value, field) in [(api_version, "apiVersion"), (kind, "Kind")] {
        if value.is_empty() {
            return Err(StatusError::bad_request(format!(
                "Object '{field}' is missing in the applied configuration"
            )));
        }
    }
    let (own_version, own_kind) = (resource.api_version(), &resource.kind);
    if api_version != own_version || kind != own_kind {
        return Err(StatusError::bad_request(format!(
            "{api_version}, Kind={kind} cannot be applied to a resource of {own_version}, Kind={own_kind}"
        )));
    }
    Ok(())
}
