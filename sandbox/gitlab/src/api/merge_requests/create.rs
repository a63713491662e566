use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::present;
use super::records::{Record, State as MergeRequestState};
use crate::api::ApiError;
use crate::api::access::Access;
use crate::api::params::{Body, Params};
use crate::git;
use crate::state::{Shared, with_repository};

pub(in crate::api) async fn create(
    State(app): State<Shared>,
    access: Access,
    Body(params): Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    if !access.may_write(&app) {
        return Err(ApiError::forbidden());
    }
    let record = record(&params, access.user.id)?;
    with_repository(&app, move |app, repository| {
        for (field, branch) in [
            ("source_branch", &record.source_branch),
            ("target_branch", &record.target_branch),
        ] {
            if git::branch_head(repository, branch)?.is_none() {
                let body = json!({ "message": { field: ["does not exist"] } });
                return Err(ApiError::json(StatusCode::BAD_REQUEST, body));
            }
        }
        let record = app.merge_requests.add(record)?.map_err(exists)?;
        Ok((
            StatusCode::CREATED,
            Json(present(app, repository, &record, &access)?),
        ))
    })
    .await
}

fn record(params: &Params, author_id: u64) -> Result<Record, ApiError> {
    let [title, source_branch, target_branch] =
        params.required(["title", "source_branch", "target_branch"])?;
    if title.trim().is_empty() {
        let body = json!({ "message": { "title": ["can't be blank"] } });
        return Err(ApiError::json(StatusCode::BAD_REQUEST, body));
    }
    if source_branch == target_branch {
        let text = "You can't use same project/branch for source and target";
        return Err(ApiError::messages(StatusCode::UNPROCESSABLE_ENTITY, text));
    }
    let now = OffsetDateTime::now_utc();
    Ok(Record {
        iid: 0,
        title,
        description: params.text("description"),
        source_branch,
        target_branch,
        state: MergeRequestState::Opened,
        author_id,
        labels: super::update::labels(params).unwrap_or_default(),
        remove_source_branch: params.flag("remove_source_branch").unwrap_or_default(),
        squash: params.flag("squash").unwrap_or_default(),
        created_at: now,
        updated_at: now,
        sha: None,
        merged: None,
    })
}

fn exists(iid: u64) -> ApiError {
    let text = format!("Another open merge request already exists for this source branch: !{iid}");
    ApiError::messages(StatusCode::CONFLICT, text)
}
