use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use git2::{Oid, Repository};
use serde_json::Value;

use super::access::CodeAccess;
use super::pagination::{PageLinks, PageRequest};
use super::params::{BodyParams, RequestParams};
use super::{GitLabProblem, entities};
use crate::git;
use crate::state::{GitLabState, SharedState, with_repository};

pub(super) async fn list(
    State(app): State<SharedState>,
    CodeAccess(access): CodeAccess,
    uri: Uri,
    headers: HeaderMap,
    params: RequestParams,
) -> Result<impl IntoResponse, GitLabProblem> {
    with_repository(&app, move |app, repository| {
        let page = PageRequest::of(&params)?;
        let search = params.text("search").unwrap_or_default();
        let mut branches = git::branches(repository)?;
        branches.retain(|(name, _)| name.contains(&search));
        let (headers, branches) =
            page.take(branches, &PageLinks::new(app, &uri, &headers, &params));
        let branches = branches
            .iter()
            .map(|(name, head)| entities::branch(app, repository, &access, name, *head));
        Ok((headers, Json(branches.collect::<Result<Vec<_>, _>>()?)))
    })
    .await
}

pub(super) async fn show(
    State(app): State<SharedState>,
    CodeAccess(access): CodeAccess,
    Path((_, name)): Path<(String, String)>,
) -> Result<Json<Value>, GitLabProblem> {
    with_repository(&app, move |app, repository| {
        let head = existing(repository, &name)?;
        Ok(Json(entities::branch(
            app, repository, &access, &name, head,
        )?))
    })
    .await
}

pub(super) async fn exists(
    State(app): State<SharedState>,
    _: CodeAccess,
    Path((_, name)): Path<(String, String)>,
) -> Result<StatusCode, GitLabProblem> {
    with_repository(&app, move |_, repository| existing(repository, &name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn create(
    State(app): State<SharedState>,
    CodeAccess(access): CodeAccess,
    BodyParams(params): BodyParams,
) -> Result<(StatusCode, Json<Value>), GitLabProblem> {
    if !access.may_write(&app) {
        return Err(GitLabProblem::forbidden());
    }
    let [name, source] = params.required(["branch", "ref"])?;
    with_repository(&app, move |app, repository| {
        if !git::valid_branch_name(&name) {
            return Err(GitLabProblem::refused("Branch name is invalid"));
        }
        if git::branch_head(repository, &name)?.is_some() {
            return Err(GitLabProblem::refused("Branch already exists"));
        }
        let head = git::resolve(repository, &source)?
            .ok_or_else(|| GitLabProblem::refused(format!("Invalid reference name: {source}")))?;
        git::compare_and_swap(repository, &name, None, Some(head))?;
        Ok((
            StatusCode::CREATED,
            Json(entities::branch(app, repository, &access, &name, head)?),
        ))
    })
    .await
}

pub(super) async fn delete(
    State(app): State<SharedState>,
    CodeAccess(access): CodeAccess,
    Path((_, name)): Path<(String, String)>,
) -> Result<StatusCode, GitLabProblem> {
    if !access.may_write(&app) {
        return Err(GitLabProblem::forbidden());
    }
    with_repository(&app, move |app, repository| {
        let head = existing(repository, &name)?;
        refuse_kept(app, repository, &name)?;
        git::compare_and_swap(repository, &name, Some(head), None)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

fn refuse_kept(
    app: &GitLabState,
    repository: &Repository,
    name: &str,
) -> Result<(), GitLabProblem> {
    let refused = |text| Err(GitLabProblem::message(StatusCode::METHOD_NOT_ALLOWED, text));
    if git::default_branch(repository)? == name {
        return refused("Cannot remove HEAD branch");
    }
    if app.project.is_protected(name) {
        return refused("Protected branch cannot be removed");
    }
    Ok(())
}

fn existing(repository: &Repository, name: &str) -> Result<Oid, GitLabProblem> {
    if !git::valid_branch_name(name) {
        return Err(GitLabProblem::refused("The branch refname is invalid"));
    }
    git::branch_head(repository, name)?.ok_or_else(|| GitLabProblem::not_found("Branch"))
}
