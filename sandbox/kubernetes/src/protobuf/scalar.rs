//! Values without fields of their own, and the four messages that JSON writes as scalars.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::wire::{self, Content};
use crate::schema::{Kind, Schema};

/// Reads a scalar; null for what JSON leaves out, and for objects without a described content.
pub fn decode(content: Content<'_>, schema: &Schema) -> Option<Value> {
    if schema.int_or_string {
        return int_or_string(content.bytes()?);
    }
    match (schema.kind, schema.format.as_deref()) {
        (None, _) => quantity(content.bytes()?),
        (Some(Kind::String), Some("date-time")) => time(content.bytes()?),
        (Some(Kind::String), Some("byte")) => Some(STANDARD.encode(content.bytes()?).into()),
        (Some(Kind::String), _) => std::str::from_utf8(content.bytes()?).ok().map(Value::from),
        (Some(Kind::Integer | Kind::Number), _) => number(content).map(Value::from),
        (Some(Kind::Boolean), _) => number(content).map(|number| Value::from(number != 0)),
        (Some(Kind::Object | Kind::Array), _) => Some(Value::Null),
    }
}

fn number(content: Content<'_>) -> Option<i64> {
    match content {
        Content::Varint(number) => Some(number as i64),
        Content::Bytes(_) => None,
    }
}

/// `IntOrString`: 1 is the type, 2 the number, 3 the string.
fn int_or_string(bytes: &[u8]) -> Option<Value> {
    let fields = wire::fields(bytes)?;
    let field = |number: u32| {
        fields
            .iter()
            .find(|field| field.number == number)
            .map(|field| field.content)
    };
    if field(1).and_then(number).unwrap_or_default() == 0 {
        return Some(field(2).and_then(number).unwrap_or_default().into());
    }
    std::str::from_utf8(field(3)?.bytes()?)
        .ok()
        .map(Value::from)
}

/// `Quantity`: 1 is its text.
fn quantity(bytes: &[u8]) -> Option<Value> {
    let fields = wire::fields(bytes)?;
    let text = fields
        .iter()
        .find(|field| field.number == 1)?
        .content
        .bytes()?;
    std::str::from_utf8(text).ok().map(Value::from)
}

/// `Time`: 1 is the seconds since 1970; without them it is unset.
fn time(bytes: &[u8]) -> Option<Value> {
    let fields = wire::fields(bytes)?;
    let Some(seconds) = fields
        .iter()
        .find(|field| field.number == 1)
        .and_then(|field| number(field.content))
    else {
        return Some(Value::Null);
    };
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    time.format(&Rfc3339).ok().map(Value::from)
}
