//! From text to tree.

use std::cell::Cell;

use serde::de::DeserializeSeed;

use super::yaml::{self, Booleans, Budget, Repetitions};
use super::{Node, Seed, slip};

/// Where and why a text is no tree. Never contains a value of the text: it may hold a kubeconfig.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub reason: Reason,
    /// Line and column, both from 1, where known.
    pub at: Option<(u32, u32)>,
}

/// Why a text is no tree.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("several documents where one is expected")]
    SeveralDocuments,
    #[error("key {} stands twice", crate::quoted(.0))]
    RepeatedKey(String),
    #[error("too many values, levels or aliases")]
    Limit,
    #[error("a non-breaking or other space or line break that YAML takes for a letter")]
    OddSpace,
    /// Message of the parser.
    #[error("{0}")]
    Syntax(String),
}

/// The two ways to write a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Yaml,
}

/// Reads one document.
pub(crate) fn tree(text: &str, format: Format) -> Result<Node, Unreadable> {
    match format {
        Format::Json => json(text, None),
        Format::Yaml => request_yaml(text, Repetitions::Mark, Booleans::Core),
    }
}

/// Reads what people write and copy.
fn request_yaml(
    text: &str,
    repetitions: Repetitions,
    booleans: Booleans,
) -> Result<Node, Unreadable> {
    if let Some((line, column)) = slip::odd_space(text) {
        return Err(Unreadable {
            reason: Reason::OddSpace,
            at: place(line, column),
        });
    }
    yaml::tree(text, repetitions, booleans, Budget::REQUEST)
}

/// Line and column of a repeated key of JSON. Costs another reading.
pub(crate) fn place_of_repetition(text: &str, number: usize) -> Option<(u32, u32)> {
    json(text, Some(number)).err()?.at
}

/// Reads a YAML document in which no key stands twice.
pub(crate) fn strict_yaml(text: &str) -> Result<Node, Unreadable> {
    yaml::tree(text, Repetitions::Refuse, Booleans::Core, Budget::FILE)
}

/// Reads a resource file, in which a key may stand twice as in a body.
pub(crate) fn resource_yaml(text: &str) -> Result<Node, Unreadable> {
    yaml::tree(text, Repetitions::Mark, Booleans::Core, Budget::FILE)
}

/// Reads a kubeconfig as kubectl does: with the booleans of YAML 1.1.
pub(crate) fn kubeconfig_yaml(text: &str) -> Result<Node, Unreadable> {
    request_yaml(text, Repetitions::Refuse, Booleans::Yaml11)
}

fn json(text: &str, stop_at: Option<usize>) -> Result<Node, Unreadable> {
    let repetitions = Cell::new(0);
    let seed = Seed {
        repetitions: &repetitions,
        stop_at,
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = seed
        .deserialize(&mut deserializer)
        .and_then(|node| deserializer.end().map(|()| node));
    read.map_err(|error| {
        // serde_json's own messages are fixed texts; ours above are too.
        let message = error.to_string();
        let end = message.find(" at line ").unwrap_or(message.len());
        Unreadable {
            reason: Reason::Syntax(message.get(..end).unwrap_or_default().to_owned()),
            at: place(error.line(), error.column()),
        }
    })
}

pub(super) fn place(line: usize, column: usize) -> Option<(u32, u32)> {
    let line = u32::try_from(line).ok().filter(|line| *line > 0)?;
    // A column of 0 is the line break before the line.
    Some((line, u32::try_from(column).ok()?.max(1)))
}
