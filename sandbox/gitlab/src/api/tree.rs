use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use git2::Repository;
use serde_json::{Value, json};

use super::GitLabProblem;
use super::access::CodeAccess;
use super::pagination::{PageLinks, PageRequest};
use super::params::RequestParams;
use crate::git::{self, ListingEntry};
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
        let paging = PaginationMode::of(&params)?;
        let entries = entries(repository, &params)?;
        let links = PageLinks::new(app, &uri, &headers, &params);
        let (headers, entries) = match paging {
            PaginationMode::Legacy => page.take(entries, &links),
            PaginationMode::None => (HeaderMap::new(), entries),
            PaginationMode::Keyset => keyset(entries, page.size, &params, &links)?,
        };
        Ok((
            headers,
            Json(entries.iter().map(present).collect::<Vec<_>>()),
        ))
    })
    .await
}

enum PaginationMode {
    Legacy,
    Keyset,
    None,
}

impl PaginationMode {
    fn of(params: &RequestParams) -> Result<Self, GitLabProblem> {
        let invalid = |text| Err(GitLabProblem::error(StatusCode::BAD_REQUEST, text));
        match params.text("pagination").as_deref() {
            None | Some("legacy") => Ok(Self::Legacy),
            Some("keyset") => Ok(Self::Keyset),
            Some("none") if params.flag("recursive") == Some(true) => Ok(Self::None),
            Some("none") => invalid("pagination cannot be \"none\" unless \"recursive\" is true"),
            Some(_) => invalid("pagination does not have a valid value"),
        }
    }
}

fn entries(
    repository: &Repository,
    params: &RequestParams,
) -> Result<Vec<ListingEntry>, GitLabProblem> {
    let reference = params
        .text("ref")
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "HEAD".to_owned());
    let path = params.text("path").unwrap_or_default();
    let recursive = params.flag("recursive").unwrap_or_default();
    let commit =
        git::resolve(repository, &reference)?.ok_or_else(|| GitLabProblem::not_found("Tree"))?;
    git::list(repository, commit, path.trim_matches('/'), recursive)?
        .ok_or_else(|| GitLabProblem::not_found("invalid revision or path"))
}

/// The entries after the token's; a link to the next page when this one is full and more follow.
fn keyset(
    entries: Vec<ListingEntry>,
    size: usize,
    params: &RequestParams,
    links: &PageLinks<'_>,
) -> Result<(HeaderMap, Vec<ListingEntry>), GitLabProblem> {
    let start = match params.text("page_token").filter(|token| !token.is_empty()) {
        Some(token) => {
            let last = entries.iter().position(|entry| cursor(entry) == token);
            last.ok_or_else(|| GitLabProblem::bad_request("page_token is invalid"))? + 1
        }
        None => 0,
    };
    let more = entries.len() > start + size;
    let page: Vec<_> = entries.into_iter().skip(start).take(size).collect();
    let mut headers = HeaderMap::new();
    if let Some(last) = page.last().filter(|_| more) {
        let link = links.to(
            "next",
            &[
                ("page_token", &cursor(last)),
                ("per_page", &size.to_string()),
            ],
        );
        if let Ok(value) = HeaderValue::from_str(&link) {
            headers.insert(header::LINK, value);
        }
    }
    Ok((headers, page))
}

/// Opaque to clients, and stable: it names the page's last entry.
fn cursor(entry: &ListingEntry) -> String {
    URL_SAFE_NO_PAD.encode(json!({ "file_name": entry.path }).to_string())
}

fn present(entry: &ListingEntry) -> Value {
    json!({
        "id": entry.id.to_string(),
        "name": entry.name,
        "type": entry.kind(),
        "path": entry.path,
        "mode": format!("{:06o}", entry.mode),
    })
}
