//! Structural schemas: the part of a CustomResourceDefinition's OpenAPI v3 that decides what is stored.
//!
//! Types, required fields, choices and patterns are judged, unknown fields dropped, defaults filled in. Lengths,
//! ranges, `anyOf` and CEL are left to a real API server. Built-in kinds have no schema but that of their lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex_lite::Regex;
use serde_json::Value;

mod defaults;
mod prune;
mod validate;

pub use defaults::apply_defaults;
pub use prune::prune;
pub use validate::validate;

/// Treatment of a list by server-side apply (`x-kubernetes-list-type`).
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
pub struct SchemaNode {
    /// JSON type such as `object`; empty means any.
    pub type_name: String,
    /// Declared fields of an object.
    pub properties: BTreeMap<String, Arc<SchemaNode>>,
    /// Schema of all other fields of an object.
    pub additional: Option<Arc<SchemaNode>>,
    /// Schema of a list's elements.
    pub items: Option<Arc<SchemaNode>>,
    /// Fields an object must have.
    pub required: Vec<String>,
    /// Allowed values.
    pub enumeration: Vec<Value>,
    /// Unanchored regular expression for strings.
    pub pattern: Option<Regex>,
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
    /// Value for a missing field.
    pub default: Option<Value>,
}

impl SchemaNode {
    /// Reads a schema as in a CustomResourceDefinition. Unknown keywords are ignored; a pattern that cannot be
    /// compiled is an error.
    pub fn from_json(value: &Value) -> Result<Self, String> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
        let below = |name: &str| {
            let schema = value.get(name).filter(|schema| schema.is_object());
            schema.map(Self::from_json).transpose()
        };
        Ok(Self {
            type_name: text("type").to_owned(),
            properties: properties(value)?,
            additional: below("additionalProperties")?.map(Arc::new),
            items: below("items")?.map(Arc::new),
            required: strings(value.get("required")),
            enumeration: value
                .get("enum")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default(),
            pattern: value
                .get("pattern")
                .and_then(Value::as_str)
                .map(compile_pattern)
                .transpose()?,
            nullable: flag("nullable"),
            preserve_unknown: flag("x-kubernetes-preserve-unknown-fields")
                || value.get("additionalProperties") == Some(&Value::Bool(true)),
            int_or_string: flag("x-kubernetes-int-or-string"),
            embedded: flag("x-kubernetes-embedded-resource"),
            list_type: match text("x-kubernetes-list-type") {
                "set" => ListType::Set,
                "map" => ListType::Map(strings(value.get("x-kubernetes-list-map-keys"))),
                _ => ListType::Atomic,
            },
            atomic_map: text("x-kubernetes-map-type") == "atomic",
            default: value.get("default").cloned(),
        })
    }

    /// A node of one type and nothing more.
    pub fn of(type_name: &str) -> Self {
        Self {
            type_name: type_name.to_owned(),
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
    pub fn field(&self, name: &str) -> Option<&Arc<SchemaNode>> {
        self.properties.get(name).or(self.additional.as_ref())
    }
}

fn properties(value: &Value) -> Result<BTreeMap<String, Arc<SchemaNode>>, String> {
    let fields = value.get("properties").and_then(Value::as_object);
    fields
        .into_iter()
        .flatten()
        .map(|(name, schema)| Ok((name.clone(), Arc::new(SchemaNode::from_json(schema)?))))
        .collect()
}

/// Compiles a pattern as Go reads it: escapes of characters that need none, such as `\/`, are accepted.
fn compile_pattern(pattern: &str) -> Result<Regex, String> {
    let mut unescaped = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match (character, characters.clone().next()) {
            ('\\', Some('/' | '_' | '"' | '\'' | ',' | '%' | '=' | '@' | ':')) => {}
            ('\\', Some(escaped)) => {
                unescaped.extend(['\\', escaped]);
                characters.next();
            }
            _ => unescaped.push(character),
        }
    }
    Regex::new(&unescaped).map_err(|error| format!("pattern {pattern:?}: {error}"))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let elements = value.and_then(Value::as_array).into_iter().flatten();
    elements
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Appends a field to a path such as `spec.names`.
pub(crate) fn join(path: &str, field: &str) -> String {
    if path.is_empty() {
        field.to_owned()
    } else {
        format!("{path}.{field}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn needless_escapes_are_accepted_as_go_does() {
        let pattern = r"https?:\/\/[-a-z:%_\+.~#?&\/\/=]*\d";
        let schema = SchemaNode::from_json(&json!({"type": "string", "pattern": pattern})).unwrap();
        assert!(schema.pattern.unwrap().is_match("https://a/b1"));
    }
}
