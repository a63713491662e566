//! JSON merge patches and JSON patches.

use serde_json::Value;

use crate::status::StatusError;

/// JSON merge patch (RFC 7386): null removes, lists are replaced.
pub fn merge(object: &mut Value, patch: &Value) {
    json_patch::merge(object, patch);
}

/// JSON patch (RFC 6902). A failed `test` or a missing path is 422.
pub fn json(object: &mut Value, patch: &Value) -> Result<(), StatusError> {
    let operations: json_patch::Patch = serde_json::from_value(patch.clone())
        .map_err(|_| StatusError::bad_request("error decoding patch: not a JSON patch"))?;
    // The library's text names operation and path, never a value.
    json_patch::patch(object, &operations)
        .map_err(|error| StatusError::unprocessable(&error.to_string()))
}
