use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::present;
use super::records::{MergeRequestRecord, MergeRequestState};
use crate::api::GitLabProblem;
use crate::api::access::MemberAccess;
use crate::api::params::{BodyParams, RequestParams};
use crate::git;
use crate::state::{SharedState, with_repository};

pub(in crate::api) async fn create(
    State(app): State<SharedState>,
    access: MemberAccess,
    BodyParams(params): BodyParams,
) -> Result<(StatusCode, Json<Value>), GitLabProblem> {
    if !access.may_write(&app) {
        return Err(GitLabProblem::forbidden());
    }
    let record = record(&params, access.user.id)?;
    with_repository(&app, move |app, repository| {
        for (field, branch) in [
            ("source_branch", &record.source_branch),
            ("target_branch", &record.target_branch),
        ] {
            if git::branch_head(repository, branch)?.is_none() {
                let body = json!({ "message": { field: ["does not exist"] } });
                return Err(GitLabProblem::json(StatusCode::BAD_REQUEST, body));
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

fn record(params: &RequestParams, author_id: u64) -> Result<MergeRequestRecord, GitLabProblem> {
    let [title, source_branch, target_branch] =
        params.required(["title", "source_branch", "target_branch"])?;
    if title.trim().is_empty() {
        let body = json!({ "message": { "title": ["can't be blank"] } });
        return Err(GitLabProblem::json(StatusCode::BAD_REQUEST, body));
    }
    if source_branch == target_branch {
        let text = "You can't use same project/branch for source and target";
        return Err(GitLabProblem::messages(
            StatusCode::UNPROCESSABLE_ENTITY,
            text,
        ));
    }
    let now = OffsetDateTime::now_utc();
    Ok(MergeRequestRecord {
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

fn exists(iid: u64) -> GitLabProblem {
    let text = format!("Another open merge request already exists for this source branch: !{iid}");
    GitLabProblem::messages(StatusCode::CONFLICT, text)
}
