use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use git2::{Repository, RepositoryInitOptions};

use super::history::HistoryCache;
use super::seed;
use crate::json_file::FileError;
use crate::options::InitialContent;

/// The repository could not be opened or made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Git(#[from] git2::Error),
    #[error(transparent)]
    File(#[from] FileError),
}

/// The repository on disk. A `git2::Repository` serves one thread at a time, so idle ones are pooled;
/// they share nothing but the files, like separate git processes.
pub(crate) struct RepositoryStore {
    path: PathBuf,
    idle: Mutex<Vec<Repository>>,
    history: HistoryCache,
}

impl RepositoryStore {
    /// Opens the kept repository or makes one.
    pub(crate) fn open(
        path: PathBuf,
        default_branch: &str,
        initial: InitialContent,
    ) -> Result<Self, OpenError> {
        let repository = match Repository::open_bare(&path) {
            Ok(repository) => repository,
            Err(error) if error.code() == git2::ErrorCode::NotFound => {
                create(&path, default_branch, initial)?
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            path,
            idle: Mutex::new(vec![repository]),
            history: HistoryCache::default(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn history(&self) -> &HistoryCache {
        &self.history
    }

    /// Runs `work` with a repository of its own.
    pub(crate) fn with<T, E: From<git2::Error>>(
        &self,
        work: impl FnOnce(&Repository) -> Result<T, E>,
    ) -> Result<T, E> {
        let pooled = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let repository = match pooled {
            Some(repository) => repository,
            None => Repository::open_bare(&self.path)?,
        };
        let result = work(&repository);
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(repository);
        result
    }
}

fn create(
    path: &Path,
    default_branch: &str,
    initial: InitialContent,
) -> Result<Repository, OpenError> {
    let mut options = RepositoryInitOptions::new();
    options
        .bare(true)
        .mkpath(true)
        .external_template(false)
        .initial_head(default_branch);
    let repository = Repository::init_opts(path, &options)?;
    let mut config = repository.config()?;
    config.set_bool("http.receivepack", true)?;
    // A collection in the background would outlive the server and write into a removed directory.
    config.set_i32("gc.auto", 0)?;
    config.set_bool("receive.autogc", false)?;
    seed::write_hook(path)?;
    if initial == InitialContent::Seeded {
        seed::write_first_commit(&repository, default_branch)?;
    }
    Ok(repository)
}
