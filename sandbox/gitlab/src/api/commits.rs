use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use git2::{Oid, Repository};
use serde_json::Value;

use super::access::CodeAccess;
use super::pagination::{PageLinks, PageRequest};
use super::params::RequestParams;
use super::{GitLabProblem, dates, entities};
use crate::git::{self, CommitFilter};
use crate::state::{SharedState, with_repository};

pub(super) async fn list(
    State(app): State<SharedState>,
    _: CodeAccess,
    uri: Uri,
    headers: HeaderMap,
    params: RequestParams,
) -> Result<impl IntoResponse, GitLabProblem> {
    with_repository(&app, move |app, repository| {
        let page = PageRequest::of(&params)?;
        let path = params.text("path").filter(|path| !path.is_empty());
        let filter = CommitFilter {
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
            &PageLinks::new(app, &uri, &headers, &params),
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
fn start(repository: &Repository, params: &RequestParams) -> Result<Option<Oid>, GitLabProblem> {
    let reference = params
        .text("ref_name")
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "HEAD".to_owned());
    match git::resolve(repository, &reference)? {
        None if !git::is_empty(repository)? => Err(GitLabProblem::not_found("Commit")),
        found => Ok(found),
    }
}

fn time(params: &RequestParams, name: &str) -> Result<Option<i64>, GitLabProblem> {
    let invalid = || GitLabProblem::error(StatusCode::BAD_REQUEST, format!("{name} is invalid"));
    params
        .text(name)
        .map(|text| dates::parse(&text).ok_or_else(invalid))
        .transpose()
}

pub(super) async fn show(
    State(app): State<SharedState>,
    _: CodeAccess,
    Path((_, sha)): Path<(String, String)>,
    params: RequestParams,
) -> Result<Json<Value>, GitLabProblem> {
    with_repository(&app, move |app, repository| {
        let id = existing(repository, &sha)?;
        let stats = params.flag("stats").unwrap_or(true);
        Ok(Json(entities::commit_detail(app, repository, id, stats)?))
    })
    .await
}

pub(super) async fn diff(
    State(app): State<SharedState>,
    _: CodeAccess,
    Path((_, sha)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    params: RequestParams,
) -> Result<impl IntoResponse, GitLabProblem> {
    with_repository(&app, move |app, repository| {
        let id = existing(repository, &sha)?;
        let parent = repository.find_commit(id)?.parent_ids().next();
        let files = git::between(repository, parent, id)?;
        let (headers, files) =
            PageRequest::of(&params)?.take(files, &PageLinks::new(app, &uri, &headers, &params));
        Ok((
            headers,
            Json(files.iter().map(entities::diff).collect::<Vec<_>>()),
        ))
    })
    .await
}

fn existing(repository: &Repository, sha: &str) -> Result<Oid, GitLabProblem> {
    git::resolve(repository, sha)?.ok_or_else(|| GitLabProblem::not_found("Commit"))
}
