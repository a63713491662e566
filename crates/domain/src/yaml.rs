//! YAML in and out. Everything this project writes as YAML goes through here, so that Go's readers,
//! some of which still follow YAML 1.1, take every scalar for what it is.

mod manifest;

use serde::Serialize;
use serde_json::Value;

use crate::tree::read::strict_yaml;

pub use manifest::Manifest;

/// Text that is not YAML, or a value that YAML can't hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// Reason why the text can't be read. Never contains the text's values, which may be secret.
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

/// Reads one YAML document in which no key stands twice.
///
/// # Errors
/// When the text is not YAML, or holds several documents.
pub fn from_str(text: &str) -> Result<Value, YamlError> {
    let node = strict_yaml(text).map_err(|error| YamlError {
        message: error.reason.to_string(),
        at: error.at,
    })?;
    Ok(node.into())
}

#[cfg(test)]
mod tests;
