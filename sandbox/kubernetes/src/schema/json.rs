//! Reading and writing schemas as OpenAPI v3 JSON with the `x-kubernetes-*` extensions.

use std::sync::Arc;

use regex_lite::Regex;
use serde_json::{Map, Value, json};

use super::{Kind, ListType, Schema};

/// Reads a schema as in a CustomResourceDefinition. Unknown keywords are ignored; a pattern that cannot be
/// compiled is an error.
pub fn from_json(value: &Value) -> Result<Schema, String> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
    let number = |name: &str| value.get(name).and_then(Value::as_f64);
    let count = |name: &str| value.get(name).and_then(Value::as_u64);
    let kind = text("type").and_then(|text| Kind::parse(&text));
    let preserve_unknown = flag("x-kubernetes-preserve-unknown-fields");
    let additional = value.get("additionalProperties");
    Ok(Schema {
        kind,
        description: text("description"),
        properties: properties(value)?,
        additional: match additional {
            Some(Value::Bool(true)) => Some(Arc::new(Schema::any())),
            Some(schema @ Value::Object(_)) => Some(Arc::new(from_json(schema)?)),
            _ => None,
        },
        items: value.get("items").map(from_json).transpose()?.map(Arc::new),
        required: strings(value.get("required")),
        enumeration: value
            .get("enum")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default(),
        pattern: text("pattern")
            .map(|text| compile_pattern(&text))
            .transpose()?,
        format: text("format"),
        minimum: number("minimum"),
        maximum: number("maximum"),
        min_length: count("minLength"),
        max_length: count("maxLength"),
        min_items: count("minItems"),
        max_items: count("maxItems"),
        nullable: flag("nullable"),
        preserve_unknown,
        int_or_string: flag("x-kubernetes-int-or-string"),
        embedded: flag("x-kubernetes-embedded-resource"),
        list_type: list_type(value),
        atomic_map: text("x-kubernetes-map-type").as_deref() == Some("atomic"),
        patch_key: text("x-kubernetes-patch-merge-key"),
        default: value.get("default").cloned(),
        tags: Default::default(),
    })
}

fn properties(value: &Value) -> Result<std::collections::BTreeMap<String, Arc<Schema>>, String> {
    let Some(map) = value.get("properties").and_then(Value::as_object) else {
        return Ok(Default::default());
    };
    map.iter()
        .map(|(name, schema)| Ok((name.clone(), Arc::new(from_json(schema)?))))
        .collect()
}

/// Compiles a pattern as Go reads it: escapes of characters that need none, such as `\/`, are accepted.
pub fn compile_pattern(text: &str) -> Result<Regex, String> {
    Regex::new(&unescape(text)).map_err(|error| format!("pattern {text:?}: {error}"))
}

fn unescape(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some(escaped @ ('/' | '_' | '"' | '\'' | ',' | '%' | '=' | '@' | ':')) => {
                out.push(escaped)
            }
            Some(escaped) => out.extend(['\\', escaped]),
            None => out.push('\\'),
        }
    }
    out
}

fn list_type(value: &Value) -> ListType {
    match value.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("set") => ListType::Set,
        Some("map") => ListType::Map(strings(value.get("x-kubernetes-list-map-keys"))),
        _ => ListType::Atomic,
    }
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let elements = value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    elements
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Writes the schema as OpenAPI v3, with all references resolved.
pub fn to_json(schema: &Schema) -> Value {
    let mut map = Map::new();
    if let Some(kind) = schema.kind {
        map.insert("type".into(), kind.as_str().into());
    }
    if !schema.properties.is_empty() {
        let fields = schema
            .properties
            .iter()
            .map(|(name, field)| (name.clone(), to_json(field)));
        map.insert("properties".into(), Value::Object(fields.collect()));
    }
    put(&mut map, "description", schema.description.clone());
    put(
        &mut map,
        "additionalProperties",
        schema.additional.as_deref().map(to_json),
    );
    put(&mut map, "items", schema.items.as_deref().map(to_json));
    put(
        &mut map,
        "required",
        (!schema.required.is_empty()).then(|| json!(schema.required)),
    );
    put(
        &mut map,
        "enum",
        (!schema.enumeration.is_empty()).then(|| json!(schema.enumeration)),
    );
    put(
        &mut map,
        "pattern",
        schema.pattern.as_ref().map(Regex::as_str),
    );
    put(&mut map, "format", schema.format.clone());
    put(&mut map, "minimum", schema.minimum.map(whole));
    put(&mut map, "maximum", schema.maximum.map(whole));
    put(&mut map, "minLength", schema.min_length);
    put(&mut map, "maxLength", schema.max_length);
    put(&mut map, "minItems", schema.min_items);
    put(&mut map, "maxItems", schema.max_items);
    put(&mut map, "default", schema.default.clone());
    put_extensions(&mut map, schema);
    Value::Object(map)
}

fn put_extensions(map: &mut Map<String, Value>, schema: &Schema) {
    put(map, "nullable", schema.nullable.then_some(true));
    put(
        map,
        "x-kubernetes-preserve-unknown-fields",
        schema.preserve_unknown.then_some(true),
    );
    put(
        map,
        "x-kubernetes-int-or-string",
        schema.int_or_string.then_some(true),
    );
    put(
        map,
        "x-kubernetes-embedded-resource",
        schema.embedded.then_some(true),
    );
    put(
        map,
        "x-kubernetes-map-type",
        schema.atomic_map.then_some("atomic"),
    );
    match &schema.list_type {
        ListType::Atomic => {}
        ListType::Set => put(map, "x-kubernetes-list-type", Some("set")),
        ListType::Map(keys) => {
            put(map, "x-kubernetes-list-type", Some("map"));
            put(map, "x-kubernetes-list-map-keys", Some(json!(keys)));
        }
    }
    if let Some(key) = &schema.patch_key {
        put(map, "x-kubernetes-patch-merge-key", Some(key.clone()));
        put(map, "x-kubernetes-patch-strategy", Some("merge"));
    }
}

fn put(map: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), value.into());
    }
}

fn whole(number: f64) -> Value {
    let truncated = number as i64;
    if truncated as f64 == number {
        truncated.into()
    } else {
        number.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_a_round_trip() {
        let text = json!({
            "type": "object", "required": ["a"],
            "properties": {
                "a": {"type": "string", "pattern": "^x$", "enum": ["x"], "default": "x"},
                "b": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                      "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
                "c": {"x-kubernetes-int-or-string": true, "nullable": true},
                "d": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}
            }
        });
        assert_eq!(to_json(&from_json(&text).unwrap()), text);
    }

    #[test]
    fn accepts_needless_escapes_as_go_does() {
        let schema =
            from_json(&json!({"type": "string", "pattern": r"https?:\/\/[-a-z:%_\+.~#?&\/\/=]*"}))
                .unwrap();
        assert!(schema.pattern.unwrap().is_match("https://a/b"));
    }
}
