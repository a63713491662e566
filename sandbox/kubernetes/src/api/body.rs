//! Reading bodies.

use bytes::Bytes;
use serde_json::Value;

use super::{ApiRequest, protobuf};
use crate::resource::ApiResource;
use crate::status::StatusError;
use crate::write::Patch;

const OBJECT_TYPES: [&str; 2] = ["application/json", "application/yaml"];
const JSON_PATCH: &str = "application/json-patch+json";
const MERGE_PATCH: &str = "application/merge-patch+json";
const STRATEGIC_PATCH: &str = "application/strategic-merge-patch+json";
const APPLY_PATCH: &str = "application/apply-patch+yaml";

fn media_type(request: &ApiRequest) -> &str {
    request
        .header("content-type")
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
}

fn bytes(request: &ApiRequest) -> Result<&Bytes, StatusError> {
    request.body.as_ref().map_err(Clone::clone)
}

/// The object of a POST or PUT.
pub fn object(request: &ApiRequest) -> Result<Value, StatusError> {
    let content = bytes(request)?;
    match media_type(request) {
        "" | "application/json" => json(content),
        "application/yaml" => yaml(content),
        protobuf::CONTENT_TYPE => protobuf::decode(content).ok_or_else(|| {
            StatusError::bad_request(
                "the object provided is unrecognized: cannot parse as protobuf",
            )
        }),
        _ => Err(StatusError::unsupported_media_type(&OBJECT_TYPES)),
    }
}

/// The options of a DELETE, if there is a body.
pub fn optional(request: &ApiRequest) -> Result<Option<Value>, StatusError> {
    if bytes(request)?.is_empty() {
        Ok(None)
    } else {
        object(request).map(Some)
    }
}

/// The patch, by its content type. Custom resources have no strategic merge.
pub fn patch(request: &ApiRequest, resource: &ApiResource) -> Result<Patch, StatusError> {
    let bytes = bytes(request)?;
    match media_type(request) {
        MERGE_PATCH => json(bytes).map(Patch::Merge),
        JSON_PATCH => json(bytes).map(Patch::Json),
        STRATEGIC_PATCH if !resource.custom => json(bytes).map(Patch::Strategic),
        APPLY_PATCH => Ok(Patch::Apply {
            config: yaml(bytes)?,
            force: request.query.flag("force"),
        }),
        _ if resource.custom => Err(StatusError::unsupported_media_type(&[
            JSON_PATCH,
            MERGE_PATCH,
            APPLY_PATCH,
        ])),
        _ => Err(StatusError::unsupported_media_type(&[
            JSON_PATCH,
            MERGE_PATCH,
            STRATEGIC_PATCH,
            APPLY_PATCH,
        ])),
    }
}

// Parsers quote what they read; a body may be a Secret, so errors give the place only.
fn json(bytes: &[u8]) -> Result<Value, StatusError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        StatusError::bad_request(format!(
            "the object provided is unrecognized: cannot parse as JSON: {place}"
        ))
    })
}

fn yaml(bytes: &[u8]) -> Result<Value, StatusError> {
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Ok(value);
    }
    serde_saphyr::from_slice(bytes).map_err(|_| {
        StatusError::bad_request("error decoding YAML: the body is not one YAML document")
    })
}
