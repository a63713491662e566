//! Untyped values as a person would write them.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_saphyr::LitStr;

/// A Kubernetes object: keys in the usual order whatever order the value keeps them in, text of several
/// lines as a literal block where that is safe.
#[derive(Debug, Clone, Copy)]
pub struct Manifest<'a>(pub &'a Value);

/// Keys that come first, in this order; the others follow alphabetically.
const FIRST: [&str; 5] = ["apiVersion", "kind", "metadata", "name", "namespace"];

impl Serialize for Manifest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) => {
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_by_key(|(key, _)| (rank(key), *key));
                let mut out = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    out.serialize_entry(key, &Manifest(value))?;
                }
                out.end()
            }
            Value::Array(items) => {
                let mut out = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    out.serialize_element(&Manifest(item))?;
                }
                out.end()
            }
            Value::String(text) if is_block(text) => LitStr(text).serialize(serializer),
            other => other.serialize(serializer),
        }
    }
}

fn rank(key: &str) -> usize {
    let position = FIRST.iter().position(|first| *first == key);
    position.unwrap_or(FIRST.len())
}

/// Tells whether every reader takes the text back from a literal block unchanged. Narrower than the specification:
/// Go's readers refuse a leading tab, and differ on leading and trailing empty lines.
fn is_block(text: &str) -> bool {
    let printable = |char: char| char == '\n' || (char == ' ' || char.is_ascii_graphic());
    text.contains('\n')
        && !text.starts_with([' ', '\n'])
        && !text.ends_with("\n\n")
        && !text.lines().any(|line| line.ends_with(' '))
        && text.chars().all(printable)
}
