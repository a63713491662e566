//! State kept in JSON files that only their owner may read.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A file of the data directory could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Reading or writing failed.
    #[error("cannot use {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Words of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The content is not what this program writes.
    #[error("{path} is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where it stops being readable.
        #[source]
        source: serde_json::Error,
    },
}

impl FileError {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

/// The file's value, or `None` before it was first written.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, FileError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(FileError::io(path, source)),
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|source| FileError::Damaged {
            path: path.to_owned(),
            source,
        })
}

/// Replaces the file as a whole, so that a crash leaves the old or the new one. Calls for one file
/// must not overlap.
pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), FileError> {
    let json = serde_json::to_vec_pretty(value).map_err(|source| FileError::Damaged {
        path: path.to_owned(),
        source,
    })?;
    let temporary = path.with_extension("tmp");
    let replace = || {
        // Removed first: the mode applies to new files only.
        match std::fs::remove_file(&temporary) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(&json)?;
        std::fs::rename(&temporary, path)
    };
    replace().map_err(|source| FileError::io(path, source))
}
