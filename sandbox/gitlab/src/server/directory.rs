use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::accounts::AccountError;
use crate::git::OpenError;
use crate::json_file::FileError;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum GitLabStartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address of the options.
        address: SocketAddr,
        /// Words of the operating system: in use, no permission.
        source: std::io::Error,
    },
    /// Another server runs on the data directory.
    #[error("{0} is used by another running server")]
    InUse(PathBuf),
    /// The data directory or a file in it cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The accounts cannot be used.
    #[error(transparent)]
    Accounts(#[from] AccountError),
    /// The repository cannot be opened or made.
    #[error("repository")]
    Repository(#[source] git2::Error),
    /// The certificate or its key cannot be used.
    #[error("certificate and key: {0}")]
    Tls(String),
}

impl From<OpenError> for GitLabStartError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Git(error) => Self::Repository(error),
            OpenError::File(error) => Self::File(error),
        }
    }
}

/// The data directory, held by one server at a time.
pub(super) struct DataDirectory {
    _lock: File,
}

impl DataDirectory {
    /// Takes hold of it, makes it when missing, and removes what a killed server left locked.
    pub(super) fn claim(path: &Path) -> Result<Self, GitLabStartError> {
        let failed = |source| FileError::io(path, source);
        std::fs::create_dir_all(path).map_err(failed)?;
        let lock = File::create(path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(GitLabStartError::InUse(path.to_owned()));
            }
            Err(std::fs::TryLockError::Error(source)) => return Err(failed(source).into()),
        }
        remove_stale_locks(&path.join("repository.git/refs"));
        Ok(Self { _lock: lock })
    }
}

/// Locks of refs are held for moments, and by this server or git processes it started.
fn remove_stale_locks(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            remove_stale_locks(&path);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "lock")
            && let Err(error) = std::fs::remove_file(&path)
        {
            tracing::warn!(%error, path = %path.display(), "a stale lock stays");
        }
    }
}
