//! `fieldsV1`: nested maps whose keys are steps; `.` marks a field that has others below.

use serde_json::{Map, Value};

use super::fields::{FieldPath, FieldSet};

/// Writes a set as `fieldsV1`.
pub fn encode(set: &FieldSet) -> Value {
    let mut root = Map::new();
    // A set is sorted: a path comes right before those below it.
    for path in set {
        insert(&mut root, path);
    }
    Value::Object(root)
}

fn insert(map: &mut Map<String, Value>, path: &[String]) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let is_new = !map.contains_key(first);
    let below = map
        .entry(first)
        .or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(below) = below else { return };
    if !rest.is_empty() {
        if !is_new && below.is_empty() {
            below.insert(".".to_owned(), Value::Object(Map::new()));
        }
        insert(below, rest);
    }
}

/// Reads a set from `fieldsV1`.
pub fn decode(fields: &Value) -> FieldSet {
    let mut set = FieldSet::new();
    collect(fields, &mut Vec::new(), &mut set);
    set
}

fn collect(fields: &Value, path: &mut FieldPath, set: &mut FieldSet) {
    let Some(map) = fields.as_object() else {
        return;
    };
    if !path.is_empty() && (map.is_empty() || map.contains_key(".")) {
        set.insert(path.clone());
    }
    for (step, below) in map.iter().filter(|(step, _)| *step != ".") {
        path.push(step.clone());
        collect(below, path, set);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sets_survive_a_round_trip() {
        let text = json!({
            "f:metadata": {"f:labels": {"f:app": {}}, "f:finalizers": {"v:\"x\"": {}}},
            "f:spec": {"f:containers": {"k:{\"name\":\"a\"}": {".": {}, "f:image": {}}}}
        });
        assert_eq!(encode(&decode(&text)), text);
    }
}
