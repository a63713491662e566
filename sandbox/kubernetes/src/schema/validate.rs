//! Checking values against a schema, with the messages of the API server.

use serde_json::{Value, json};

use super::{SchemaNode, join};
use crate::status::{CauseType, ErrorCause};

/// Every violation; paths start at the object.
pub fn validate(value: &Value, schema: &SchemaNode) -> Vec<ErrorCause> {
    let mut causes = Vec::new();
    check(value, schema, "", &mut causes);
    causes
}

fn check(value: &Value, schema: &SchemaNode, path: &str, causes: &mut Vec<ErrorCause>) {
    if value.is_null() && schema.nullable {
        return;
    }
    if let Some(cause) = check_type(value, schema, path) {
        causes.push(cause);
        return;
    }
    if !schema.enumeration.is_empty() && !schema.enumeration.contains(value) {
        causes.push(ErrorCause::not_supported(path, value, &schema.enumeration));
    }
    match value {
        Value::String(text) => causes.extend(check_pattern(text, schema, path)),
        Value::Object(map) => {
            let missing = schema
                .required
                .iter()
                .filter(|name| !map.contains_key(*name));
            causes.extend(missing.map(|name| ErrorCause::required(join(path, name), "")));
            for (name, field) in map {
                if let Some(schema) = schema.field(name) {
                    check(field, schema, &join(path, name), causes);
                }
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                if let Some(items) = &schema.items {
                    check(element, items, &format!("{path}[{index}]"), causes);
                }
            }
        }
        _ => {}
    }
}

fn check_pattern(text: &str, schema: &SchemaNode, path: &str) -> Option<ErrorCause> {
    let pattern = schema.pattern.as_ref()?;
    let detail = format!("{path} in body should match '{pattern}'");
    (!pattern.is_match(text)).then(|| ErrorCause::invalid(path, &text.into(), &detail))
}

fn check_type(value: &Value, schema: &SchemaNode, path: &str) -> Option<ErrorCause> {
    let (fits, expected) = match schema.type_name.as_str() {
        _ if schema.int_or_string => (value.is_string() || is_integer(value), "integer,string"),
        "object" => (value.is_object(), "object"),
        "array" => (value.is_array(), "array"),
        "string" => (value.is_string(), "string"),
        "integer" => (is_integer(value), "integer"),
        "number" => (value.is_number(), "number"),
        "boolean" => (value.is_boolean(), "boolean"),
        _ => return None,
    };
    (!fits).then(|| wrong_type(value, expected, path))
}

fn is_integer(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

fn wrong_type(value: &Value, expected: &str, path: &str) -> ErrorCause {
    let actual = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) if is_integer(value) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let detail = format!("{path} in body must be of type {expected}: {actual:?}");
    ErrorCause {
        cause: CauseType::TypeInvalid,
        ..ErrorCause::invalid(path, &json!(actual), &detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_read_as_the_api_server_writes_them() {
        let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "required": ["apiServer"],
            "properties": {"apiServer": {"type": "string", "pattern": "^https"}, "usage": {"enum": ["host", "worker"]},
                "replicas": {"type": "integer"}, "port": {"x-kubernetes-int-or-string": true}}}}});
        let schema = SchemaNode::from_json(&schema).unwrap();
        let messages = |value: Value| -> Vec<String> {
            validate(&value, &schema)
                .iter()
                .map(ErrorCause::text)
                .collect()
        };
        assert_eq!(
            messages(json!({"spec": {"port": "50%"}})),
            ["spec.apiServer: Required value"]
        );
        let all =
            json!({"spec": {"apiServer": "http://x", "usage": "x", "replicas": "1", "port": 1}});
        assert_eq!(
            messages(all),
            [
                "spec.apiServer: Invalid value: \"http://x\": spec.apiServer in body should match '^https'",
                "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type integer: \"string\"",
                "spec.usage: Unsupported value: \"x\": supported values: \"host\", \"worker\"",
            ]
        );
    }
}
