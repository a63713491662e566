//! YAML in and out. Everything this project writes as YAML goes through here, so that Go's readers,
//! some of which still follow YAML 1.1, take every scalar for what it is.

mod manifest;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_saphyr::Error;

pub use manifest::Manifest;

/// Text that is not YAML, or not of the expected shape; a value that YAML can't hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// What is wrong. Never contains the text's values, which may be secret.
    pub message: String,
    /// Line and column, both from 1, where known.
    pub at: Option<(u32, u32)>,
}

/// Writes a value as one YAML document that ends with a line break.
///
/// # Errors
/// When the value can't be represented, such as a map with non-string keys.
pub fn to_string<T: Serialize>(value: &T) -> Result<String, YamlError> {
    // No block scalars by the emitter's own choice: it makes them of text that Go's readers refuse
    // there, such as text that starts with a tab. Long values stay on one line.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let mut text = String::new();
    serde_saphyr::to_fmt_writer_with_options(&mut text, value, options).map_err(|error| {
        YamlError {
            message: error.to_string(),
            at: None,
        }
    })?;
    Ok(text)
}

/// Reads one YAML document.
///
/// # Errors
/// When the text is not YAML, holds several documents, or has another shape than `T`.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    // A snippet would put the text, which may hold a kubeconfig, into the message.
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| YamlError {
        message: describe(&error),
        at: place(&error),
    })
}

/// The message without the place, which stands apart, and without values.
fn describe(error: &Error) -> String {
    match error {
        Error::SerdeInvalidType { expected, .. } | Error::SerdeInvalidValue { expected, .. } => {
            format!("expected {expected}")
        }
        Error::SerdeUnknownVariant { expected, .. } => {
            format!("expected one of {}", expected.join(", "))
        }
        Error::QuotingRequired { .. } => "a value has to be quoted".to_owned(),
        Error::MultipleDocuments { .. } => "there are several documents, not one".to_owned(),
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("key {key:?} stands twice"),
        error => without_place(&error.to_string()).to_owned(),
    }
}

/// `error: line 1 column 2: what is wrong at line 1, column 2` → `what is wrong`.
fn without_place(text: &str) -> &str {
    let end = text.rfind(" at line ").unwrap_or(text.len());
    let message = text.get(..end).unwrap_or(text);
    match message.split_once(": ") {
        Some((start, rest)) if start.contains("line ") => rest,
        _ => message,
    }
}

fn place(error: &Error) -> Option<(u32, u32)> {
    let location = error.location()?;
    let line = u32::try_from(location.line()).ok()?;
    let column = u32::try_from(location.column()).ok()?;
    (line > 0 && column > 0).then_some((line, column))
}

#[cfg(test)]
mod tests;
