//! Elements of associative lists, told apart by keys or by value.

use serde_json::Value;

use super::{field_schema, item_schema};
use crate::fields::Element;
use crate::schema::{ListType, Schema};

/// The path element of each list element; keys that are missing take the schema's default.
pub(super) fn elements<'a>(
    list: &'a [Value],
    schema: Option<&Schema>,
) -> Vec<(Element, &'a Value)> {
    list.iter()
        .map(|value| (element_of(value, schema), value))
        .collect()
}

/// The path element of one list element.
pub(super) fn element_of(value: &Value, schema: Option<&Schema>) -> Element {
    match schema.map(|schema| &schema.list_type) {
        Some(ListType::Map(keys)) => {
            let keys = keys
                .iter()
                .filter_map(|key| Some((key.clone(), key_of(value, key, schema)?)));
            Element::Key(keys.collect())
        }
        _ => Element::Value(value.clone()),
    }
}

fn key_of(value: &Value, key: &str, schema: Option<&Schema>) -> Option<Value> {
    let default = || field_schema(item_schema(schema), key)?.default.clone();
    value.get(key).cloned().or_else(default)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::from_json;
    use serde_json::json;

    fn ports() -> Schema {
        from_json(&json!({"type": "array", "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["port", "protocol"], "items": {"type": "object", "properties":
                {"port": {"type": "integer"}, "protocol": {"type": "string", "default": "TCP"}}}}))
        .unwrap()
    }

    #[test]
    fn a_missing_key_takes_its_default() {
        assert_eq!(
            element_of(&json!({"port": 80}), Some(&ports())).to_string(),
            r#"[port=80,protocol="TCP"]"#
        );
    }
}
