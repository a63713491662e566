//! The one project: its id, its paths and its protected branches.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::json_file::{self, FileError};

/// Far from the ids of users, tokens and merge requests, so that a mix-up shows.
const FIRST_ID: u64 = 4207;

/// Why the project could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The project's file could not be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The repository refused.
    #[error("the repository refused the change")]
    Git(#[from] git2::Error),
    /// The new branch exists or the old one is gone.
    #[error("cannot rename the default branch to {0}")]
    Branch(String),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ProjectRecord {
    pub(crate) id: u64,
    pub(crate) path: String,
    former_paths: Vec<String>,
    protected_branches: Vec<String>,
    #[serde(default)]
    pub(crate) archived: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
}

/// Way in which an `:id` of a URL names the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProjectPathMatch {
    Current,
    /// By a path it had before it was moved.
    Formerly,
}

pub(crate) struct ServedProject {
    file: PathBuf,
    record: RwLock<ProjectRecord>,
}

impl ServedProject {
    pub(crate) fn open(data: &Path, path: &str, default_branch: &str) -> Result<Self, FileError> {
        let file = data.join("project.json");
        let record = json_file::read(&file)?.unwrap_or_else(|| ProjectRecord {
            id: FIRST_ID,
            path: path.to_owned(),
            former_paths: Vec::new(),
            protected_branches: vec![default_branch.to_owned()],
            archived: false,
            created_at: OffsetDateTime::now_utc(),
        });
        let project = Self {
            file,
            record: RwLock::new(record),
        };
        project.move_to(path)?;
        Ok(project)
    }

    pub(crate) fn record(&self) -> ProjectRecord {
        self.record
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn id(&self) -> u64 {
        self.record
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .id
    }

    /// Tells how a decoded `:id` names this project, if it does. Paths are not case-sensitive in GitLab.
    pub(crate) fn named(&self, id: &str) -> Option<ProjectPathMatch> {
        let record = self.record.read().unwrap_or_else(PoisonError::into_inner);
        if id.parse() == Ok(record.id) || id.eq_ignore_ascii_case(&record.path) {
            return Some(ProjectPathMatch::Current);
        }
        let formerly = record
            .former_paths
            .iter()
            .any(|path| id.eq_ignore_ascii_case(path));
        formerly.then_some(ProjectPathMatch::Formerly)
    }

    pub(crate) fn is_protected(&self, branch: &str) -> bool {
        let record = self.record.read().unwrap_or_else(PoisonError::into_inner);
        record
            .protected_branches
            .iter()
            .any(|protected| protected == branch)
    }

    pub(crate) fn is_archived(&self) -> bool {
        self.record().archived
    }

    pub(crate) fn set_archived(&self, archived: bool) -> Result<(), FileError> {
        self.change(|record| record.archived = archived)
    }

    pub(crate) fn protected_branches(&self) -> Vec<String> {
        self.record().protected_branches
    }

    /// Moves the project; its present path becomes a former one.
    pub(crate) fn move_to(&self, path: &str) -> Result<(), FileError> {
        self.change(|record| {
            let former = std::mem::replace(&mut record.path, path.to_owned());
            if former != path {
                record.former_paths.push(former);
            }
            record.former_paths.retain(|former| former != path);
        })
    }

    /// Protects `new` in place of `old`.
    pub(crate) fn move_protection(&self, old: &str, new: &str) -> Result<(), FileError> {
        self.change(|record| {
            record
                .protected_branches
                .retain(|branch| branch != old && branch != new);
            record.protected_branches.push(new.to_owned());
        })
    }

    fn change(&self, change: impl FnOnce(&mut ProjectRecord)) -> Result<(), FileError> {
        let mut record = self.record.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut record);
        json_file::write(&self.file, &*record)
    }
}
