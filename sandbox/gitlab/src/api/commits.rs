use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use git2::{Oid, Repository};
use serde_json::Value;

use super::access::CodeAccess;
use super::pagination::{Links, Page};
use super::params::Params;
use super::{ApiError, dates, entities};
use crate::git::{self, Filter};
use crate::state::{Shared, with_repository};

pub(super) async fn list(
    State(app): State<Shared>,
    _: CodeAccess,
    uri: Uri,
    headers: HeaderMap,
    params: Params,
) -> Result<impl IntoResponse, ApiError> {
    with_repository(&app, move |app, repository| {
        let page = Page::of(&params)?;
        let path = params.text("path").filter(|path| !path.is_empty());
        let filter = Filter {
            path: path.as_deref().map(|path| path.trim_matches('/')),
            since: time(&params, "since")?,
            until: time(&params, "until")?,
            except: None,
        };
        let Some(start) = start(repository, &params)? else {
            return Ok((HeaderMap::new(), Json(Vec::new())));
        };
        let mut commits = git::commits(repository, start, &filter, page.offset(), page.size + 1)?;
        let headers = page.uncounted(
            commits.len() > page.size,
            &Links::new(app, &uri, &headers, &params),
        );
        commits.truncate(page.size);
        let trailers = params.flag("trailers").unwrap_or_default();
        Ok((
            headers,
            Json(
                commits
                    .iter()
                    .map(|commit| entities::commit(app, commit, trailers))
                    .collect(),
            ),
        ))
    })
    .await
}

/// The commit to list from; `None` in an empty repository.
fn start(repository: &Repository, params: &Params) -> Result<Option<Oid>, ApiError> {
    let reference = params
        .text("ref_name")
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "HEAD".to_owned());
    match git::resolve(repository, &reference)? {
        None if !git::is_empty(repository)? => Err(ApiError::not_found("Commit")),
        found => Ok(found),
    }
}

fn time(params: &Params, name: &str) -> Result<Option<i64>, ApiError> {
    let invalid = || ApiError::error(StatusCode::BAD_REQUEST, format!("{name} is invalid"));
    params
        .text(name)
        .map(|text| dates::parse(&text).ok_or_else(invalid))
        .transpose()
}

pub(super) async fn show(
    State(app): State<Shared>,
    _: CodeAccess,
    Path((_, sha)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    with_repository(&app, move |app, repository| {
        let id = existing(repository, &sha)?;
        let stats = params.flag("stats").unwrap_or(true);
        Ok(Json(entities::commit_detail(app, repository, id, stats)?))
    })
    .await
}

pub(super) async fn diff(
    State(app): State<Shared>,
    _: CodeAccess,
    Path((_, sha)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    params: Params,
) -> Result<impl IntoResponse, ApiError> {
    with_repository(&app, move |app, repository| {
        let id = existing(repository, &sha)?;
        let parent = repository.find_commit(id)?.parent_ids().next();
        let files = git::between(repository, parent, id)?;
        let (headers, files) =
            Page::of(&params)?.take(files, &Links::new(app, &uri, &headers, &params));
        Ok((
            headers,
            Json(files.iter().map(entities::diff).collect::<Vec<_>>()),
        ))
    })
    .await
}

fn existing(repository: &Repository, sha: &str) -> Result<Oid, ApiError> {
    git::resolve(repository, sha)?.ok_or_else(|| ApiError::not_found("Commit"))
}
