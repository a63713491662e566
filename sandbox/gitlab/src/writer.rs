//! A writer beside the API, as a person with a clone is.

use git2::Signature;

use crate::git::{self, EditError, EditableTree, RefError};
use crate::state::SharedState;

/// Why a [`RepositoryWriter`] made no commit.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody else moved the branch meanwhile.
    #[error("the branch was moved meanwhile")]
    Lost,
    /// A path leads through a file, or is none.
    #[error("cannot write to {0}")]
    Path(String),
    /// The repository failed.
    #[error("the repository failed")]
    Git(#[from] git2::Error),
}

/// Commits straight to the repository, past the API's checks, with Git's own compare-and-swap. Blocks;
/// made for [`GitLabFaultAction::Hook`](crate::GitLabFaultAction::Hook) and for tests' foreign writers.
#[derive(Clone)]
pub struct RepositoryWriter {
    pub(crate) app: SharedState,
}

impl RepositoryWriter {
    /// Commits files to a branch, which is made when missing, and returns the commit's id. A file
    /// without content is removed.
    ///
    /// # Errors
    /// When another writer was faster, a path cannot be written or the repository fails.
    pub fn commit(
        &self,
        branch: &str,
        message: &str,
        files: &[(&str, Option<&str>)],
    ) -> Result<String, WriteError> {
        self.app.store.with(|repository| {
            let head = git::branch_head(repository, branch)?;
            let parent = head.map(|id| repository.find_commit(id)).transpose()?;
            let origin = parent.as_ref().map(|parent| parent.tree()).transpose()?;
            let mut tree = EditableTree::new(repository, origin);
            for (path, content) in files {
                let path = git::clean(path).map_err(|error| WriteError::Path(error.to_string()))?;
                let edited = match content {
                    Some(content) => {
                        tree.insert(&path, repository.blob(content.as_bytes())?, 0o100_644)
                    }
                    None => tree.remove(&path),
                };
                edited.map_err(|error| match error {
                    EditError::FileOnTheWay => WriteError::Path(path),
                    EditError::Git(error) => WriteError::Git(error),
                })?;
            }
            let tree = repository.find_tree(tree.write()?)?;
            let author = Signature::now("Foreign Writer", "foreign@gitlab.example")?;
            let parents: Vec<_> = parent.iter().collect();
            let commit = repository.commit(None, &author, &author, message, &tree, &parents)?;
            git::compare_and_swap(repository, branch, head, Some(commit))?;
            Ok(commit.to_string())
        })
    }
}

impl From<RefError> for WriteError {
    fn from(error: RefError) -> Self {
        match error {
            RefError::Git(error) => Self::Git(error),
            RefError::Moved | RefError::Exists | RefError::Locked => Self::Lost,
        }
    }
}
