use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;

use super::records::MergeRequestState;
use super::{find, present};
use crate::api::GitLabProblem;
use crate::api::access::CodeAccess;
use crate::api::params::{BodyParams, RequestParams};
use crate::git;
use crate::state::{SharedState, with_repository};

/// The parameters an update takes; one of them at least.
const CHANGEABLE: [&str; 7] = [
    "title",
    "description",
    "target_branch",
    "labels",
    "state_event",
    "remove_source_branch",
    "squash",
];

pub(in crate::api) async fn update(
    State(app): State<SharedState>,
    CodeAccess(access): CodeAccess,
    Path((_, iid)): Path<(String, String)>,
    BodyParams(params): BodyParams,
) -> Result<Json<Value>, GitLabProblem> {
    with_repository(&app, move |app, repository| {
        let record = find(app, &iid)?;
        let is_author = record.author_id == access.user.id && !app.project.is_archived();
        if !access.may_write(app) && !is_author {
            return Err(GitLabProblem::forbidden());
        }
        let state = check(&params, record.state)?;
        let head = git::branch_head(repository, &record.source_branch)?.map(|id| id.to_string());
        let changed = app.merge_requests.change(record.iid, |record| {
            let set = |field: &mut String, name| {
                *field = params.text(name).unwrap_or_else(|| field.clone())
            };
            set(&mut record.title, "title");
            set(&mut record.target_branch, "target_branch");
            record.description = params.text("description").or(record.description.take());
            record.labels = labels(&params).unwrap_or_else(|| record.labels.clone());
            record.remove_source_branch = params
                .flag("remove_source_branch")
                .unwrap_or(record.remove_source_branch);
            record.squash = params.flag("squash").unwrap_or(record.squash);
            record.state = state;
            record.sha = head;
        })?;
        Ok(Json(present(
            app,
            repository,
            &changed.unwrap_or(record),
            &access,
        )?))
    })
    .await
}

/// The state after the event, if any; a merged request stays merged.
fn check(
    params: &RequestParams,
    state: MergeRequestState,
) -> Result<MergeRequestState, GitLabProblem> {
    let invalid = |text: String| Err(GitLabProblem::error(StatusCode::BAD_REQUEST, text));
    if CHANGEABLE.iter().all(|name| params.text(name).is_none()) {
        return invalid(format!(
            "{} are missing, at least one parameter must be provided",
            CHANGEABLE.join(", ")
        ));
    }
    if params
        .text("title")
        .is_some_and(|title| title.trim().is_empty())
    {
        return invalid("title is empty".to_owned());
    }
    match params.text("state_event").as_deref() {
        None => Ok(state),
        Some("close" | "reopen") if state == MergeRequestState::Merged => Ok(state),
        Some("close") => Ok(MergeRequestState::Closed),
        Some("reopen") => Ok(MergeRequestState::Opened),
        Some(_) => invalid("state_event does not have a valid value".to_owned()),
    }
}

pub(super) fn labels(params: &RequestParams) -> Option<Vec<String>> {
    let text = params.text("labels")?;
    Some(
        text.split(',')
            .map(str::trim)
            .filter(|label| !label.is_empty())
            .map(str::to_owned)
            .collect(),
    )
}
