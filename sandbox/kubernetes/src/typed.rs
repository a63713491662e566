//! Values seen through a schema, as server-side apply needs them: their fields, their differences, merging.
//!
//! Semantics follow Kubernetes' structured merge: unknown maps are granular, unknown lists atomic.

use serde_json::{Map, Value};

use crate::fields::Element;
use crate::schema::{ListType, Schema};

mod check;
mod compare;
mod field_set;
mod list;
mod merge;
mod remove;

pub use check::check_config;
pub use compare::{Comparison, compare};
pub use field_set::field_set;
pub use merge::merge;
pub use remove::remove;

/// What a node is to structured merge.
enum Shape<'a> {
    /// Owned as one.
    Leaf,
    /// Fields are owned by themselves.
    Map(&'a Map<String, Value>),
    /// Elements are owned by themselves.
    List(&'a [Value]),
}

fn shape<'a>(value: &'a Value, schema: Option<&Schema>) -> Shape<'a> {
    match value {
        Value::Object(map) if !schema.is_some_and(|schema| schema.atomic_map) => Shape::Map(map),
        Value::Array(elements) if is_associative(schema) => Shape::List(elements),
        _ => Shape::Leaf,
    }
}

fn is_associative(schema: Option<&Schema>) -> bool {
    schema.is_some_and(|schema| schema.list_type != ListType::Atomic)
}

fn field_schema<'a>(schema: Option<&'a Schema>, name: &str) -> Option<&'a Schema> {
    schema?.field(name).map(AsRef::as_ref)
}

fn item_schema(schema: Option<&Schema>) -> Option<&Schema> {
    schema?.items.as_deref()
}

fn is_declared(schema: Option<&Schema>, name: &str) -> bool {
    schema.is_some_and(|schema| schema.properties.contains_key(name))
}

/// A path under construction and what is done at its end.
fn descend<R>(
    path: &mut Vec<Element>,
    element: Element,
    inside: impl FnOnce(&mut Vec<Element>) -> R,
) -> R {
    path.push(element);
    let result = inside(path);
    path.pop();
    result
}
