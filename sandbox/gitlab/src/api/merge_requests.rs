//! `/projects/:id/merge_requests`.

mod create;
mod merge;
mod present;
mod records;
mod update;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::IntoResponse;
use serde_json::Value;

pub(super) use create::create;
pub(super) use merge::merge;
use present::present;
pub(crate) use records::MergeRequests;
use records::{MergeRequestRecord, MergeRequestState};
pub(super) use update::update;

use super::GitLabProblem;
use super::access::CodeAccess;
use super::pagination::{PageLinks, PageRequest};
use super::params::RequestParams;
use crate::state::{GitLabState, SharedState, with_repository};

pub(super) async fn list(
    State(app): State<SharedState>,
    CodeAccess(access): CodeAccess,
    uri: Uri,
    headers: HeaderMap,
    params: RequestParams,
) -> Result<impl IntoResponse, GitLabProblem> {
    with_repository(&app, move |app, repository| {
        let mut records = app.merge_requests.all();
        records.retain(|record| selects(&params, record));
        records.reverse();
        if params.text("sort").as_deref() == Some("asc") {
            records.reverse();
        }
        let (headers, records) =
            PageRequest::of(&params)?.take(records, &PageLinks::new(app, &uri, &headers, &params));
        let list = records
            .iter()
            .map(|record| present(app, repository, record, &access));
        Ok((headers, Json(list.collect::<Result<Vec<_>, _>>()?)))
    })
    .await
}

fn selects(params: &RequestParams, record: &MergeRequestRecord) -> bool {
    let equals = |name: &str, value: &str| params.text(name).is_none_or(|wanted| wanted == value);
    let state = params.text("state").unwrap_or_else(|| "all".to_owned());
    let search = params.text("search").unwrap_or_default().to_lowercase();
    let text = format!(
        "{}\n{}",
        record.title,
        record.description.as_deref().unwrap_or_default()
    )
    .to_lowercase();
    (state == "all" || state == record.state.name())
        && equals("source_branch", &record.source_branch)
        && equals("target_branch", &record.target_branch)
        && equals("author_id", &record.author_id.to_string())
        && text.contains(&search)
}

pub(super) async fn show(
    State(app): State<SharedState>,
    CodeAccess(access): CodeAccess,
    Path((_, iid)): Path<(String, String)>,
) -> Result<Json<Value>, GitLabProblem> {
    with_repository(&app, move |app, repository| {
        let record = find(app, &iid)?;
        Ok(Json(present(app, repository, &record, &access)?))
    })
    .await
}

fn find(app: &GitLabState, iid: &str) -> Result<MergeRequestRecord, GitLabProblem> {
    let iid = iid.parse().ok();
    iid.and_then(|iid| app.merge_requests.get(iid))
        .ok_or_else(|| GitLabProblem::message(axum::http::StatusCode::NOT_FOUND, "404 Not found"))
}
