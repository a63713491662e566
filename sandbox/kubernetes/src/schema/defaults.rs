//! Filling in defaults.

use serde_json::Value;

use super::SchemaNode;

/// Sets missing fields that have a default, at every depth of what is there.
pub fn apply_defaults(value: &mut Value, schema: &SchemaNode) {
    match value {
        Value::Object(map) => {
            for (name, field) in &schema.properties {
                if let Some(default) = &field.default
                    && !map.contains_key(name)
                {
                    map.insert(name.clone(), default.clone());
                }
            }
            for (name, field) in map.iter_mut() {
                if let Some(schema) = schema.field(name) {
                    apply_defaults(field, schema);
                }
            }
        }
        Value::Array(elements) => {
            let Some(items) = &schema.items else { return };
            elements
                .iter_mut()
                .for_each(|element| apply_defaults(element, items));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fills_only_what_exists_above() {
        let schema = SchemaNode::from_json(&json!({"type": "object", "properties": {
            "spec": {"type": "object", "properties": {"kind": {"type": "string", "default": "kubernetes"}}}}}))
        .unwrap();
        let mut with = json!({"spec": {}});
        apply_defaults(&mut with, &schema);
        assert_eq!(with, json!({"spec": {"kind": "kubernetes"}}));
        let mut without = json!({});
        apply_defaults(&mut without, &schema);
        assert_eq!(without, json!({}));
    }
}
