//! One step of a field path, and its two spellings: in `fieldsV1` keys and in messages.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// A step from a value to one inside it.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// A field of an object.
    Field(String),
    /// An element of a keyed list, by its keys.
    Key(BTreeMap<String, Value>),
    /// An element of a set, by value.
    Value(Value),
    /// An element of a list, by position.
    Index(usize),
}

impl Eq for Element {}

impl Ord for Element {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Field(left), Self::Field(right)) => left.cmp(right),
            _ => self.encode().cmp(&other.encode()),
        }
    }
}

impl PartialOrd for Element {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Element {
    /// A field of an object.
    pub fn field(name: &str) -> Self {
        Self::Field(name.to_owned())
    }

    /// As a key of `fieldsV1`: `f:name`, `k:{"name":"x"}`, `v:"x"`, `i:0`.
    pub fn encode(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Key(keys) => format!("k:{}", serde_json::json!(keys)),
            Self::Value(value) => format!("v:{value}"),
            Self::Index(index) => format!("i:{index}"),
        }
    }

    /// From a key of `fieldsV1`.
    pub fn decode(text: &str) -> Result<Self, String> {
        let bad = || format!("cannot read the path element {text:?}");
        let (kind, rest) = text.split_once(':').ok_or_else(bad)?;
        match kind {
            "f" => Ok(Self::field(rest)),
            "k" => serde_json::from_str(rest).map(Self::Key).map_err(|_| bad()),
            "v" => serde_json::from_str(rest)
                .map(Self::Value)
                .map_err(|_| bad()),
            "i" => rest.parse().map(Self::Index).map_err(|_| bad()),
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(formatter, ".{name}"),
            Self::Value(value) => write!(formatter, "[={value}]"),
            Self::Index(index) => write!(formatter, "[{index}]"),
            Self::Key(keys) => {
                let parts = keys.iter().map(|(name, value)| format!("{name}={value}"));
                write!(formatter, "[{}]", parts.collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// Steps from the object's root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Element>);

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|element| write!(formatter, "{element}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_spellings() {
        let key = Element::Key(BTreeMap::from([("name".into(), json!("web"))]));
        assert_eq!(key.encode(), r#"k:{"name":"web"}"#);
        let path = Path(vec![
            Element::field("spec"),
            key,
            Element::Value(json!("a")),
            Element::Index(2),
        ]);
        assert_eq!(path.to_string(), r#".spec[name="web"][="a"][2]"#);
        for element in path.0 {
            assert_eq!(Element::decode(&element.encode()).unwrap(), element);
        }
    }
}
