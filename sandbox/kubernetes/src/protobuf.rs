//! Reading the protobuf bodies that kubectl sends for built-in kinds.
//!
//! Numbers of fields come from the `generated.proto` files of `k8s.io/api`; answers are always JSON.

use serde_json::{Map, Value};

use crate::schema::{Schema, Tag};

mod scalar;
mod wire;

use wire::{Content, Field};

/// Content type of the API server's protobuf.
pub const CONTENT_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// First bytes of every body.
const MAGIC: &[u8] = b"k8s\0";

/// Reads an object of a schema; none where the bytes are no such thing.
pub fn decode(bytes: &[u8], schema: &Schema) -> Option<Value> {
    let envelope = wire::fields(bytes.strip_prefix(MAGIC)?)?;
    let type_meta = wire::fields(message(&envelope, 1)?)?;
    let mut object = decode_message(message(&envelope, 2)?, schema)?;
    for (number, field) in [(1, "apiVersion"), (2, "kind")] {
        let text = message(&type_meta, number)
            .and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or_default();
        crate::object::set_field(&mut object, field, Some(text.into()));
    }
    Some(object)
}

fn message<'a>(fields: &[Field<'a>], number: u32) -> Option<&'a [u8]> {
    fields
        .iter()
        .find(|field| field.number == number)
        .and_then(|field| field.content.bytes())
}

fn decode_message(bytes: &[u8], schema: &Schema) -> Option<Value> {
    let fields = wire::fields(bytes)?;
    let mut map = Map::new();
    for (name, tag) in &schema.tags {
        let found = find(&fields, &tag.path)?;
        let Some(below) = schema.properties.get(name).filter(|_| !found.is_empty()) else {
            continue;
        };
        let value = decode_field(&found, below)?;
        // Go writes fields that are no pointers even when nobody has set them.
        if tag.pointer || schema.required.contains(name) || !is_zero(&value) {
            map.insert(name.clone(), value);
        }
    }
    Some(Value::Object(map))
}

/// Every occurrence of a field, inside the messages that JSON leaves out.
fn find<'a>(fields: &[Field<'a>], path: &[u32]) -> Option<Vec<Content<'a>>> {
    let (first, rest) = path.split_first()?;
    let here = fields.iter().filter(|field| field.number == *first);
    if rest.is_empty() {
        return Some(here.map(|field| field.content).collect());
    }
    let mut found = Vec::new();
    for field in here {
        found.extend(find(&wire::fields(field.content.bytes()?)?, rest)?);
    }
    Some(found)
}

fn decode_field(found: &[Content<'_>], schema: &Schema) -> Option<Value> {
    if let Some(items) = &schema.items {
        let elements = found
            .iter()
            .map(|content| decode_one(*content, items))
            .collect::<Option<Vec<_>>>()?;
        return Some(Value::Array(elements));
    }
    if let Some(additional) = &schema.additional {
        let entries = found
            .iter()
            .map(|content| decode_entry(content.bytes()?, additional));
        return entries.collect::<Option<Map<_, _>>>().map(Value::Object);
    }
    decode_one(*found.last()?, schema)
}

/// An entry of a map: key is field 1, value field 2.
fn decode_entry(bytes: &[u8], schema: &Schema) -> Option<(String, Value)> {
    let fields = wire::fields(bytes)?;
    let key = std::str::from_utf8(message(&fields, 1).unwrap_or_default()).ok()?;
    let value = fields.iter().find(|field| field.number == 2);
    let value = value.map_or(Some(Value::from("")), |field| {
        decode_field(&[field.content], schema)
    })?;
    Some((key.to_owned(), value))
}

fn decode_one(content: Content<'_>, schema: &Schema) -> Option<Value> {
    if schema.tags.is_empty() {
        scalar::decode(content, schema)
    } else {
        decode_message(content.bytes()?, schema)
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

impl Tag {
    /// Reads `4`, `1.2` (field 2 of the message in field 1) or `4*` (a pointer in Go: zero is a value).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (numbers, pointer) = text
            .strip_suffix('*')
            .map_or((text, false), |numbers| (numbers, true));
        let path = numbers
            .split('.')
            .map(str::parse)
            .collect::<Result<Vec<u32>, _>>()
            .ok()?;
        Some(Self { path, pointer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin;
    use serde_json::json;

    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, content.len() as u8], content].concat()
    }

    #[test]
    fn reads_a_secret() {
        let metadata = [
            field(1, b"s"),
            field(3, b""),
            field(11, &[field(1, b"a"), field(2, b"b")].concat()),
        ]
        .concat();
        let data = [field(1, b"token"), field(2, b"xyz")].concat();
        let raw = [field(1, &metadata), field(2, &data), field(3, b"Opaque")].concat();
        let type_meta = [field(1, b"v1"), field(2, b"Secret")].concat();
        let body = [MAGIC, &field(1, &type_meta), &field(2, &raw)].concat();
        let schema = builtin::library().unwrap().get("Secret").unwrap();
        let expected = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {"name": "s", "labels": {"a": "b"}}, "data": {"token": "eHl6"}});
        assert_eq!(decode(&body, &schema), Some(expected));
    }

    #[test]
    fn nonsense_is_nothing() {
        let schema = builtin::library().unwrap().get("Secret").unwrap();
        for bytes in [&b""[..], b"k8s\0\xff", b"{}", b"k8s\0\x0a\x7f"] {
            assert_eq!(decode(bytes, &schema), None);
        }
    }
}
