//! Bodies in protobuf, as kubectl sends them for requests that are questions: tokens and access reviews. All other
//! kinds it sends as JSON.

use serde_json::{Map, Value};

/// Begins every body of this kind.
const MAGIC: &[u8] = b"k8s\0";

/// The media type.
pub const CONTENT_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// A field that is read: number, name, what it holds.
type Layout = (u64, &'static str, FieldContent);

#[derive(Clone, Copy)]
enum FieldContent {
    Text,
    Texts,
    Number,
    Message(&'static [Layout]),
}

use FieldContent::{Message, Number, Text, Texts};

/// `runtime.Unknown`: type and content.
const ENVELOPE: [Layout; 1] = [(
    1,
    "type",
    Message(&[(1, "apiVersion", Text), (2, "kind", Text)]),
)];
/// Number of the content in it.
const RAW: u64 = 2;

const TOKEN_REQUEST: &[Layout] = &[(1, "audiences", Texts), (4, "expirationSeconds", Number)];
const RESOURCE: &[Layout] = &[
    (1, "namespace", Text),
    (2, "verb", Text),
    (3, "group", Text),
    (4, "version", Text),
    (5, "resource", Text),
    (6, "subresource", Text),
    (7, "name", Text),
];
const ACCESS_REVIEW: &[Layout] = &[
    (1, "resourceAttributes", Message(RESOURCE)),
    (
        2,
        "nonResourceAttributes",
        Message(&[(1, "path", Text), (2, "verb", Text)]),
    ),
];
const RULES_REVIEW: &[Layout] = &[(1, "namespace", Text)];

/// The object; none where the body is damaged or of a kind that is not asked for in protobuf.
pub fn decode(body: &[u8]) -> Option<Value> {
    let envelope = body.strip_prefix(MAGIC)?;
    let header = message(envelope, &ENVELOPE)?;
    let mut object = header.get("type")?.as_object()?.clone();
    let spec = match object.get("kind")?.as_str()? {
        "TokenRequest" => TOKEN_REQUEST,
        "SelfSubjectAccessReview" | "LocalSubjectAccessReview" => ACCESS_REVIEW,
        "SelfSubjectRulesReview" => RULES_REVIEW,
        "SelfSubjectReview" => &[],
        _ => return None,
    };
    let mut rest = envelope;
    while !rest.is_empty() {
        let (number, bytes, after) = field(rest)?;
        if let (RAW, FieldPayload::Bytes(raw)) = (number, bytes) {
            // `spec` has the number 2 in all of them; `metadata` says nothing here.
            let content = spec_of(raw, spec)?;
            object.extend(content);
        }
        rest = after;
    }
    Some(Value::Object(object))
}

fn spec_of(raw: &[u8], layout: &[Layout]) -> Option<Map<String, Value>> {
    let mut content = Map::new();
    let mut rest = raw;
    while !rest.is_empty() {
        let (number, payload, after) = field(rest)?;
        if let (2, FieldPayload::Bytes(spec)) = (number, payload) {
            content.insert("spec".into(), Value::Object(message(spec, layout)?));
        }
        rest = after;
    }
    Some(content)
}

fn message(bytes: &[u8], layout: &[Layout]) -> Option<Map<String, Value>> {
    let mut found = Map::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (number, payload, after) = field(rest)?;
        rest = after;
        let Some((_, name, content)) = layout.iter().find(|(known, ..)| *known == number) else {
            continue;
        };
        let value = match (payload, content) {
            (FieldPayload::Number(value), Number) => value.into(),
            (FieldPayload::Bytes(bytes), Message(layout)) => Value::Object(message(bytes, layout)?),
            (FieldPayload::Bytes(bytes), Text | Texts) => std::str::from_utf8(bytes).ok()?.into(),
            _ => return None,
        };
        if matches!(content, Texts) {
            let list = found
                .entry(*name)
                .or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut()?.push(value);
        } else {
            found.insert((*name).to_owned(), value);
        }
    }
    Some(found)
}

enum FieldPayload<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// One field: its number, what it holds, and what follows. Fixed-width fields do not occur here.
fn field(bytes: &[u8]) -> Option<(u64, FieldPayload<'_>, &[u8])> {
    let (key, rest) = varint(bytes)?;
    let (value, rest) = varint(rest)?;
    match key & 7 {
        0 => Some((key >> 3, FieldPayload::Number(value), rest)),
        2 => {
            let (bytes, rest) = rest.split_at_checked(usize::try_from(value).ok()?)?;
            Some((key >> 3, FieldPayload::Bytes(bytes), rest))
        }
        _ => None,
    }
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let length = bytes.iter().take(10).position(|byte| byte & 0x80 == 0)? + 1;
    let (digits, rest) = bytes.split_at_checked(length)?;
    let value = digits
        .iter()
        .rev()
        .fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A length-delimited field shorter than 128 bytes.
    fn text(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, content.len() as u8], content].concat()
    }

    #[test]
    fn a_request_for_a_token_is_read() {
        let header = [
            text(1, b"authentication.k8s.io/v1"),
            text(2, b"TokenRequest"),
        ]
        .concat();
        let spec = [text(1, b"vault"), vec![4 << 3, 0xd8, 0x04]].concat();
        let raw = [text(1, b""), text(2, &spec)].concat();
        let body = [MAGIC.to_vec(), text(1, &header), text(2, &raw)].concat();
        assert_eq!(
            decode(&body).unwrap(),
            json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                "spec": {"audiences": ["vault"], "expirationSeconds": 600}})
        );
        assert!(decode(&body[..body.len() - 1]).is_none());
        assert!(decode(b"{}").is_none());
    }
}
