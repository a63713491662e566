//! `POST /projects/:id/repository/commits`, with the order of GitLab's checks.

mod actions;
mod guards;
mod request;
mod service;
mod window;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, request::Parts};
use git2::Repository;
use serde_json::{Map, Value};

use self::request::CommitRequest;
use self::window::FaultWindow;
use super::access::{CodeAccess, MemberAccess};
use super::params::{media_type, read_json};
use super::{GitLabProblem, entities};
use crate::state::{GitLabState, SharedState, with_repository};

pub(super) async fn create(
    State(app): State<SharedState>,
    CodeAccess(access): CodeAccess,
    request: Request,
) -> Result<(StatusCode, Json<Value>), GitLabProblem> {
    let (parts, body) = request.into_parts();
    accept_media_type(&parts)?;
    let body = read_json(body).await?;
    with_repository(&app, move |app, repository| {
        let request = checked(app, repository, &access, &body)?;
        let window = FaultWindow {
            app,
            method: &parts.method,
            uri: &parts.uri,
        };
        let commit = service::commit(app, repository, &access.user, &request, &window)?;
        let detail = entities::commit_detail(app, repository, commit, request.stats)?;
        Ok((StatusCode::CREATED, Json(detail)))
    })
    .await
}

/// JSON only: the other forms GitLab takes are for files too large for it.
fn accept_media_type(parts: &Parts) -> Result<(), GitLabProblem> {
    let kind = media_type(parts).unwrap_or_default();
    if kind == "application/json" {
        return Ok(());
    }
    Err(GitLabProblem::bad_request(format!(
        "Unsupported Content-Type: {kind}"
    )))
}

/// The push right comes first: it needs nothing but the branch's name.
fn checked(
    app: &GitLabState,
    repository: &Repository,
    access: &MemberAccess,
    body: &Map<String, Value>,
) -> Result<CommitRequest, GitLabProblem> {
    let branch = body
        .get("branch")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !access.may_push(app, repository, branch)? {
        return Err(GitLabProblem::forbidden_because(
            "You are not allowed to push into this branch",
        ));
    }
    CommitRequest::parse(body).map_err(GitLabProblem::bad_request)
}
