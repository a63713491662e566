//! States of the project that requests can meet, set by tests and taken back.

use git2::Repository;
use serde::{Deserialize, Serialize};

use crate::git;
use crate::project::ProjectError;
use crate::state::GitLabState;

/// Where branches wait that a condition hides.
const HIDDEN: &str = "refs/sandbox/hidden/";
const BRANCHES: &str = "refs/heads/";
/// A branch that is there when the default one is missing.
const OTHER_BRANCH: &str = "refs/heads/sandbox-other";
/// Ends the path of a project that was moved away.
const MOVED: &str = "-moved";

/// A state of the project and its repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProjectCondition {
    /// As it was made.
    Usual,
    /// No branch at all.
    Empty,
    /// Read-only.
    Archived,
    /// At another path; the earlier one redirects.
    Moved,
    /// Branches, but not the default one.
    BranchMissing,
}

/// Brings the project into a condition, from whichever it is in. Blocks. Commits made since then stay.
pub(crate) fn set(app: &GitLabState, condition: ProjectCondition) -> Result<(), ProjectError> {
    let path = app.project.record().path;
    let home = path.trim_end_matches(MOVED);
    let wanted = match condition {
        ProjectCondition::Moved => format!("{home}{MOVED}"),
        _ => home.to_owned(),
    };
    app.project.move_to(&wanted)?;
    app.project
        .set_archived(condition == ProjectCondition::Archived)?;
    app.store.with(|repository| {
        show(repository)?;
        match condition {
            ProjectCondition::Empty => hide(repository, |_| true)?,
            ProjectCondition::BranchMissing => {
                let default = git::default_branch(repository)?;
                if let Some(head) = git::branch_head(repository, &default)? {
                    repository.reference(OTHER_BRANCH, head, true, "")?;
                }
                hide(repository, |branch| branch == default)?;
            }
            ProjectCondition::Usual | ProjectCondition::Archived | ProjectCondition::Moved => {}
        }
        Ok::<_, ProjectError>(())
    })
}

/// Puts hidden branches back, unless there is one of that name again.
fn show(repository: &Repository) -> Result<(), git2::Error> {
    for name in names(repository, HIDDEN)? {
        let mut hidden = repository.find_reference(&name)?;
        let branch = name.replacen(HIDDEN, BRANCHES, 1);
        match hidden.target() {
            Some(head) if repository.find_reference(&branch).is_err() => {
                repository.reference(&branch, head, false, "")?;
            }
            _ => {}
        }
        hidden.delete()?;
    }
    if let Ok(mut other) = repository.find_reference(OTHER_BRANCH) {
        other.delete()?;
    }
    Ok(())
}

fn hide(repository: &Repository, is_meant: impl Fn(&str) -> bool) -> Result<(), git2::Error> {
    for name in names(repository, BRANCHES)? {
        let mut branch = repository.find_reference(&name)?;
        let short = name.trim_start_matches(BRANCHES);
        if let Some(head) = branch.target().filter(|_| is_meant(short)) {
            repository.reference(&format!("{HIDDEN}{short}"), head, true, "")?;
            branch.delete()?;
        }
    }
    Ok(())
}

fn names(repository: &Repository, prefix: &str) -> Result<Vec<String>, git2::Error> {
    let mut names = Vec::new();
    for reference in repository.references_glob(&format!("{prefix}*"))? {
        if let Ok(name) = reference?.name() {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}
