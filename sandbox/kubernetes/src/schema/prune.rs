//! Dropping fields that the schema does not know.

use serde_json::Value;

use super::{SchemaNode, join};

/// Removes undeclared fields and nulls that are no values; answers the paths of the undeclared fields.
/// `apiVersion`, `kind` and `metadata` of the object itself are always known.
pub fn prune(object: &mut Value, schema: &SchemaNode) -> Vec<String> {
    let mut unknown = Vec::new();
    prune_node(object, schema, "", true, &mut unknown);
    unknown
}

fn prune_node(
    value: &mut Value,
    schema: &SchemaNode,
    path: &str,
    is_object_root: bool,
    unknown: &mut Vec<String>,
) {
    match value {
        Value::Object(map) => {
            map.retain(|name, field| {
                let is_header = is_object_root && is_object_header(name);
                if !is_header && !schema.preserve_unknown && schema.field(name).is_none() {
                    unknown.push(join(path, name));
                    return false;
                }
                !field.is_null() || schema.field(name).is_none_or(|schema| schema.nullable)
            });
            for (name, field) in map.iter_mut() {
                if let Some(schema) = schema.field(name) {
                    prune_node(field, schema, &join(path, name), schema.embedded, unknown);
                }
            }
        }
        Value::Array(elements) => {
            let Some(items) = &schema.items else { return };
            for (index, element) in elements.iter_mut().enumerate() {
                prune_node(
                    element,
                    items,
                    &format!("{path}[{index}]"),
                    items.embedded,
                    unknown,
                );
            }
        }
        _ => {}
    }
}

fn is_object_header(name: &str) -> bool {
    matches!(name, "apiVersion" | "kind" | "metadata")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn drops_unknown_fields_and_names_them() {
        let schema = SchemaNode::from_json(&json!({"type": "object", "properties": {
            "spec": {"type": "object", "properties": {"list": {"type": "array", "items":
                {"type": "object", "properties": {"a": {"type": "string"}}}}}},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}
        }}))
        .unwrap();
        let mut object = json!({"kind": "X", "spec": {"list": [{"a": "1", "b": 2}], "c": 1}, "free": {"d": null}});
        assert_eq!(prune(&mut object, &schema), ["spec.c", "spec.list[0].b"]);
        assert_eq!(
            object,
            json!({"kind": "X", "spec": {"list": [{"a": "1"}]}, "free": {"d": null}})
        );
    }

    #[test]
    fn drops_nulls_of_fields_that_are_not_nullable() {
        let schema = SchemaNode::from_json(&json!({"type": "object", "properties": {
            "a": {"type": "string"}, "b": {"type": "string", "nullable": true}}}))
        .unwrap();
        let mut object = json!({"a": null, "b": null});
        assert_eq!(prune(&mut object, &schema), Vec::<String>::new());
        assert_eq!(object, json!({"b": null}));
    }
}
