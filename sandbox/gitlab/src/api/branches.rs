use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use git2::{Oid, Repository};
use serde_json::Value;

use super::access::CodeAccess;
use super::pagination::{Links, Page};
use super::params::{Body, Params};
use super::{ApiError, entities};
use crate::git;
use crate::state::{App, Shared, with_repository};

pub(super) async fn list(
    State(app): State<Shared>,
    CodeAccess(access): CodeAccess,
    uri: Uri,
    headers: HeaderMap,
    params: Params,
) -> Result<impl IntoResponse, ApiError> {
    with_repository(&app, move |app, repository| {
        let page = Page::of(&params)?;
        let search = params.text("search").unwrap_or_default();
        let mut branches = git::branches(repository)?;
        branches.retain(|(name, _)| name.contains(&search));
        let (headers, branches) = page.take(branches, &Links::new(app, &uri, &headers, &params));
        let branches = branches
            .iter()
            .map(|(name, head)| entities::branch(app, repository, &access, name, *head));
        Ok((headers, Json(branches.collect::<Result<Vec<_>, _>>()?)))
    })
    .await
}

pub(super) async fn show(
    State(app): State<Shared>,
    CodeAccess(access): CodeAccess,
    Path((_, name)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    with_repository(&app, move |app, repository| {
        let head = existing(repository, &name)?;
        Ok(Json(entities::branch(
            app, repository, &access, &name, head,
        )?))
    })
    .await
}

pub(super) async fn exists(
    State(app): State<Shared>,
    _: CodeAccess,
    Path((_, name)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    with_repository(&app, move |_, repository| existing(repository, &name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn create(
    State(app): State<Shared>,
    CodeAccess(access): CodeAccess,
    Body(params): Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    if !access.may_write(&app) {
        return Err(ApiError::forbidden());
    }
    let [name, source] = params.required(["branch", "ref"])?;
    with_repository(&app, move |app, repository| {
        if !git::valid_branch_name(&name) {
            return Err(ApiError::refused("Branch name is invalid"));
        }
        if git::branch_head(repository, &name)?.is_some() {
            return Err(ApiError::refused("Branch already exists"));
        }
        let head = git::resolve(repository, &source)?
            .ok_or_else(|| ApiError::refused(format!("Invalid reference name: {source}")))?;
        git::compare_and_swap(repository, &name, None, Some(head))?;
        Ok((
            StatusCode::CREATED,
            Json(entities::branch(app, repository, &access, &name, head)?),
        ))
    })
    .await
}

pub(super) async fn delete(
    State(app): State<Shared>,
    CodeAccess(access): CodeAccess,
    Path((_, name)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    if !access.may_write(&app) {
        return Err(ApiError::forbidden());
    }
    with_repository(&app, move |app, repository| {
        let head = existing(repository, &name)?;
        refuse_kept(app, repository, &name)?;
        git::compare_and_swap(repository, &name, Some(head), None)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

fn refuse_kept(app: &App, repository: &Repository, name: &str) -> Result<(), ApiError> {
    let refused = |text| Err(ApiError::message(StatusCode::METHOD_NOT_ALLOWED, text));
    if git::default_branch(repository)? == name {
        return refused("Cannot remove HEAD branch");
    }
    if app.project.is_protected(name) {
        return refused("Protected branch cannot be removed");
    }
    Ok(())
}

fn existing(repository: &Repository, name: &str) -> Result<Oid, ApiError> {
    if !git::valid_branch_name(name) {
        return Err(ApiError::refused("The branch refname is invalid"));
    }
    git::branch_head(repository, name)?.ok_or_else(|| ApiError::not_found("Branch"))
}
