//! Laying one value over another.

use serde_json::{Map, Value};

use super::fields::{element_step, field_schema, is_associative};
use crate::schema::SchemaNode;

/// Lays an applied configuration over the live value: it wins where both speak; maps and associative lists are
/// merged element by element, new elements come last.
pub fn merge(live: &mut Value, config: &Value, schema: Option<&SchemaNode>) {
    match (live, config) {
        (Value::Object(live), Value::Object(config))
            if !schema.is_some_and(|schema| schema.atomic_map) =>
        {
            for (name, field) in config {
                let below = field_schema(schema, name);
                merge(live.entry(name).or_insert(Value::Null), field, below);
            }
        }
        (Value::Array(live), Value::Array(config)) if is_associative(schema) => {
            let items = schema.and_then(|schema| schema.items.as_deref());
            for element in config {
                let step = element_step(element, schema);
                let found = live
                    .iter_mut()
                    .find(|live| element_step(live, schema) == step);
                match found {
                    Some(live) => merge(live, element, items),
                    None => live.push(element.clone()),
                }
            }
        }
        (live, config) => *live = config.clone(),
    }
}

/// Carries out a strategic merge patch as `kubectl apply` sends it for built-in kinds: a merge patch whose
/// associative lists are merged by key, with `$patch: delete` and `$patch: replace`. Directives about order are
/// ignored.
pub fn strategic_merge(live: &mut Value, patch: &Value, schema: Option<&SchemaNode>) {
    match (live, patch) {
        (Value::Object(live), Value::Object(patch)) => merge_fields(live, patch, schema),
        (Value::Array(live), Value::Array(patch)) if is_associative(schema) => {
            let items = schema.and_then(|schema| schema.items.as_deref());
            for element in patch {
                let step = element_step(element, schema);
                let at = live
                    .iter()
                    .position(|live| element_step(live, schema) == step);
                let found = at.and_then(|at| live.get_mut(at));
                match (directive(element), found, at) {
                    ("delete", Some(_), Some(at)) => drop(live.remove(at)),
                    (_, Some(found), _) => strategic_merge(found, element, items),
                    _ => live.push(element.clone()),
                }
            }
        }
        (live, patch) => *live = patch.clone(),
    }
}

fn directive(patch: &Value) -> &str {
    patch
        .get("$patch")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn merge_fields(
    live: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    schema: Option<&SchemaNode>,
) {
    if patch.get("$patch").is_some_and(|kind| kind == "replace") {
        live.clear();
    }
    for (name, field) in patch.iter().filter(|(name, _)| !name.starts_with('$')) {
        if field.is_null() || directive(field) == "delete" {
            live.remove(name);
        } else {
            let empty = || match field {
                Value::Object(_) => Value::Object(Map::new()),
                _ => Value::Null,
            };
            let below = field_schema(schema, name);
            strategic_merge(live.entry(name).or_insert_with(empty), field, below);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn named_list() -> SchemaNode {
        SchemaNode::from_json(&json!({"properties": {"l": {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}}}))
            .unwrap()
    }

    #[test]
    fn list_elements_are_matched_by_key() {
        let mut live = json!({"l": [{"name": "a", "x": 1}, {"name": "b"}], "u": [1]});
        let config = json!({"l": [{"name": "c"}, {"name": "a", "y": 3}], "u": [2]});
        merge(&mut live, &config, Some(&named_list()));
        let expected =
            json!({"l": [{"name": "a", "x": 1, "y": 3}, {"name": "b"}, {"name": "c"}], "u": [2]});
        assert_eq!(live, expected);
    }

    #[test]
    fn strategic_patches_delete_by_key_and_ignore_order() {
        let mut live = json!({"l": [{"name": "a", "x": 1}, {"name": "b"}], "m": {"k": 1, "j": 2}});
        let patch = json!({"$setElementOrder/l": [{"name": "a"}], "m": {"k": null},
            "l": [{"name": "b", "$patch": "delete"}, {"name": "a", "x": 2}], "n": {"o": {"p": 1}}});
        strategic_merge(&mut live, &patch, Some(&named_list()));
        let expected = json!({"l": [{"name": "a", "x": 2}], "m": {"j": 2}, "n": {"o": {"p": 1}}});
        assert_eq!(live, expected);
    }
}
