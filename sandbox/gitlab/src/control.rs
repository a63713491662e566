//! `/-/sandbox`: faults, calls and the project's condition for clients in another process. Never logged, delayed or struck.

mod wire;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use serde_json::{Value, json};

use self::wire::WireFault;
use crate::api::GitLabProblem;
use crate::calls::GitLabCall;
use crate::conditions::{self, ProjectCondition};
use crate::state::SharedState;

/// The path every control route begins with.
pub(crate) const ROOT: &str = "/-/sandbox";

pub(crate) fn router(app: SharedState) -> Router {
    Router::new()
        .route(
            "/-/sandbox/faults",
            get(list_faults).post(add_fault).delete(clear_faults),
        )
        .route("/-/sandbox/calls", get(list_calls).delete(clear_calls))
        .route("/-/sandbox/condition", put(set_condition))
        .fallback(async || GitLabProblem::error(StatusCode::NOT_FOUND, "404 Not Found"))
        .with_state(app)
}

async fn list_faults(State(app): State<SharedState>) -> Json<Value> {
    let faults = app.faults.list();
    Json(
        faults
            .iter()
            .map(|(fault, struck)| wire::describe(fault, *struck))
            .collect(),
    )
}

async fn add_fault(
    State(app): State<SharedState>,
    body: bytes::Bytes,
) -> Result<StatusCode, GitLabProblem> {
    let invalid = |text: String| GitLabProblem::error(StatusCode::BAD_REQUEST, text);
    let fault: WireFault =
        serde_json::from_slice(&body).map_err(|error| invalid(error.to_string()))?;
    app.faults.add(fault.try_into().map_err(invalid)?);
    Ok(StatusCode::CREATED)
}

async fn clear_faults(State(app): State<SharedState>) -> StatusCode {
    app.faults.clear();
    StatusCode::NO_CONTENT
}

async fn list_calls(State(app): State<SharedState>) -> Json<Value> {
    Json(app.calls.calls().iter().map(describe).collect())
}

async fn clear_calls(State(app): State<SharedState>) -> StatusCode {
    app.calls.clear();
    StatusCode::NO_CONTENT
}

/// `{"condition": "archived"}`; the names are those of [`ProjectCondition`] with hyphens.
#[derive(serde::Deserialize)]
struct ConditionRequest {
    condition: ProjectCondition,
}

async fn set_condition(
    State(app): State<SharedState>,
    body: bytes::Bytes,
) -> Result<StatusCode, GitLabProblem> {
    let request: ConditionRequest = serde_json::from_slice(&body)
        .map_err(|error| GitLabProblem::error(StatusCode::BAD_REQUEST, error.to_string()))?;
    let set = tokio::task::spawn_blocking(move || conditions::set(&app, request.condition));
    match set.await {
        Ok(Ok(())) => Ok(StatusCode::NO_CONTENT),
        _ => Err(GitLabProblem::internal()),
    }
}

/// Times in milliseconds since the server's start.
fn describe(call: &GitLabCall) -> Value {
    json!({
        "method": call.method.as_str(),
        "path": call.path,
        "query": call.query,
        "status": call.status,
        "user": call.user,
        "started_ms": call.started.as_secs_f64() * 1e3,
        "finished_ms": call.finished.map(|finished| finished.as_secs_f64() * 1e3),
        "traceparent": call.traceparent,
        "request_id": call.request_id,
    })
}
