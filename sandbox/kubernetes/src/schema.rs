//! Structural schemas: what objects look like, for built-in kinds and custom resources alike.
//!
//! One representation drives pruning, defaulting, validation, server-side apply, strategic merge patches and
//! the published OpenAPI documents. It is the subset of OpenAPI v3 that CustomResourceDefinitions allow.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex_lite::Regex;
use serde_json::Value;

mod defaults;
mod json;
mod prune;
mod text;
mod validate;

pub use defaults::apply_defaults;
pub use json::{compile_pattern, from_json, to_json};
pub use prune::prune;
pub use text::TypeLibrary;
pub use validate::validate;

/// JSON type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A map.
    Object,
    /// A list.
    Array,
    /// A string.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Boolean,
}

impl Kind {
    /// As in OpenAPI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
        }
    }

    /// From OpenAPI.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Object,
            Self::Array,
            Self::String,
            Self::Integer,
            Self::Number,
            Self::Boolean,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }
}

/// How server-side apply treats a list (`x-kubernetes-list-type`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ListType {
    /// One manager owns the whole list.
    #[default]
    Atomic,
    /// Scalars, each owned by itself.
    Set,
    /// Objects told apart by these keys.
    Map(Vec<String>),
}

/// A schema node. Absent limits are `None`, absent collections empty.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// JSON type; none means any.
    pub kind: Option<Kind>,
    /// Text for `kubectl explain`.
    pub description: Option<String>,
    /// Declared fields of an object.
    pub properties: BTreeMap<String, Arc<Schema>>,
    /// Schema of all other fields of an object.
    pub additional: Option<Arc<Schema>>,
    /// Schema of a list's elements.
    pub items: Option<Arc<Schema>>,
    /// Fields an object must have.
    pub required: Vec<String>,
    /// Allowed values.
    pub enumeration: Vec<Value>,
    /// Unanchored regular expression for strings.
    pub pattern: Option<Regex>,
    /// Format such as `int32`, `date-time` or `byte`.
    pub format: Option<String>,
    /// Smallest number.
    pub minimum: Option<f64>,
    /// Largest number.
    pub maximum: Option<f64>,
    /// Shortest string, in characters.
    pub min_length: Option<u64>,
    /// Longest string, in characters.
    pub max_length: Option<u64>,
    /// Fewest elements.
    pub min_items: Option<u64>,
    /// Most elements.
    pub max_items: Option<u64>,
    /// Null is a value.
    pub nullable: bool,
    /// Undeclared fields are kept.
    pub preserve_unknown: bool,
    /// A whole number or a string.
    pub int_or_string: bool,
    /// The value is itself an object with apiVersion, kind and metadata.
    pub embedded: bool,
    /// Server-side apply's view of a list.
    pub list_type: ListType,
    /// Server-side apply owns the map as one.
    pub atomic_map: bool,
    /// Key of the strategic merge patch, for lists that it merges.
    pub patch_key: Option<String>,
    /// Value for a missing field.
    pub default: Option<Value>,
    /// Where protobuf bodies have the declared fields.
    pub tags: BTreeMap<String, Tag>,
}

/// Place of a field in a protobuf message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tag {
    /// Field numbers; more than one where JSON leaves out a message in between.
    pub path: Vec<u32>,
    /// A pointer in Go: present means set, even if zero.
    pub pointer: bool,
}

impl Schema {
    /// A node of one type and nothing more.
    pub fn of(kind: Kind) -> Self {
        Self {
            kind: Some(kind),
            ..Self::default()
        }
    }

    /// Anything at all.
    pub fn any() -> Self {
        Self {
            preserve_unknown: true,
            ..Self::default()
        }
    }

    /// Schema of a field: declared or additional.
    pub fn field(&self, name: &str) -> Option<&Arc<Schema>> {
        self.properties.get(name).or(self.additional.as_ref())
    }
}

/// Appends a field to a path such as `spec.names`.
pub(crate) fn join(path: &str, field: &str) -> String {
    if path.is_empty() {
        field.to_owned()
    } else {
        format!("{path}.{field}")
    }
}
