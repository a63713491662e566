//! Laying an applied configuration over the live object.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Shape, field_schema, item_schema, list, shape};
use crate::fields::Element;
use crate::schema::Schema;

/// `config` wins where both speak; maps and associative lists are merged element by element.
pub fn merge(live: &Value, config: &Value, schema: Option<&Schema>) -> Value {
    match (shape(live, schema), shape(config, schema)) {
        (Shape::Map(live), Shape::Map(config)) => Value::Object(merge_maps(live, config, schema)),
        (Shape::List(live), Shape::List(config)) if !config.is_empty() => {
            Value::Array(merge_lists(live, config, schema))
        }
        (Shape::List(_), Shape::List(_)) => live.clone(),
        _ => config.clone(),
    }
}

fn merge_maps(
    live: &Map<String, Value>,
    config: &Map<String, Value>,
    schema: Option<&Schema>,
) -> Map<String, Value> {
    let mut out = live.clone();
    for (name, field) in config {
        let merged = live.get(name).map_or_else(
            || field.clone(),
            |live| merge(live, field, field_schema(schema, name)),
        );
        out.insert(name.clone(), merged);
    }
    out
}

/// The configuration's order decides; elements only the live list has come before what follows them there.
fn merge_lists(live: &[Value], config: &[Value], schema: Option<&Schema>) -> Vec<Value> {
    let live = list::elements(live, schema);
    let config = list::elements(config, schema);
    let in_config: BTreeSet<&Element> = config.iter().map(|(element, _)| element).collect();
    let position: BTreeMap<&Element, usize> = live
        .iter()
        .enumerate()
        .map(|(at, (element, _))| (element, at))
        .collect();
    let mut out = Vec::new();
    let mut next_live = 0;
    for (element, value) in &config {
        while let Some((_, value)) = live
            .get(next_live)
            .filter(|(element, _)| !in_config.contains(element))
        {
            out.push((*value).clone());
            next_live += 1;
        }
        let Some(at) = position.get(element).copied() else {
            out.push((*value).clone());
            continue;
        };
        let before = live.get(next_live..at).unwrap_or_default();
        out.extend(only_live(before, &in_config));
        next_live = next_live.max(at + 1);
        let below = live
            .get(at)
            .map(|(_, live)| merge(live, value, item_schema(schema)));
        out.extend(below);
    }
    out.extend(only_live(
        live.get(next_live..).unwrap_or_default(),
        &in_config,
    ));
    out
}

fn only_live(elements: &[(Element, &Value)], in_config: &BTreeSet<&Element>) -> Vec<Value> {
    elements
        .iter()
        .filter(|(element, _)| !in_config.contains(element))
        .map(|(_, value)| (*value).clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::from_json;
    use serde_json::json;

    fn named_list() -> Schema {
        from_json(&json!({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
            "items": {"type": "object", "properties": {"name": {"type": "string"}}}}))
        .unwrap()
    }

    fn names(value: &Value) -> Vec<&str> {
        value
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|element| element["name"].as_str())
            .collect()
    }

    #[test]
    fn list_elements_are_matched_by_key() {
        let live = json!([{"name": "a", "x": 1}, {"name": "b"}, {"name": "c"}]);
        let merged = merge(
            &live,
            &json!([{"name": "c", "y": 2}, {"name": "d"}, {"name": "a", "y": 3}]),
            Some(&named_list()),
        );
        assert_eq!(names(&merged), ["b", "c", "d", "a"]);
        assert_eq!(merged[3], json!({"name": "a", "x": 1, "y": 3}));
    }

    #[test]
    fn unknown_lists_are_replaced() {
        assert_eq!(
            merge(&json!({"a": [1], "b": 1}), &json!({"a": [2]}), None),
            json!({"a": [2], "b": 1})
        );
    }
}
