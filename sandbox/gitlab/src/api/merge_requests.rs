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
use records::{Record, State as MergeRequestState};
pub(super) use update::update;

use super::ApiError;
use super::access::CodeAccess;
use super::pagination::{Links, Page};
use super::params::Params;
use crate::state::{App, Shared, with_repository};

pub(super) async fn list(
    State(app): State<Shared>,
    CodeAccess(access): CodeAccess,
    uri: Uri,
    headers: HeaderMap,
    params: Params,
) -> Result<impl IntoResponse, ApiError> {
    with_repository(&app, move |app, repository| {
        let mut records = app.merge_requests.all();
        records.retain(|record| selects(&params, record));
        records.reverse();
        if params.text("sort").as_deref() == Some("asc") {
            records.reverse();
        }
        let (headers, records) =
            Page::of(&params)?.take(records, &Links::new(app, &uri, &headers, &params));
        let list = records
            .iter()
            .map(|record| present(app, repository, record, &access));
        Ok((headers, Json(list.collect::<Result<Vec<_>, _>>()?)))
    })
    .await
}

fn selects(params: &Params, record: &Record) -> bool {
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
    State(app): State<Shared>,
    CodeAccess(access): CodeAccess,
    Path((_, iid)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    with_repository(&app, move |app, repository| {
        let record = find(app, &iid)?;
        Ok(Json(present(app, repository, &record, &access)?))
    })
    .await
}

fn find(app: &App, iid: &str) -> Result<Record, ApiError> {
    let iid = iid.parse().ok();
    iid.and_then(|iid| app.merge_requests.get(iid))
        .ok_or_else(|| ApiError::message(axum::http::StatusCode::NOT_FOUND, "404 Not found"))
}
