//! GET of one object and of lists.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::resource::ResourceCall;
use super::{ApiReply, LabelSelector, ResponseFormat};
use crate::object;
use crate::resource::{ApiResource, ObjectKey};
use crate::status::StatusError;
use crate::store::{ChangesSince, StoreState};
use crate::table::{IncludeObject, partial_metadata, table};

/// Answers GET of an object.
pub fn get(call: &ResourceCall<'_>) -> Result<ApiReply, StatusError> {
    let format = ResponseFormat::negotiate(call.request.header("accept"), true)?;
    let key = ObjectKey::new(&call.path.namespace, &call.path.name);
    let found = call.shared.store.read(|state| {
        check_revision(state, call.request.query.get("resourceVersion"))?;
        state
            .get(&call.resource.id, &key)
            .ok_or_else(|| StatusError::not_found(&call.resource.id, &key.name))
    })?;
    let object = in_version(&call.resource, &found);
    let answer = formatted(&call.resource, object, format, include_object(call), true);
    Ok(ApiReply::json(200, &answer))
}

/// Shows an object in the form that was asked for.
pub fn formatted(
    resource: &ApiResource,
    object: Value,
    format: ResponseFormat,
    include: IncludeObject,
    with_header: bool,
) -> Value {
    match format {
        ResponseFormat::Json => object,
        ResponseFormat::Metadata => partial_metadata(&object),
        ResponseFormat::Table => {
            let metadata = json!({ "resourceVersion": object::resource_version(&object) });
            table(
                &resource.columns,
                &[&object],
                metadata,
                include,
                with_header,
            )
        }
    }
}

/// The object as the resource's version shows it.
pub fn in_version(resource: &ApiResource, object: &Arc<Value>) -> Value {
    let mut object = object.as_ref().clone();
    if resource.custom {
        object::set_field(
            &mut object,
            "apiVersion",
            Some(resource.api_version().into()),
        );
    }
    object
}

/// Part of the objects that the Table's rows carry.
pub fn include_object(call: &ResourceCall<'_>) -> IncludeObject {
    match call.request.query.get("includeObject") {
        "None" => IncludeObject::None,
        "Object" => IncludeObject::Object,
        _ => IncludeObject::Metadata,
    }
}

/// A revision from the future cannot be served.
fn check_revision(state: &StoreState, wanted: &str) -> Result<(), StatusError> {
    if wanted.is_empty() || wanted == "0" {
        return Ok(());
    }
    let number: u64 = wanted.parse().map_err(|_| {
        StatusError::bad_request(format!(
            "resourceVersion: Invalid value: {wanted:?}: must be a number"
        ))
    })?;
    let current = state.revision();
    if number > current {
        Err(StatusError::revision_too_large(number, current))
    } else {
        Ok(())
    }
}

/// A page of a list.
struct ListPage {
    objects: Vec<Value>,
    metadata: Map<String, Value>,
}

/// The objects of a resource that match.
pub fn list(call: &ResourceCall<'_>) -> Result<ApiReply, StatusError> {
    let format = ResponseFormat::negotiate(call.request.header("accept"), true)?;
    let page = page(call)?;
    let resource = &call.resource;
    let metadata = Value::Object(page.metadata);
    let answer = match format {
        ResponseFormat::Table => {
            let rows: Vec<&Value> = page.objects.iter().collect();
            table(
                &resource.columns,
                &rows,
                metadata,
                include_object(call),
                true,
            )
        }
        ResponseFormat::Metadata => {
            let items: Vec<Value> = page.objects.iter().map(partial_metadata).collect();
            json!({ "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "items": items })
        }
        ResponseFormat::Json => json!({
            "kind": resource.list_kind, "apiVersion": resource.api_version(), "metadata": metadata,
            "items": page.objects.into_iter().map(|object| item(resource, object)).collect::<Vec<_>>(),
        }),
    };
    Ok(ApiReply::json(200, &answer))
}

/// Elements of built-in lists carry neither kind nor version, those of custom resources do.
pub fn item(resource: &ApiResource, mut object: Value) -> Value {
    if !resource.custom {
        object::set_field(&mut object, "apiVersion", None);
        object::set_field(&mut object, "kind", None);
    }
    object
}

fn page(call: &ResourceCall<'_>) -> Result<ListPage, StatusError> {
    let query = &call.request.query;
    let labels = LabelSelector::parse(query.get("labelSelector"))?;
    let fields = call.field_selector()?;
    let limit: usize = query.get("limit").parse().unwrap_or_default();
    let token = query
        .find("continue")
        .filter(|token| !token.is_empty())
        .map(decode_continue)
        .transpose()?;
    call.shared.store.read(|state| {
        check_list_revision(state, call)?;
        let revision = revision(state, token.as_ref())?;
        let all = state
            .list(&call.resource.id, &call.path.namespace)
            .into_iter();
        let after = token.map(|token| token.after);
        let mut rest: Vec<Arc<Value>> = all
            .filter(|object| {
                after
                    .as_ref()
                    .is_none_or(|after| object::key(object) > *after)
            })
            // A page is filled with what matches, however much else lies between.
            .filter(|object| labels.matches(object) && fields.matches(object))
            .collect();
        let count = rest.len();
        let mut metadata = Map::from_iter([(
            "resourceVersion".to_owned(),
            Value::from(revision.to_string()),
        )]);
        if limit > 0 && count > limit {
            rest.truncate(limit);
            let last = rest
                .last()
                .map(|object| object::key(object))
                .unwrap_or(ObjectKey::new("", ""));
            metadata.insert("continue".into(), encode_continue(revision, &last).into());
            if labels.is_empty() && fields.is_empty() {
                metadata.insert("remainingItemCount".into(), (count - limit).into());
            }
        }
        Ok(ListPage {
            objects: rest
                .iter()
                .map(|object| in_version(&call.resource, object))
                .collect(),
            metadata,
        })
    })
}

fn check_list_revision(state: &StoreState, call: &ResourceCall<'_>) -> Result<(), StatusError> {
    let query = &call.request.query;
    let wanted = query.get("resourceVersion");
    check_revision(state, wanted)?;
    if query.get("resourceVersionMatch") == "Exact" && wanted != state.revision().to_string() {
        return Err(StatusError::expired(
            "The resourceVersion for the provided list is too old.",
        ));
    }
    Ok(())
}

/// Where a list goes on: after this object, at that revision.
struct ContinueToken {
    revision: u64,
    after: ObjectKey,
}

fn encode_continue(revision: u64, after: &ObjectKey) -> String {
    URL_SAFE_NO_PAD.encode(
        json!({ "v": "meta.k8s.io/v1", "rv": revision, "start": [after.namespace, after.name] })
            .to_string(),
    )
}

fn decode_continue(token: &str) -> Result<ContinueToken, StatusError> {
    let read = || -> Option<ContinueToken> {
        let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let after = ObjectKey::new(
            value.pointer("/start/0")?.as_str()?,
            value.pointer("/start/1")?.as_str()?,
        );
        Some(ContinueToken {
            revision: value.get("rv")?.as_u64()?,
            after,
        })
    };
    read().ok_or_else(|| StatusError::bad_request("continue key is not valid: illegal base64 data"))
}

fn revision(state: &StoreState, token: Option<&ContinueToken>) -> Result<u64, StatusError> {
    let Some(token) = token else {
        return Ok(state.revision());
    };
    if let ChangesSince::Expired { .. } = state.since(token.revision) {
        let mut error = StatusError::expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
        );
        error.continue_token = Some(encode_continue(state.revision(), &token.after));
        return Err(error);
    }
    Ok(token.revision)
}
