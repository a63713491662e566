//! The result: which files there are, and where no others may be.

use std::collections::{BTreeMap, BTreeSet};

use crate::yaml::{self, Manifest};
use serde_json::{Map, Value};

use crate::render::RenderError;

/// The repository as it should be. Paths outside of the tree are none of its business.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// Files that must be there with exactly this content, by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Files that must not be there.
    pub absent: BTreeSet<String>,
    /// Folders (no trailing slash) in which only `files` may be.
    pub folders: BTreeSet<String>,
}

impl Tree {
    /// Adds a file of these documents.
    pub(crate) fn put(&mut self, path: String, documents: &[Value]) -> Result<(), RenderError> {
        let texts: Result<Vec<String>, _> = documents.iter().map(text).collect();
        self.files.insert(path, texts?.join("---\n").into_bytes());
        Ok(())
    }

    /// Declares a folder to be wholly described by this tree.
    pub(crate) fn own(&mut self, folder: String) {
        self.folders.insert(folder);
    }
}

/// A document as text. A member that is null is left out: that is how optional fields are written here.
pub fn text(document: &Value) -> Result<String, RenderError> {
    yaml::to_string(&Manifest(&without_nulls(document)))
        .map_err(|error| RenderError::Other(error.to_string()))
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            let kept = kept.map(|(key, value)| (key.clone(), without_nulls(value)));
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
