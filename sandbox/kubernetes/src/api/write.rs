//! POST, PUT, PATCH and DELETE.

use serde_json::Value;

use super::read::{formatted, in_version, item};
use super::resource::{ResourceCall, attributes};
use super::{ApiReply, LabelSelector, ResponseFormat, body};
use crate::access::{RequestAttributes, allows};
use crate::object;
use crate::resource::ObjectKey;
use crate::status::{ErrorCause, StatusError, success};
use crate::store::StoreState;
use crate::write::{
    self, DeleteOptions, DeleteOutcome, DeletionPropagation, FieldValidation, Patch, WriteOutcome,
    WriteRequest,
};

/// Longest field manager name.
const MANAGER_LIMIT: usize = 128;

/// POST to a collection.
pub fn create(call: &ResourceCall<'_>) -> Result<ApiReply, StatusError> {
    let format = ResponseFormat::negotiate(call.request.header("accept"), true)?;
    let request = write_request(call)?;
    let body = body::object(call.request)?;
    let written = call
        .shared
        .store
        .write(|state| write::create(state, &request, body))?;
    Ok(written_reply(call, &written, format))
}

/// PUT of an object or its status.
pub fn update(call: &ResourceCall<'_>) -> Result<ApiReply, StatusError> {
    let format = ResponseFormat::negotiate(call.request.header("accept"), true)?;
    let request = write_request(call)?;
    let body = body::object(call.request)?;
    let written = call
        .shared
        .store
        .write(|state| write::update(state, &request, body))?;
    Ok(written_reply(call, &written, format))
}

/// PATCH of an object or its status.
pub fn patch(call: &ResourceCall<'_>) -> Result<ApiReply, StatusError> {
    let format = ResponseFormat::negotiate(call.request.header("accept"), true)?;
    let patch = body::patch(call.request, &call.resource)?;
    check_patch_options(call, &patch)?;
    let request = write_request(call)?;
    let written = call.shared.store.write(|state| {
        check_creation(call, state, &patch)?;
        write::patch(state, &request, &patch)
    })?;
    Ok(written_reply(call, &written, format))
}

/// An apply that creates its object needs the permission to create, besides that to patch.
fn check_creation(
    call: &ResourceCall<'_>,
    state: &StoreState,
    patch: &Patch,
) -> Result<(), StatusError> {
    let key = ObjectKey::new(&call.path.namespace, &call.path.name);
    let exists = state.get(&call.resource.id, &key).is_some();
    if exists || !matches!(patch, Patch::Apply { .. }) {
        return Ok(());
    }
    let attributes = RequestAttributes {
        verb: "create".into(),
        ..attributes(call.request, &call.path)
    };
    if allows(&call.rules, &attributes) {
        return Ok(());
    }
    Err(StatusError::forbidden(
        &call.resource.id,
        &attributes.name,
        &attributes.denial(&call.user.name),
    ))
}

/// An apply needs a field manager; `force` is for applies only.
fn check_patch_options(call: &ResourceCall<'_>, patch: &Patch) -> Result<(), StatusError> {
    let query = &call.request.query;
    let cause = match patch {
        Patch::Apply { .. } if query.get("fieldManager").is_empty() => {
            ErrorCause::required("fieldManager", "is required for apply patch")
        }
        Patch::Apply { .. } => return Ok(()),
        _ if query.find("force").is_some() => {
            ErrorCause::forbidden("force", "may not be specified for non-apply patch")
        }
        _ => return Ok(()),
    };
    let kind = crate::resource::GroupKind::new("meta.k8s.io", "PatchOptions");
    Err(StatusError::invalid(&kind, "", &[cause]))
}

fn written_reply(
    call: &ResourceCall<'_>,
    written: &WriteOutcome,
    format: ResponseFormat,
) -> ApiReply {
    let object = in_version(&call.resource, &written.object);
    let include = super::read::include_object(call);
    let value = formatted(&call.resource, object, format, include, true);
    let status = if written.created { 201 } else { 200 };
    ApiReply::json(status, &value).with_warnings(&written.warnings)
}

fn write_request(call: &ResourceCall<'_>) -> Result<WriteRequest, StatusError> {
    let query = &call.request.query;
    Ok(WriteRequest {
        resource: call.resource.clone(),
        namespace: call.path.namespace.clone(),
        name: call.path.name.clone(),
        subresource: call.path.subresource.clone(),
        manager: manager(call)?,
        dry_run: dry_run(query.find("dryRun"))?,
        field_validation: FieldValidation::parse(query.get("fieldValidation"))?,
        now: object::now(),
    })
}

/// The named manager, or the start of the user agent.
fn manager(call: &ResourceCall<'_>) -> Result<String, StatusError> {
    let named = call.request.query.get("fieldManager");
    if named.len() > MANAGER_LIMIT || named.chars().any(char::is_control) {
        let kind = crate::resource::GroupKind::new("meta.k8s.io", "PatchOptions");
        let detail = "should be printable and at most 128 bytes long";
        return Err(StatusError::invalid(
            &kind,
            "",
            &[ErrorCause::invalid("fieldManager", &named.into(), detail)],
        ));
    }
    if !named.is_empty() {
        return Ok(named.to_owned());
    }
    let agent = call.request.header("user-agent");
    let name: String = agent
        .split('/')
        .next()
        .unwrap_or_default()
        .chars()
        .take(MANAGER_LIMIT)
        .collect();
    Ok(if name.is_empty() {
        "unknown".into()
    } else {
        name
    })
}

fn dry_run(value: Option<&str>) -> Result<bool, StatusError> {
    match value {
        None => Ok(false),
        Some("All") => Ok(true),
        Some(other) => Err(StatusError::bad_request(format!(
            "dryRun: Unsupported value: {other:?}: supported values: \"All\""
        ))),
    }
}

/// DELETE of one object.
pub fn delete(call: &ResourceCall<'_>) -> Result<ApiReply, StatusError> {
    ResponseFormat::negotiate(call.request.header("accept"), false)?;
    let (options, request) = delete_request(call)?;
    let deleted = call
        .shared
        .store
        .write(|state| write::delete(state, &request, &options))?;
    let answer = match deleted {
        DeleteOutcome::Marked(object) => in_version(&call.resource, &object),
        DeleteOutcome::Gone(object) => success(serde_json::json!({
            "name": object::name(&object), "group": call.resource.id.group,
            "kind": call.resource.id.resource, "uid": object::uid(&object),
        })),
    };
    Ok(ApiReply::json(200, &answer))
}

/// DELETE of everything in a collection that matches.
pub fn delete_collection(call: &ResourceCall<'_>) -> Result<ApiReply, StatusError> {
    ResponseFormat::negotiate(call.request.header("accept"), false)?;
    let (options, request) = delete_request(call)?;
    let labels = LabelSelector::parse(call.request.query.get("labelSelector"))?;
    let fields = call.field_selector()?;
    let found = call.shared.store.write(|state| {
        let mut found = state.list(&call.resource.id, &call.path.namespace);
        found.retain(|object| labels.matches(object) && fields.matches(object));
        for object in &found {
            let ObjectKey { namespace, name } = object::key(object);
            write::delete(
                state,
                &WriteRequest {
                    namespace,
                    name,
                    ..request.clone()
                },
                &options,
            )?;
        }
        Ok::<_, StatusError>(found)
    })?;
    let revision = call.shared.store.read(|state| state.revision().to_string());
    let items: Vec<Value> = found
        .iter()
        .map(|object| item(&call.resource, in_version(&call.resource, object)))
        .collect();
    let list = serde_json::json!({
        "kind": call.resource.list_kind, "apiVersion": call.resource.api_version(),
        "metadata": { "resourceVersion": revision }, "items": items,
    });
    Ok(ApiReply::json(200, &list))
}

fn delete_request(call: &ResourceCall<'_>) -> Result<(DeleteOptions, WriteRequest), StatusError> {
    let body = body::optional(call.request)?.unwrap_or_default();
    let query = &call.request.query;
    let text = |name: &str| {
        let in_body = body.get(name).and_then(Value::as_str);
        in_body
            .or_else(|| query.find(name))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let orphan = body.get("orphanDependents").and_then(Value::as_bool);
    let propagation = match (text("propagationPolicy").as_deref(), orphan) {
        (Some("Background"), _) | (None, Some(false)) => Some(DeletionPropagation::Background),
        (Some("Foreground"), _) => Some(DeletionPropagation::Foreground),
        (Some("Orphan"), _) | (None, Some(true)) => Some(DeletionPropagation::Orphan),
        (None, None) => None,
        (Some(other), _) => {
            let kind = crate::resource::GroupKind::new("meta.k8s.io", "DeleteOptions");
            let choices = ["Background", "Foreground", "Orphan"].map(Value::from);
            return Err(StatusError::invalid(
                &kind,
                "",
                &[ErrorCause::not_supported(
                    "propagationPolicy",
                    &other.into(),
                    &choices,
                )],
            ));
        }
    };
    let precondition = |name: &str| {
        body.pointer(&format!("/preconditions/{name}"))
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let in_body = body.pointer("/dryRun/0").and_then(Value::as_str);
    let options = DeleteOptions {
        propagation,
        uid: precondition("uid"),
        resource_version: precondition("resourceVersion"),
    };
    let mut request = write_request(call)?;
    request.dry_run |= dry_run(in_body)?;
    Ok((options, request))
}
