//! Whether an applied configuration fits its schema, in the words of structured merge.

use serde_json::Value;

use super::{Shape, field_schema, item_schema, list, shape};
use crate::fields::Element;
use crate::schema::{Kind, Schema};

/// Refuses undeclared fields, wrong types, and associative lists that repeat an element or omit every key.
pub fn check_config(config: &Value, schema: &Schema) -> Result<(), String> {
    check(config, Some(schema), "")
}

fn check(value: &Value, schema: Option<&Schema>, path: &str) -> Result<(), String> {
    if let Some(expected) = schema.and_then(|schema| wrong_type(value, schema)) {
        return Err(format!("{path}: expected {expected}, got {value}"));
    }
    if let Some(map) = value.as_object() {
        let is_closed = schema
            .is_some_and(|schema| schema.kind == Some(Kind::Object) && !schema.preserve_unknown);
        return map.iter().try_for_each(|(name, field)| {
            let below = field_schema(schema, name);
            if is_closed && below.is_none() {
                return Err(format!("{path}.{name}: field not declared in schema"));
            }
            check(field, below, &format!("{path}.{name}"))
        });
    }
    match shape(value, schema) {
        Shape::List(elements) => check_list(elements, schema, path),
        _ => value.as_array().map_or(Ok(()), |elements| {
            let mut numbered = elements.iter().enumerate();
            numbered.try_for_each(|(index, element)| {
                check(element, item_schema(schema), &format!("{path}[{index}]"))
            })
        }),
    }
}

fn wrong_type(value: &Value, schema: &Schema) -> Option<&'static str> {
    let (fits, expected) = match schema.kind? {
        Kind::Object => (value.is_object(), "map"),
        Kind::Array => (value.is_array(), "list"),
        Kind::String => (value.is_string(), "string"),
        Kind::Boolean => (value.is_boolean(), "boolean"),
        Kind::Integer | Kind::Number => (value.is_number(), "numeric (int or float)"),
    };
    (!fits).then_some(expected)
}

fn check_list(elements: &[Value], schema: Option<&Schema>, path: &str) -> Result<(), String> {
    let mut seen: Vec<Element> = Vec::new();
    for (index, (element, value)) in list::elements(elements, schema).into_iter().enumerate() {
        if matches!(&element, Element::Key(keys) if keys.is_empty()) {
            return Err(format!(
                "{path}: element {index}: associative list with keys has an element that omits all key fields"
            ));
        }
        if seen.contains(&element) {
            return Err(format!(
                "{path}: element {index}: duplicate entries for key {element}"
            ));
        }
        check(value, item_schema(schema), &format!("{path}{element}"))?;
        seen.push(element);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::from_json;
    use serde_json::json;

    #[test]
    fn names_what_does_not_fit() {
        let schema = from_json(&json!({"type": "object", "properties": {
            "replicas": {"type": "integer"},
            "ports": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port"],
                "items": {"type": "object", "properties": {"port": {"type": "integer"}}}}}}))
        .unwrap();
        let error = |value: Value| check_config(&value, &schema).unwrap_err();
        assert_eq!(error(json!({"x": 1})), ".x: field not declared in schema");
        assert_eq!(
            error(json!({"replicas": "1"})),
            ".replicas: expected numeric (int or float), got \"1\""
        );
        assert!(
            error(json!({"ports": [{"port": 80}, {"port": 80}]}))
                .contains("duplicate entries for key [port=80]")
        );
    }
}
