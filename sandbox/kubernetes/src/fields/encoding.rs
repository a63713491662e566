//! `fieldsV1`: nested maps whose keys are path elements; `.` marks a member that has children.

use serde_json::{Map, Value};

use super::{Element, FieldSet};

/// Writes a set as `fieldsV1`.
pub fn encode(set: &FieldSet) -> Value {
    let mut map = Map::new();
    for member in &set.members {
        if !set.children.contains_key(member) {
            map.insert(member.encode(), Value::Object(Map::new()));
        }
    }
    for (element, child) in &set.children {
        let mut encoded = encode(child);
        if let Value::Object(inner) = &mut encoded
            && set.members.contains(element)
        {
            inner.insert(".".to_owned(), Value::Object(Map::new()));
        }
        map.insert(element.encode(), encoded);
    }
    Value::Object(map)
}

/// Reads a set from `fieldsV1`.
pub fn decode(value: &Value) -> Result<FieldSet, String> {
    let mut set = FieldSet::default();
    let map = value.as_object().ok_or("fieldsV1 is not a map")?;
    for (key, below) in map.iter().filter(|(key, _)| *key != ".") {
        let element = Element::decode(key)?;
        let is_leaf = below.as_object().is_none_or(Map::is_empty);
        if is_leaf || below.get(".").is_some() {
            set.members.insert(element.clone());
        }
        let child = if is_leaf {
            FieldSet::default()
        } else {
            decode(below)?
        };
        if !child.is_empty() {
            set.children.insert(element, child);
        }
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn survives_a_round_trip() {
        let text = json!({
            "f:metadata": {"f:labels": {".": {}, "f:app": {}}, "f:finalizers": {"v:\"x\"": {}}},
            "f:spec": {"f:containers": {"k:{\"name\":\"a\"}": {".": {}, "f:image": {}, "f:name": {}}}}
        });
        assert_eq!(encode(&decode(&text).unwrap()), text);
    }

    #[test]
    fn refuses_what_is_no_path() {
        assert!(decode(&json!({"nonsense": {}})).is_err());
    }
}
