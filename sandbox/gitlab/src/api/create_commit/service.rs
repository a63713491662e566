use git2::{Commit, Oid, Repository, Signature, Time};
use time::OffsetDateTime;

use super::request::CommitRequest;
use super::window::FaultWindow;
use super::{actions, guards};
use crate::accounts::UserRecord;
use crate::api::GitLabProblem;
use crate::faults::FaultPoint;
use crate::git::{self, EditableTree};
use crate::state::GitLabState;

/// Makes the commit and moves the branch to it, in the order in which GitLab and Gitaly read the
/// repository: that order decides what two writers can do to each other.
pub(super) fn commit(
    app: &GitLabState,
    repository: &Repository,
    user: &UserRecord,
    request: &CommitRequest,
    window: &FaultWindow<'_>,
) -> Result<Oid, GitLabProblem> {
    validate(repository, request)?;
    guards::check(app, repository, request)?;
    window.reach(FaultPoint::AfterGuards)?;
    let expected = git::branch_head(repository, &request.branch)?;
    window.reach(FaultPoint::AfterHeadRead)?;
    // Gitaly reads the parent for itself: another commit in between is found by the swap.
    let parent = parent(repository, request)?;
    let commit = build(repository, user, request, parent.as_ref())?;
    let was_empty = git::is_empty(repository)?;
    git::compare_and_swap(repository, &request.branch, expected, Some(commit))?;
    if was_empty && git::default_branch(repository)? != request.branch {
        git::set_default_branch(repository, &request.branch)?;
    }
    Ok(commit)
}

fn validate(repository: &Repository, request: &CommitRequest) -> Result<(), GitLabProblem> {
    let CommitRequest {
        branch,
        start_branch,
        start_sha,
        ..
    } = request;
    if let Some(sha) = start_sha {
        if !git::is_full_id(sha) {
            return Err(GitLabProblem::refused(format!("Invalid start_sha '{sha}'")));
        }
        git::resolve(repository, sha)?
            .ok_or_else(|| GitLabProblem::refused(format!("Cannot find start_sha '{sha}'")))?;
    }
    let empty = git::is_empty(repository)?;
    let start = start_branch.as_ref().unwrap_or(branch);
    if !empty && start_sha.is_none() && git::branch_head(repository, start)?.is_none() {
        return Err(GitLabProblem::refused(
            "You can only create or edit files when you are on a branch",
        ));
    }
    let other = start_sha.is_some() || start != branch;
    if !empty && other && !request.force && git::branch_head(repository, branch)?.is_some() {
        let text = format!(
            "A branch called '{branch}' already exists. Switch to that branch in order to make changes"
        );
        return Err(GitLabProblem::refused(text));
    }
    if (empty || other) && !git::valid_branch_name(branch) {
        let text = format!(
            "Something went wrong when we tried to create '{branch}' for you: Branch name is invalid"
        );
        return Err(GitLabProblem::refused(text));
    }
    Ok(())
}

fn parent<'repo>(
    repository: &'repo Repository,
    request: &CommitRequest,
) -> Result<Option<Commit<'repo>>, git2::Error> {
    let start = match (&request.start_sha, &request.start_branch) {
        (Some(sha), _) => git::resolve(repository, sha)?,
        (None, Some(branch)) => git::branch_head(repository, branch)?,
        (None, None) => git::branch_head(repository, &request.branch)?,
    };
    start.map(|id| repository.find_commit(id)).transpose()
}

fn build(
    repository: &Repository,
    user: &UserRecord,
    request: &CommitRequest,
    parent: Option<&Commit<'_>>,
) -> Result<Oid, GitLabProblem> {
    let mut tree = EditableTree::new(repository, parent.map(|parent| parent.tree()).transpose()?);
    actions::apply(repository, &mut tree, &request.actions)?;
    let tree = repository.find_tree(tree.write()?)?;
    let now = Time::new(OffsetDateTime::now_utc().unix_timestamp(), 0);
    let email = user.email();
    let committer = Signature::new(&user.name, &email, &now)?;
    let author = Signature::new(
        request.author_name.as_ref().unwrap_or(&user.name),
        request.author_email.as_ref().unwrap_or(&email),
        &now,
    )?;
    let parents: Vec<_> = parent.into_iter().collect();
    Ok(repository.commit(None, &author, &committer, &request.message, &tree, &parents)?)
}
