//! Taking fields out of a value.

use serde_json::{Map, Value};

use super::{Shape, field_schema, item_schema, list, shape};
use crate::fields::{Element, FieldSet};
use crate::schema::Schema;

/// The value without the members of `set`. Containers that become empty go too.
pub fn remove(value: &Value, set: &FieldSet, schema: Option<&Schema>) -> Value {
    remove_below(value, set, schema).unwrap_or_else(|| Value::Object(Map::new()))
}

fn remove_below(value: &Value, set: &FieldSet, schema: Option<&Schema>) -> Option<Value> {
    match shape(value, schema) {
        Shape::Leaf => Some(value.clone()),
        Shape::Map(map) => {
            let kept: Map<String, Value> = map
                .iter()
                .filter_map(|(name, field)| {
                    let below = kept(
                        field,
                        &Element::field(name),
                        set,
                        field_schema(schema, name),
                    )?;
                    Some((name.clone(), below))
                })
                .collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Shape::List(elements) => {
            let kept: Vec<Value> = list::elements(elements, schema)
                .into_iter()
                .filter_map(|(element, value)| kept(value, &element, set, item_schema(schema)))
                .collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
    }
}

fn kept(
    value: &Value,
    element: &Element,
    set: &FieldSet,
    schema: Option<&Schema>,
) -> Option<Value> {
    if set.members.contains(element) {
        return None;
    }
    match set.children.get(element) {
        Some(below) => remove_below(value, below, schema),
        None => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn containers_go_with_their_last_field() {
        let mut set = FieldSet::default();
        set.insert(&[Element::field("a"), Element::field("b")]);
        assert_eq!(
            remove(&json!({"a": {"b": 1}, "c": {}}), &set, None),
            json!({"c": {}})
        );
        assert_eq!(
            remove(&json!({"a": {"b": 1, "d": 2}}), &set, None),
            json!({"a": {"d": 2}})
        );
    }
}
