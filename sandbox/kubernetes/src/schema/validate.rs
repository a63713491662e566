//! Checking values against a schema, with the messages of the API server.

use serde_json::{Value, json};

use super::{Kind, Schema, join};
use crate::status::{Cause, CauseType};

/// Every violation; paths start at the object.
pub fn validate(value: &Value, schema: &Schema) -> Vec<Cause> {
    let mut causes = Vec::new();
    check(value, schema, "", &mut causes);
    causes
}

fn check(value: &Value, schema: &Schema, path: &str, causes: &mut Vec<Cause>) {
    if value.is_null() && schema.nullable {
        return;
    }
    if let Some(cause) = check_type(value, schema, path) {
        causes.push(cause);
        return;
    }
    if !schema.enumeration.is_empty() && !schema.enumeration.contains(value) {
        causes.push(Cause::not_supported(path, value, &schema.enumeration));
    }
    match value {
        Value::String(text) => check_string(text, schema, path, causes),
        Value::Number(number) => {
            check_number(number.as_f64().unwrap_or_default(), schema, path, causes)
        }
        Value::Object(map) => {
            check_required(value, schema, path, causes);
            for (name, field) in map {
                if let Some(schema) = schema.field(name) {
                    check(field, schema, &join(path, name), causes);
                }
            }
        }
        Value::Array(elements) => check_list(elements, schema, path, causes),
        _ => {}
    }
}

fn check_type(value: &Value, schema: &Schema, path: &str) -> Option<Cause> {
    if schema.int_or_string {
        let fits = value.is_string() || is_integer(value);
        return (!fits).then(|| wrong_type(value, "integer,string", path));
    }
    let kind = schema.kind?;
    let fits = match kind {
        Kind::Object => value.is_object(),
        Kind::Array => value.is_array(),
        Kind::String => value.is_string(),
        Kind::Integer => is_integer(value),
        Kind::Number => value.is_number(),
        Kind::Boolean => value.is_boolean(),
    };
    (!fits).then(|| wrong_type(value, kind.as_str(), path))
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

fn wrong_type(value: &Value, expected: &str, path: &str) -> Cause {
    let actual = type_name(value);
    let detail = format!("{path} in body must be of type {expected}: {actual:?}");
    Cause {
        cause: CauseType::TypeInvalid,
        ..Cause::invalid(path, &json!(actual), &detail)
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) if is_integer(value) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn check_required(value: &Value, schema: &Schema, path: &str, causes: &mut Vec<Cause>) {
    let missing = schema
        .required
        .iter()
        .filter(|name| value.get(name.as_str()).is_none());
    causes.extend(missing.map(|name| Cause::required(join(path, name), "")));
}

fn check_string(text: &str, schema: &Schema, path: &str, causes: &mut Vec<Cause>) {
    let length = text.chars().count() as u64;
    let shown = Value::from(text);
    if let Some(pattern) = &schema.pattern
        && !pattern.is_match(text)
    {
        causes.push(Cause::invalid(
            path,
            &shown,
            &format!("{path} in body should match '{pattern}'"),
        ));
    }
    if let Some(least) = schema.min_length.filter(|least| length < *least) {
        let detail = format!("{path} in body should be at least {least} chars long");
        causes.push(Cause::invalid(path, &shown, &detail));
    }
    if let Some(most) = schema.max_length.filter(|most| length > *most) {
        causes.push(Cause::new(
            CauseType::TooLong,
            path,
            format!("Too long: may not be more than {most} bytes"),
        ));
    }
}

fn check_number(number: f64, schema: &Schema, path: &str, causes: &mut Vec<Cause>) {
    let shown = json!(number);
    if let Some(least) = schema.minimum.filter(|least| number < *least) {
        let detail = format!("{path} in body should be greater than or equal to {least}");
        causes.push(Cause::invalid(path, &shown, &detail));
    }
    if let Some(most) = schema.maximum.filter(|most| number > *most) {
        let detail = format!("{path} in body should be less than or equal to {most}");
        causes.push(Cause::invalid(path, &shown, &detail));
    }
}

fn check_list(elements: &[Value], schema: &Schema, path: &str, causes: &mut Vec<Cause>) {
    let length = elements.len() as u64;
    if let Some(least) = schema.min_items.filter(|least| length < *least) {
        let detail = format!("{path} in body should have at least {least} items");
        causes.push(Cause::invalid(path, &json!(length), &detail));
    }
    if let Some(most) = schema.max_items.filter(|most| length > *most) {
        causes.push(Cause::new(
            CauseType::TooLong,
            path,
            format!("Too many: {length}: must have at most {most} items"),
        ));
    }
    if let Some(items) = &schema.items {
        for (index, element) in elements.iter().enumerate() {
            check(element, items, &format!("{path}[{index}]"), causes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::from_json;
    use super::*;

    fn messages(schema: Value, value: Value) -> Vec<String> {
        validate(&value, &from_json(&schema).unwrap())
            .iter()
            .map(Cause::text)
            .collect()
    }

    #[test]
    fn speaks_as_the_api_server() {
        let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "required": ["apiServer"],
            "properties": {"apiServer": {"type": "string", "pattern": "^https"}, "usage": {"enum": ["host", "worker"]},
                "replicas": {"type": "integer", "minimum": 1}}}}});
        assert_eq!(
            messages(schema.clone(), json!({"spec": {}})),
            ["spec.apiServer: Required value"]
        );
        let all = json!({"spec": {"apiServer": "http://x", "usage": "x", "replicas": "1"}});
        assert_eq!(
            messages(schema, all),
            [
                "spec.apiServer: Invalid value: \"http://x\": spec.apiServer in body should match '^https'",
                "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type integer: \"string\"",
                "spec.usage: Unsupported value: \"x\": supported values: \"host\", \"worker\"",
            ]
        );
    }

    #[test]
    fn int_or_string_takes_both_and_nothing_else() {
        let schema = json!({"x-kubernetes-int-or-string": true});
        assert!(messages(schema.clone(), json!("50%")).is_empty());
        assert!(messages(schema.clone(), json!(1)).is_empty());
        assert_eq!(messages(schema, json!(true)).len(), 1);
    }
}
