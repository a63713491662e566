//! From text to tree.

use std::cell::Cell;

use serde::de::DeserializeSeed;
use serde_saphyr::options::DuplicateKeyPolicy;

use super::{Node, Seed};

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
    #[error("key {0:?} stands twice")]
    RepeatedKey(String),
    #[error("too many values, levels or aliases")]
    Limit,
    /// What the parser says.
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
    read(text, format, None)
}

/// Line and column of a repeated key, by its number in [`super::Entry`].
pub(crate) fn place_of_repetition(text: &str, format: Format, number: usize) -> Option<(u32, u32)> {
    read(text, format, Some(number)).err()?.at
}

fn read(text: &str, format: Format, stop_at: Option<usize>) -> Result<Node, Unreadable> {
    let repetitions = Cell::new(0);
    let seed = Seed {
        repetitions: &repetitions,
        stop_at,
    };
    match format {
        Format::Json => json(text, seed),
        // Equal keys are kept apart by the tree. (Those that are integers are not: the later one is taken.)
        Format::Yaml => yaml(text, seed, DuplicateKeyPolicy::LastWins),
    }
}

fn json(text: &str, seed: Seed<'_>) -> Result<Node, Unreadable> {
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

/// Reads a YAML document in which no key stands twice.
pub(crate) fn strict_yaml(text: &str) -> Result<Node, Unreadable> {
    let repetitions = Cell::new(0);
    let seed = Seed {
        repetitions: &repetitions,
        stop_at: None,
    };
    yaml(text, seed, DuplicateKeyPolicy::Error)
}

fn yaml(
    text: &str,
    seed: Seed<'_>,
    duplicate_keys: DuplicateKeyPolicy,
) -> Result<Node, Unreadable> {
    let options = serde_saphyr::options! {
        duplicate_keys: duplicate_keys,
        // `yes` and `on` are strings in YAML 1.2.
        strict_booleans: true,
        // It would put the text into the message.
        with_snippet: false,
    };
    serde_saphyr::with_deserializer_from_str_with_options(text, options, |deserializer| {
        seed.deserialize(deserializer)
    })
    .map_err(|error| Unreadable {
        at: yaml_place(&error),
        reason: yaml_reason(error),
    })
}

fn yaml_place(error: &serde_saphyr::Error) -> Option<(u32, u32)> {
    let location = error.location()?;
    let number = |number: u64| usize::try_from(number).ok();
    place(number(location.line())?, number(location.column())?)
}

fn yaml_reason(error: serde_saphyr::Error) -> Reason {
    use serde_saphyr::Error as E;
    match error {
        E::MultipleDocuments { .. } => Reason::SeveralDocuments,
        E::DuplicateMappingKey { key, .. } => Reason::RepeatedKey(key.unwrap_or_default()),
        E::Budget { .. }
        | E::AliasReplayLimitExceeded { .. }
        | E::AliasExpansionLimitExceeded { .. }
        | E::AliasReplayStackDepthExceeded { .. } => Reason::Limit,
        E::AliasError { error, .. } => yaml_reason(*error),
        // The scanner's messages are fixed texts, and ours are.
        E::ExternalMessage { msg, .. } | E::Message { msg, .. } => Reason::Syntax(msg),
        E::UnknownAnchor { .. } => Reason::Syntax("an alias without an anchor".to_owned()),
        E::Eof { .. } => Reason::Syntax("the text ends too early".to_owned()),
        E::NullIntoString { .. } => Reason::Syntax("a key that is null".to_owned()),
        E::Unexpected { expected, .. } => Reason::Syntax(format!("expected {expected}")),
        E::SerdeInvalidType { expected, .. } => Reason::Syntax(format!("expected {expected}")),
        // Others may show values.
        _ => Reason::Syntax("not YAML".to_owned()),
    }
}

fn place(line: usize, column: usize) -> Option<(u32, u32)> {
    let line = u32::try_from(line).ok().filter(|line| *line > 0)?;
    // A column of 0 is the line break before the line.
    Some((line, u32::try_from(column).ok()?.max(1)))
}
