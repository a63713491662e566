//! YAML in and out. Everything this project writes as YAML goes through here, so that Go's readers,
//! some of which still follow YAML 1.1, take every scalar for what it is.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Text that is not YAML, or not of the expected shape; a value that YAML can't hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// What is wrong. Never contains the text itself, which may be secret.
    pub message: String,
    /// Line and column, both from 1, where known.
    pub at: Option<(u32, u32)>,
}

/// Writes a value as one YAML document that ends with a line break.
///
/// # Errors
/// When the value can't be represented, such as a map with non-string keys.
pub fn to_string<T: Serialize>(value: &T) -> Result<String, YamlError> {
    serde_saphyr::to_string(value).map_err(|error| YamlError {
        message: error.to_string(),
        at: None,
    })
}

/// Reads one YAML document.
///
/// # Errors
/// When the text is not YAML, holds several documents, or has another shape than `T`.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    serde_saphyr::from_str(text).map_err(|error| YamlError {
        message: error.to_string(),
        at: None,
    })
}
