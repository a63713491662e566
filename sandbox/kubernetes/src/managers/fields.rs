//! The fields of an object, each by the steps that lead to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::schema::{ListType, SchemaNode};

/// Steps from the object's root, spelled as in `fieldsV1`: `f:name`, `k:{"name":"x"}`, `v:"x"`.
pub type FieldPath = Vec<String>;
/// Paths of leaves and of elements of associative lists.
pub type FieldSet = BTreeSet<FieldPath>;
/// Leaves with their values; an element of an associative list has the value null, its keys are no leaves.
pub type Leaves<'a> = BTreeMap<FieldPath, &'a Value>;

/// Every leaf of the object: scalars, atomic lists and maps, empty maps, elements of associative lists.
pub fn leaves<'a>(object: &'a Value, schema: &SchemaNode) -> Leaves<'a> {
    let mut found = Leaves::new();
    collect(object, Some(schema), &mut Vec::new(), &mut found);
    found
}

fn collect<'a>(
    value: &'a Value,
    schema: Option<&SchemaNode>,
    path: &mut FieldPath,
    found: &mut Leaves<'a>,
) {
    match value {
        Value::Object(map) if is_granular(map, schema) => {
            for (name, field) in map {
                path.push(format!("f:{name}"));
                collect(field, field_schema(schema, name), path, found);
                path.pop();
            }
        }
        Value::Array(elements) if is_associative(schema) => {
            for element in elements {
                path.push(element_step(element, schema));
                found.insert(path.clone(), &Value::Null);
                if let Some(map) = element.as_object() {
                    collect_element(map, schema, path, found);
                }
                path.pop();
            }
        }
        _ => drop(found.insert(path.clone(), value)),
    }
}

fn collect_element<'a>(
    element: &'a Map<String, Value>,
    schema: Option<&SchemaNode>,
    path: &mut FieldPath,
    found: &mut Leaves<'a>,
) {
    let items = schema.and_then(|schema| schema.items.as_deref());
    for (name, field) in element.iter().filter(|(name, _)| !is_key(schema, name)) {
        path.push(format!("f:{name}"));
        collect(field, field_schema(items, name), path, found);
        path.pop();
    }
}

/// Fields of the map are owned by themselves.
pub fn is_granular(map: &Map<String, Value>, schema: Option<&SchemaNode>) -> bool {
    !map.is_empty() && !schema.is_some_and(|schema| schema.atomic_map)
}

/// Elements of the list are owned by themselves.
pub fn is_associative(schema: Option<&SchemaNode>) -> bool {
    schema.is_some_and(|schema| schema.list_type != ListType::Atomic)
}

fn is_key(schema: Option<&SchemaNode>, name: &str) -> bool {
    matches!(schema.map(|schema| &schema.list_type), Some(ListType::Map(keys)) if keys.iter().any(|key| key == name))
}

/// Schema of a field.
pub fn field_schema<'a>(schema: Option<&'a SchemaNode>, name: &str) -> Option<&'a SchemaNode> {
    schema?.field(name).map(AsRef::as_ref)
}

/// The step to an element of an associative list; a missing key takes its default.
pub fn element_step(element: &Value, schema: Option<&SchemaNode>) -> String {
    let Some(ListType::Map(keys)) = schema.map(|schema| &schema.list_type) else {
        return format!("v:{element}");
    };
    let items = schema.and_then(|schema| schema.items.as_deref());
    let value = |key: &String| {
        let default = || field_schema(items, key)?.default.clone();
        Some((key.clone(), element.get(key).cloned().or_else(default)?))
    };
    let keys: BTreeMap<String, Value> = keys.iter().filter_map(value).collect();
    format!("k:{}", serde_json::json!(keys))
}

/// The path as messages spell it: `.spec.containers[name="web"].image`.
pub fn shown(path: &FieldPath) -> String {
    path.iter()
        .map(|step| match step.split_once(':') {
            Some(("k", keys)) => {
                let keys: BTreeMap<String, Value> = serde_json::from_str(keys).unwrap_or_default();
                let keys = keys.iter().map(|(name, value)| format!("{name}={value}"));
                format!("[{}]", keys.collect::<Vec<_>>().join(","))
            }
            Some(("v", value)) => format!("[={value}]"),
            Some((_, name)) => format!(".{name}"),
            None => String::new(),
        })
        .collect()
}

/// Takes the field at a path out; containers that become empty by it go too. True where nothing is left.
pub fn remove_path(value: &mut Value, path: &[String], schema: Option<&SchemaNode>) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return true;
    };
    match value {
        Value::Object(map) => {
            let name = first.strip_prefix("f:").unwrap_or_default();
            if let Some(field) = map.get_mut(name)
                && remove_path(field, rest, field_schema(schema, name))
            {
                map.remove(name);
                return map.is_empty();
            }
            false
        }
        Value::Array(elements) => {
            let items = schema.and_then(|schema| schema.items.as_deref());
            let is_meant = |element: &Value| element_step(element, schema) == *first;
            let at = elements.iter().position(is_meant);
            if let Some(at) = at
                && let Some(element) = elements.get_mut(at)
                && remove_path(element, rest, items)
            {
                elements.remove(at);
                return elements.is_empty();
            }
            false
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn leaves_elements_and_what_removing_them_leaves() {
        let schema = SchemaNode::from_json(&json!({"properties": {
            "ports": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"],
                "items": {"properties": {"protocol": {"default": "TCP"}}}}}}))
        .unwrap();
        let mut object = json!({"a": {"b": 1}, "l": [1, 2], "ports": [{"port": 80, "x": 1}]});
        let paths: Vec<FieldPath> = leaves(&object, &schema).into_keys().collect();
        let expected = [
            ".a.b",
            ".l",
            ".ports[port=80,protocol=\"TCP\"]",
            ".ports[port=80,protocol=\"TCP\"].x",
        ];
        assert_eq!(paths.iter().map(shown).collect::<Vec<_>>(), expected);
        assert!(!remove_path(&mut object, &paths[0], Some(&schema)));
        assert_eq!(
            object,
            json!({"l": [1, 2], "ports": [{"port": 80, "x": 1}]})
        );
        remove_path(&mut object, &paths[2], Some(&schema));
        assert_eq!(object, json!({"l": [1, 2]}));
    }
}
