//! From a body to an object of the resource: kind, version, unknown fields, types.

use serde_json::Value;

use super::WriteRequest;
use crate::kinds;
use crate::object;
use crate::resource::ApiResource;
use crate::schema::{apply_defaults, prune, validate};
use crate::status::{CauseType, ErrorCause, StatusError};

/// The `fieldValidation` parameter: what happens to fields the schema does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldValidation {
    /// Dropped silently.
    Ignore,
    /// Dropped with a `Warning` header.
    #[default]
    Warn,
    /// 400.
    Strict,
}

impl FieldValidation {
    /// Reads the parameter; empty means the default.
    pub fn parse(text: &str) -> Result<Self, StatusError> {
        match text {
            "" | "Warn" => Ok(Self::Warn),
            "Ignore" => Ok(Self::Ignore),
            "Strict" => Ok(Self::Strict),
            other => Err(StatusError::bad_request(format!(
                "fieldValidation: Unsupported value: {other:?}: supported values: \"Ignore\", \"Strict\", \"Warn\""
            ))),
        }
    }
}

/// Makes the body an object of the request's resource: checks kind and version, drops unknown fields, fills
/// in defaults. Answers warnings.
pub fn decode(request: &WriteRequest, object: &mut Value) -> Result<Vec<String>, StatusError> {
    let resource = &request.resource;
    check_kind(resource, object)?;
    let unknown = prune(object, &resource.schema);
    if !resource.custom {
        drop_nulls(object);
    }
    check_types(resource, object)?;
    kinds::decode_errors(resource, object)?;
    apply_defaults(object, &resource.schema);
    drop_empty(resource, object);
    let texts: Vec<String> = unknown
        .iter()
        .map(|path| format!("unknown field {path:?}"))
        .collect();
    match request.field_validation {
        FieldValidation::Ignore => Ok(Vec::new()),
        FieldValidation::Strict if !texts.is_empty() => {
            let why = format!("strict decoding error: {}", texts.join(", "));
            Err(StatusError::bad_request(why))
        }
        _ => Ok(texts),
    }
}

/// Drops nulls at every depth: in built-in kinds and in applied configurations they say nothing.
pub fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, field| !field.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(elements) => elements.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// Go leaves out empty texts, maps and lists of metadata, and the empty content of ConfigMaps and Secrets.
fn drop_empty(resource: &ApiResource, object: &mut Value) {
    object::metadata_mut(object).retain(|_, value| !is_empty(value));
    if let Some(map) = object.as_object_mut()
        && !resource.custom
    {
        map.retain(|field, value| {
            !matches!(field.as_str(), "data" | "binaryData") || !is_empty(value)
        });
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn check_kind(resource: &ApiResource, body: &mut Value) -> Result<(), StatusError> {
    if !body.is_object() {
        return Err(StatusError::bad_request(
            "couldn't get version/kind; json parse error: the body is not an object",
        ));
    }
    let (api_version, kind) = (
        object::text(body, "/apiVersion"),
        object::text(body, "/kind"),
    );
    let expected = resource.api_version();
    // Built-in kinds may leave both out: the path says what the body is.
    if resource.custom && (kind.is_empty() || api_version.is_empty()) {
        let missing = if kind.is_empty() {
            "Kind"
        } else {
            "apiVersion"
        };
        return Err(StatusError::bad_request(format!(
            "Object '{missing}' is missing in the body of the request"
        )));
    }
    if !api_version.is_empty() && api_version != expected {
        return Err(StatusError::bad_request(format!(
            "the API version in the data ({api_version}) does not match the expected API version ({expected})"
        )));
    }
    if !kind.is_empty() && kind != resource.kind {
        return Err(StatusError::bad_request(format!(
            "{kind} in version {:?} cannot be handled as a {}: converting ({kind}) to ({}): unknown conversion",
            resource.version, resource.kind, resource.kind
        )));
    }
    object::set_field(body, "apiVersion", Some(expected.into()));
    object::set_field(body, "kind", Some(resource.kind.clone().into()));
    Ok(())
}

/// Wrong types cannot be decoded (400) in built-in kinds and in metadata; elsewhere they are invalid (422).
fn check_types(resource: &ApiResource, body: &Value) -> Result<(), StatusError> {
    let wrong_type = |cause: &&ErrorCause| {
        cause.cause == CauseType::TypeInvalid
            && (!resource.custom || cause.field.starts_with("metadata"))
    };
    let causes = validate(body, &resource.schema);
    let Some(cause) = causes.iter().find(wrong_type) else {
        return Ok(());
    };
    let why = format!("json: cannot unmarshal: {}", cause.message);
    Err(StatusError::bad_request(kinds::cannot_handle(
        resource, &why,
    )))
}
