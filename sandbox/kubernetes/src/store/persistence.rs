//! The file the objects are kept in between runs.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::StoreState;
use crate::registry::{ResourceRegistry, definitions};
use crate::resource::GroupResource;

/// The file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PersistenceError {
    /// Reading or writing failed.
    #[error("cannot access {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Words of the system.
        source: io::Error,
    },
    /// The file is not what this program wrote.
    #[error("{path} is not a saved store: {reason}")]
    Content {
        /// The file.
        path: PathBuf,
        /// Fault, without content.
        reason: String,
    },
}

#[derive(Serialize, Deserialize)]
struct SavedStore<O> {
    revision: u64,
    objects: Vec<SavedObject<O>>,
}

#[derive(Serialize, Deserialize)]
struct SavedObject<O> {
    group: String,
    resource: String,
    object: O,
}

pub(super) fn load(file: &Path) -> Result<StoreState, PersistenceError> {
    let content = |reason: String| PersistenceError::Content {
        path: file.to_owned(),
        reason,
    };
    let registry = ResourceRegistry::new().map_err(content)?;
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(StoreState::new(1, registry));
        }
        Err(source) => {
            return Err(PersistenceError::Io {
                path: file.to_owned(),
                source,
            });
        }
    };
    // The parser's message may quote a Secret's content; its position does not.
    let saved: SavedStore<Value> = serde_json::from_slice(&bytes)
        .map_err(|error| content(format!("line {}, column {}", error.line(), error.column())))?;
    let mut state = StoreState::new(saved.revision, registry);
    let (crds, others): (Vec<_>, Vec<_>) = saved
        .objects
        .into_iter()
        .partition(|saved| saved.resource == definitions().resource);
    for saved in crds.into_iter().chain(others) {
        state.restore(
            &GroupResource::new(&saved.group, &saved.resource),
            Arc::new(saved.object),
        );
    }
    Ok(state)
}

pub(super) fn encode(state: &StoreState) -> Vec<u8> {
    let objects = state.all().map(|(id, _, object)| SavedObject {
        group: id.group.clone(),
        resource: id.resource.clone(),
        object: object.as_ref(),
    });
    let saved = SavedStore {
        revision: state.revision(),
        objects: objects.collect(),
    };
    serde_json::to_vec(&saved).unwrap_or_default()
}

/// Replaces the file as one step; only its owner can read it, for it holds Secrets.
pub(super) fn write(file: &Path, content: &[u8]) -> Result<(), PersistenceError> {
    write_private(file, content).map_err(|source| PersistenceError::Io {
        path: file.to_owned(),
        source,
    })
}

/// Writes a file that only its owner can read, replacing what was there as one step.
pub(crate) fn write_private(file: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = file.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&temporary)?.write_all(content)?;
    fs::rename(&temporary, file)
}
