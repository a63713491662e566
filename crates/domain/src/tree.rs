//! JSON and YAML as a tree that still knows which keys stood twice.
//!
//! `serde_json::Value` keeps the last of two equal keys. A guide's example has two fields twice, and the
//! API unites them; for any other field the caller has to learn that one value would have been lost.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

pub(crate) mod read;
pub(crate) mod slip;
mod yaml;

/// A value. No `Debug`: it may hold a kubeconfig.
#[derive(Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, PartialEq)]
pub(crate) struct Entry {
    pub key: String,
    pub value: Node,
    /// Where an equal key stands before this one in the same map.
    pub repetition: Option<Repetition>,
}

/// A key that stands twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repetition {
    /// Of JSON: its number, counted through the whole text from 0. See [`read::place_of_repetition`].
    Number(usize),
    /// Of YAML: line and column, both from 1, where known.
    At(Option<(u32, u32)>),
}

impl Node {
    /// Kind of the value, for messages: never the value itself.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number with a fraction or an exponent",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
        }
    }

    /// `null` and `""` mean absent: the command line of the original sends every field.
    pub(crate) fn is_absent(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The value of a key of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else {
            return None;
        };
        let entry = entries.iter().find(|entry| entry.key == key)?;
        (!entry.value.is_absent()).then_some(&entry.value)
    }

    /// The text, if it is one and not empty.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

/// Converts an API server's answer, in which no key stands twice.
impl From<&Value> for Node {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => match number.as_i128() {
                Some(integer) => Self::Integer(integer),
                None => Self::Float(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(fields) => Self::Map(fields.iter().map(entry).collect()),
        }
    }
}

fn entry((key, value): (&String, &Value)) -> Entry {
    Entry {
        key: key.clone(),
        value: Node::from(value),
        repetition: None,
    }
}

/// Of equal keys the last one is kept.
impl From<Node> for Value {
    fn from(node: Node) -> Self {
        match node {
            Node::Null => Self::Null,
            Node::Bool(value) => Self::Bool(value),
            Node::Integer(number) => match i64::try_from(number) {
                Ok(number) => Self::from(number),
                Err(_) => u64::try_from(number).map_or(Self::from(number as f64), Self::from),
            },
            Node::Float(number) => Self::from(number),
            Node::Text(text) => Self::String(text),
            Node::List(items) => items.into_iter().map(Self::from).collect(),
            Node::Map(entries) => entries
                .into_iter()
                .map(|entry| (entry.key, Self::from(entry.value)))
                .collect(),
        }
    }
}

/// Builds a [`Node`] from JSON.
#[derive(Clone, Copy)]
struct Seed<'a> {
    /// How many repeated keys were met so far.
    repetitions: &'a Cell<usize>,
    /// The repetition at which to stop with an error, so that the parser says where it is.
    stop_at: Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut seen = BTreeSet::new();
        let mut entries = Vec::new();
        while let Some((key, repetition)) = map.next_key_seed(Key {
            seen: &mut seen,
            seed: self,
        })? {
            let value = map.next_value_seed(self)?;
            entries.push(Entry {
                key,
                value,
                repetition,
            });
        }
        Ok(Node::Map(entries))
    }
}

impl Seed<'_> {
    fn count_repetition<E: de::Error>(self) -> Result<usize, E> {
        let number = self.repetitions.get();
        if self.stop_at == Some(number) {
            return Err(E::custom("a key stands twice"));
        }
        self.repetitions.set(number + 1);
        Ok(number)
    }
}

/// A key of a map. Repetitions are noticed here, so that an error is at the key.
struct Key<'a> {
    seen: &'a mut BTreeSet<String>,
    seed: Seed<'a>,
}

impl Key<'_> {
    fn noted<E: de::Error>(self, key: String) -> Result<(String, Option<Repetition>), E> {
        let repetition = if self.seen.insert(key.clone()) {
            None
        } else {
            Some(Repetition::Number(self.seed.count_repetition()?))
        };
        Ok((key, repetition))
    }
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = (String, Option<Repetition>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = (String, Option<Repetition>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key that is a string")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        self.noted(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::read::{Format, strict_yaml, tree};
    use super::*;

    fn keys(node: Node) -> Vec<String> {
        match node {
            Node::Map(entries) => entries.into_iter().map(|entry| entry.key).collect(),
            other => panic!("{}", other.kind()),
        }
    }

    #[test]
    fn keys_are_taken_as_they_are_written() {
        let text = "a: 1\n1: a\n0x10: b\ntrue: c\n1.50: e\nyes: g\n'': h\n";
        let written = ["a", "1", "0x10", "true", "1.50", "yes", ""];
        assert_eq!(keys(strict_yaml(text).unwrap()), written);
        assert_eq!(keys(tree(text, Format::Yaml).unwrap()), written);
    }

    #[test]
    fn keys_are_scalars() {
        for text in ["~: a", "null: a", "[a]: b", "{a: b}: c"] {
            assert!(strict_yaml(text).is_err(), "{text}");
        }
    }
}
