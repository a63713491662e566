//! Strategic merge patch: like a merge patch, but lists with a merge key are merged by it.

use serde_json::{Map, Value};

use crate::schema::{ListType, Schema};
use crate::status::ApiError;

const DIRECTIVE: &str = "$patch";
const DELETE_PRIMITIVES: &str = "$deleteFromPrimitiveList/";
const ORDER: &str = "$setElementOrder/";
const RETAIN: &str = "$retainKeys";

/// Lays the patch over the object.
pub fn strategic(object: &mut Value, patch: &Value, schema: &Schema) -> Result<(), ApiError> {
    let patch = patch
        .as_object()
        .ok_or_else(|| ApiError::bad_request("error decoding patch: not an object"))?;
    merge_map(object, patch, Some(schema))
}

fn merge_map(
    target: &mut Value,
    patch: &Map<String, Value>,
    schema: Option<&Schema>,
) -> Result<(), ApiError> {
    if patch
        .get(DIRECTIVE)
        .is_some_and(|directive| directive == "replace")
    {
        *target = Value::Object(without_directives(patch));
        return Ok(());
    }
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(map) = target.as_object_mut() else {
        return Ok(());
    };
    if let Some(retained) = patch.get(RETAIN).and_then(Value::as_array) {
        map.retain(|name, _| retained.iter().any(|kept| kept == name.as_str()));
    }
    for (name, value) in patch {
        if let Some(list) = name.strip_prefix(DELETE_PRIMITIVES) {
            delete_primitives(map.get_mut(list), value);
        } else if !name.starts_with('$') {
            merge_field(
                map,
                name,
                value,
                schema
                    .and_then(|schema| schema.field(name))
                    .map(AsRef::as_ref),
            )?;
        }
    }
    for (name, order) in patch {
        if let Some(list) = name.strip_prefix(ORDER) {
            let below = schema
                .and_then(|schema| schema.field(list))
                .map(AsRef::as_ref);
            sort_by_order(map.get_mut(list), order, below);
        }
    }
    Ok(())
}

fn merge_field(
    map: &mut Map<String, Value>,
    name: &str,
    value: &Value,
    schema: Option<&Schema>,
) -> Result<(), ApiError> {
    match value {
        Value::Null => {
            map.remove(name);
        }
        Value::Object(patch)
            if patch
                .get(DIRECTIVE)
                .is_some_and(|directive| directive == "delete") =>
        {
            map.remove(name);
        }
        Value::Object(patch) => {
            let target = map.entry(name).or_insert_with(|| Value::Object(Map::new()));
            merge_map(target, patch, schema)?;
        }
        Value::Array(elements) if is_merged(schema) => {
            let target = map.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            merge_list(target, elements, schema)?;
        }
        _ => {
            map.insert(name.to_owned(), value.clone());
        }
    }
    Ok(())
}

fn is_merged(schema: Option<&Schema>) -> bool {
    schema.is_some_and(|schema| schema.patch_key.is_some() || schema.list_type == ListType::Set)
}

fn merge_list(
    target: &mut Value,
    patch: &[Value],
    schema: Option<&Schema>,
) -> Result<(), ApiError> {
    if patch.iter().any(|element| {
        element
            .get(DIRECTIVE)
            .is_some_and(|directive| directive == "replace")
    }) {
        let kept = patch
            .iter()
            .filter(|element| element.get(DIRECTIVE).is_none());
        *target = Value::Array(kept.cloned().collect());
        return Ok(());
    }
    if !target.is_array() {
        *target = Value::Array(Vec::new());
    }
    let Some(list) = target.as_array_mut() else {
        return Ok(());
    };
    match schema.and_then(|schema| schema.patch_key.as_deref()) {
        Some(key) => patch
            .iter()
            .try_for_each(|element| merge_element(list, element, key, schema)),
        None => {
            let new: Vec<Value> = patch
                .iter()
                .filter(|element| !list.contains(element))
                .cloned()
                .collect();
            list.extend(new);
            Ok(())
        }
    }
}

fn merge_element(
    list: &mut Vec<Value>,
    element: &Value,
    key: &str,
    schema: Option<&Schema>,
) -> Result<(), ApiError> {
    let patch = element.as_object();
    let (Some(patch), Some(id)) = (patch, element.get(key)) else {
        return Err(ApiError::bad_request(format!(
            "map: {key} does not contain declared merge key: {key}"
        )));
    };
    if patch
        .get(DIRECTIVE)
        .is_some_and(|directive| directive == "delete")
    {
        list.retain(|other| other.get(key) != Some(id));
        return Ok(());
    }
    let items = schema.and_then(|schema| schema.items.as_deref());
    match list.iter_mut().find(|other| other.get(key) == Some(id)) {
        Some(existing) => merge_map(existing, patch, items),
        None => {
            let mut new = Value::Object(Map::new());
            merge_map(&mut new, patch, items)?;
            list.push(new);
            Ok(())
        }
    }
}

fn delete_primitives(list: Option<&mut Value>, deleted: &Value) {
    if let (Some(list), Some(deleted)) = (list.and_then(Value::as_array_mut), deleted.as_array()) {
        list.retain(|element| !deleted.contains(element));
    }
}

/// Elements named in `order` come in that order; the others follow as they were.
fn sort_by_order(list: Option<&mut Value>, order: &Value, schema: Option<&Schema>) {
    let (Some(list), Some(order)) = (list.and_then(Value::as_array_mut), order.as_array()) else {
        return;
    };
    let key = schema.and_then(|schema| schema.patch_key.as_deref());
    let same = |one: &Value, other: &Value| match key {
        Some(key) => one.get(key) == other.get(key),
        None => one == other,
    };
    list.sort_by_key(|element| {
        order
            .iter()
            .position(|wanted| same(wanted, element))
            .unwrap_or(order.len())
    });
}

fn without_directives(patch: &Map<String, Value>) -> Map<String, Value> {
    patch
        .iter()
        .filter(|(name, _)| !name.starts_with('$'))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::from_json;
    use serde_json::json;

    fn patched(mut object: Value, patch: Value) -> Value {
        let schema = from_json(&json!({"type": "object", "properties": {
            "finalizers": {"type": "array", "x-kubernetes-list-type": "set"},
            "plain": {"type": "array"},
            "containers": {"type": "array", "x-kubernetes-patch-merge-key": "name", "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"], "items": {"type": "object"}}}}))
        .unwrap();
        strategic(&mut object, &patch, &schema).unwrap();
        object
    }

    #[test]
    fn lists_with_a_key_are_merged_and_ordered() {
        let object = json!({"containers": [{"name": "a", "image": "1"}, {"name": "b"}]});
        let patch = json!({"containers": [{"name": "a", "image": "2"}, {"name": "c"}, {"name": "b", "$patch": "delete"}],
            "$setElementOrder/containers": [{"name": "c"}, {"name": "a"}]});
        assert_eq!(
            patched(object, patch),
            json!({"containers": [{"name": "c"}, {"name": "a", "image": "2"}]})
        );
    }

    #[test]
    fn primitive_lists_are_merged_only_where_the_schema_says_so() {
        let object = json!({"finalizers": ["a", "b"], "plain": [1]});
        let patch = json!({"finalizers": ["c"], "$deleteFromPrimitiveList/finalizers": ["a"], "plain": [2]});
        assert_eq!(
            patched(object, patch),
            json!({"finalizers": ["b", "c"], "plain": [2]})
        );
    }

    #[test]
    fn replace_and_retain() {
        let object = json!({"strategy": {"type": "Rolling", "rolling": {}}, "x": {"a": 1}});
        let patch = json!({"strategy": {"$retainKeys": ["type"], "type": "Recreate"}, "x": {"$patch": "replace", "b": 2}});
        assert_eq!(
            patched(object, patch),
            json!({"strategy": {"type": "Recreate"}, "x": {"b": 2}})
        );
    }
}
