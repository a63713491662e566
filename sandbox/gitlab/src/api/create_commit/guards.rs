use git2::{Oid, Repository};

use super::request::CommitRequest;
use crate::api::GitLabProblem;
use crate::git;
use crate::state::GitLabState;

/// Checks every action's `last_commit_id`: the last commit that touched the path must be the same on
/// the branch and as of that id. Where either has none there is nothing to compare and the check
/// passes, as in GitLab. The branch is read anew for each action, so these checks see no snapshot.
pub(super) fn check(
    app: &GitLabState,
    repository: &Repository,
    request: &CommitRequest,
) -> Result<(), GitLabProblem> {
    for action in &request.actions {
        let (Some(path), Some(seen)) = (action.existing_path(), &action.last_commit_id) else {
            continue;
        };
        let last = |start: Option<Oid>| match start {
            Some(start) => git::last_commit(repository, app.store.history(), start, path),
            None => Ok(None),
        };
        let now = last(start(repository, request)?)?;
        let then = last(git::resolve(repository, seen)?)?;
        if now.is_some() && then.is_some() && now != then {
            let text = format!("The file has changed since you started editing it: {path}");
            return Err(GitLabProblem::refused(text));
        }
    }
    Ok(())
}

/// The head of the branch the files are compared on; with `start_sha` GitLab has no branch and falls
/// back to the default one.
fn start(repository: &Repository, request: &CommitRequest) -> Result<Option<Oid>, git2::Error> {
    match (&request.start_sha, &request.start_branch) {
        (Some(_), _) => git::branch_head(repository, &git::default_branch(repository)?),
        (None, Some(branch)) => git::branch_head(repository, branch),
        (None, None) => git::branch_head(repository, &request.branch),
    }
}
