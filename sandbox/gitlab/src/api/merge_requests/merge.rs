use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use git2::{Oid, Repository, Signature};
use serde_json::Value;
use time::OffsetDateTime;

use super::records::{MergeRecord, MergeRequestRecord};
use super::{MergeRequestState, find, present};
use crate::api::GitLabProblem;
use crate::api::access::{CodeAccess, MemberAccess};
use crate::api::params::{BodyParams, RequestParams};
use crate::git;
use crate::state::{GitLabState, SharedState, with_repository};

pub(in crate::api) async fn merge(
    State(app): State<SharedState>,
    CodeAccess(access): CodeAccess,
    Path((_, iid)): Path<(String, String)>,
    BodyParams(params): BodyParams,
) -> Result<Json<Value>, GitLabProblem> {
    with_repository(&app, move |app, repository| {
        let record = find(app, &iid)?;
        let (source, target) = check(app, repository, &access, &record, &params)?;
        let commit = merge_branches(app, repository, &access, &record, &params, source, target)?;
        let remove = params
            .flag("should_remove_source_branch")
            .unwrap_or(record.remove_source_branch);
        if remove && !app.project.is_protected(&record.source_branch) {
            git::compare_and_swap(repository, &record.source_branch, Some(source), None)?;
        }
        let merged = app.merge_requests.change(record.iid, |record| {
            record.state = MergeRequestState::Merged;
            record.sha = Some(source.to_string());
            record.merged = Some(MergeRecord {
                user_id: access.user.id,
                at: OffsetDateTime::now_utc(),
                commit: commit.to_string(),
            });
        })?;
        Ok(Json(present(
            app,
            repository,
            &merged.unwrap_or(record),
            &access,
        )?))
    })
    .await
}

/// GitLab's checks in their order; the heads of source and target.
fn check(
    app: &GitLabState,
    repository: &Repository,
    access: &MemberAccess,
    record: &MergeRequestRecord,
    params: &RequestParams,
) -> Result<(Oid, Oid), GitLabProblem> {
    if !access.may_push(app, repository, &record.target_branch)? {
        return Err(GitLabProblem::unauthorized());
    }
    let source = git::branch_head(repository, &record.source_branch)?;
    let target = git::branch_head(repository, &record.target_branch)?;
    let (MergeRequestState::Opened, Some(source), Some(target)) = (record.state, source, target)
    else {
        return Err(GitLabProblem::message(
            StatusCode::METHOD_NOT_ALLOWED,
            "405 Method Not Allowed",
        ));
    };
    if params
        .text("sha")
        .is_some_and(|sha| sha != source.to_string())
    {
        let text = format!("SHA does not match HEAD of source branch: {source}");
        return Err(GitLabProblem::message(StatusCode::CONFLICT, text));
    }
    Ok((source, target))
}

fn merge_branches(
    app: &GitLabState,
    repository: &Repository,
    access: &MemberAccess,
    record: &MergeRequestRecord,
    params: &RequestParams,
    source: Oid,
    target: Oid,
) -> Result<Oid, GitLabProblem> {
    let tree = git::merged_tree(repository, target, source)?.ok_or_else(|| {
        GitLabProblem::message(StatusCode::UNPROCESSABLE_ENTITY, "Branch cannot be merged")
    })?;
    let message = params.text("merge_commit_message").unwrap_or_else(|| {
        let (path, iid) = (app.project.record().path, record.iid);
        let MergeRequestRecord { source_branch, target_branch, title, .. } = record;
        format!("Merge branch '{source_branch}' into '{target_branch}'\n\n{title}\n\nSee merge request {path}!{iid}")
    });
    let committer = Signature::now(&access.user.name, &access.user.email())?;
    let tree = repository.find_tree(tree)?;
    let parents = [
        repository.find_commit(target)?,
        repository.find_commit(source)?,
    ];
    let parents: Vec<_> = parents.iter().collect();
    let commit = repository.commit(None, &committer, &committer, &message, &tree, &parents)?;
    git::compare_and_swap(
        repository,
        &record.target_branch,
        Some(target),
        Some(commit),
    )?;
    Ok(commit)
}
