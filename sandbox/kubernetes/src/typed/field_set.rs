//! The fields a configuration speaks of.

use serde_json::{Map, Value};

use super::{Shape, descend, field_schema, is_declared, item_schema, list, shape};
use crate::fields::{Element, FieldSet};
use crate::schema::Schema;

/// Every leaf, every element of an associative list, every key of a free map.
pub fn field_set(value: &Value, schema: Option<&Schema>) -> FieldSet {
    let mut set = FieldSet::default();
    walk(value, schema, &mut Vec::new(), &mut set);
    set
}

fn walk(value: &Value, schema: Option<&Schema>, path: &mut Vec<Element>, set: &mut FieldSet) {
    match shape(value, schema) {
        Shape::Leaf => set.insert(path),
        Shape::Map(map) => walk_map(map, schema, path, set),
        Shape::List(elements) => {
            for (element, value) in list::elements(elements, schema) {
                descend(path, element, |path| {
                    walk(value, item_schema(schema), path, set);
                    set.insert(path);
                });
            }
        }
    }
}

fn walk_map(
    map: &Map<String, Value>,
    schema: Option<&Schema>,
    path: &mut Vec<Element>,
    set: &mut FieldSet,
) {
    for (name, field) in map {
        descend(path, Element::field(name), |path| {
            walk(field, field_schema(schema, name), path, set);
            let is_empty = field.is_null() || field.as_object().is_some_and(Map::is_empty);
            if is_empty || !is_declared(schema, name) {
                set.insert(path);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::from_json;
    use serde_json::json;

    #[test]
    fn declared_structs_are_not_members_but_free_keys_are() {
        let schema = from_json(&json!({"type": "object", "properties": {
            "data": {"type": "object", "additionalProperties": {"type": "string"}},
            "spec": {"type": "object", "properties": {"a": {"type": "string"}, "l": {"type": "array"}}}}}))
        .unwrap();
        let set = field_set(
            &json!({"data": {"k": "v"}, "spec": {"a": "x", "l": [1, 2]}}),
            Some(&schema),
        );
        let paths: Vec<String> = set.paths().iter().map(ToString::to_string).collect();
        assert_eq!(paths, [".data.k", ".spec.a", ".spec.l"]);
    }
}
