use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use git2::{Oid, Repository};
use serde_json::{Value, json};

use super::GitLabProblem;
use super::access::CodeAccess;
use crate::state::{SharedState, with_repository};

pub(super) async fn show(
    State(app): State<SharedState>,
    _: CodeAccess,
    Path((_, sha)): Path<(String, String)>,
) -> Result<Json<Value>, GitLabProblem> {
    let content = with_repository(&app, {
        let sha = sha.clone();
        move |_, repository| content(repository, &sha)
    })
    .await?;
    Ok(Json(json!({
        "size": content.len(),
        "encoding": "base64",
        "content": STANDARD.encode(content),
        "sha": sha,
    })))
}

pub(super) async fn raw(
    State(app): State<SharedState>,
    _: CodeAccess,
    Path((_, sha)): Path<(String, String)>,
) -> Result<impl IntoResponse, GitLabProblem> {
    let content = with_repository(&app, move |_, repository| content(repository, &sha)).await?;
    Ok((
        [(header::CONTENT_TYPE, "application/octet-stream")],
        content,
    ))
}

/// Any failure is the blob's absence, as in GitLab.
fn content(repository: &Repository, sha: &str) -> Result<Vec<u8>, GitLabProblem> {
    let blob = Oid::from_str(sha).and_then(|id| repository.find_blob(id));
    blob.map(|blob| blob.content().to_owned())
        .map_err(|_| GitLabProblem::not_found("Blob"))
}
