//! Secrets and ConfigMaps: base64, `stringData`, immutability.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::immutable;
use crate::object;
use crate::status::{CauseType, ErrorCause};

/// All content together, in bytes (`MaxSecretSize`).
const SIZE_LIMIT: usize = 1024 * 1024;

/// `stringData` is write-only: it ends up in `data`, base64-encoded, and wins over it. The type is Opaque unless
/// it is said.
pub(super) fn prepare_secret(object: &mut Value) {
    if let Some(secret) = object.as_object_mut() {
        secret.entry("type").or_insert_with(|| "Opaque".into());
    }
    let Some(Value::Object(texts)) = object
        .as_object_mut()
        .and_then(|map| map.remove("stringData"))
    else {
        return;
    };
    let data = object::child_mut(object, "data");
    for (key, text) in texts {
        data.insert(
            key,
            STANDARD.encode(text.as_str().unwrap_or_default()).into(),
        );
    }
}

/// The first value that is no base64. The text does not quote it: it may be a credential.
pub(super) fn base64_error(object: &Value, field: &str) -> Option<String> {
    let values = object.get(field)?.as_object()?.values();
    let error = values
        .filter_map(Value::as_str)
        .find_map(|text| STANDARD.decode(text).err())?;
    let position = match error {
        base64::DecodeError::InvalidByte(at, _)
        | base64::DecodeError::InvalidLastSymbol { offset: at, .. } => at,
        base64::DecodeError::InvalidLength(at) => at,
        _ => 0,
    };
    Some(format!("illegal base64 data at input byte {position}"))
}

pub(super) fn validate(live: Option<&Value>, object: &Value) -> Vec<ErrorCause> {
    let mut causes = Vec::new();
    causes.extend(immutable(
        live,
        object,
        "/type",
        "type",
        "field is immutable",
    ));
    let was_immutable = live.is_some_and(|live| live.get("immutable") == Some(&Value::Bool(true)));
    for field in ["data", "binaryData", "immutable"] {
        if was_immutable && live.and_then(|live| live.get(field)) != object.get(field) {
            causes.push(ErrorCause::forbidden(
                field,
                "field is immutable when `immutable` is set",
            ));
        }
        causes.extend(key_causes(
            object.get(field).and_then(Value::as_object),
            field,
        ));
    }
    causes
}

fn key_causes(content: Option<&Map<String, Value>>, field: &str) -> Vec<ErrorCause> {
    let mut causes = Vec::new();
    let mut size = 0;
    for (key, value) in content.into_iter().flatten() {
        size += value.as_str().map_or(0, str::len);
        let fits = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
        };
        if key.is_empty() || key.len() > 253 || !key.chars().all(fits) {
            let detail = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
            causes.push(ErrorCause::invalid(
                format!("{field}[{key}]"),
                &key.as_str().into(),
                detail,
            ));
        }
    }
    // Base64 takes four characters for three bytes.
    if size / 4 * 3 > SIZE_LIMIT {
        let message = format!("Too long: may not be more than {SIZE_LIMIT} bytes");
        causes.push(ErrorCause::new(CauseType::TooLong, field, message));
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn string_data_becomes_data() {
        let mut secret = json!({"data": {"a": "MQ=="}, "stringData": {"a": "2", "b": "3"}});
        prepare_secret(&mut secret);
        assert_eq!(
            secret,
            json!({"type": "Opaque", "data": {"a": "Mg==", "b": "Mw=="}})
        );
    }

    #[test]
    fn base64_errors_do_not_quote_the_value() {
        let error = base64_error(&json!({"data": {"token": "hunter2!"}}), "data").unwrap();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
