//! `POST /api/graphql`: `project(fullPath:){ repository { blobs(ref:, paths:) { nodes { … } } } }`, with GitLab's
//! limits. Fields that are not spoken of here are errors, as unknown fields are in GitLab.

mod blobs;
mod document;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use self::document::SelectedField;
use crate::accounts::{TokenScope, UserRecord};
use crate::api::{GitLabProblem, TokenOwner, read_json};
use crate::project::ProjectPathMatch;
use crate::state::{GitLabState, SharedState, with_repository};

/// The path of the endpoint.
pub(crate) const PATH: &str = "/api/graphql";

/// Longest query text; variables do not count.
const QUERY_LIMIT: usize = 10_000;
/// Most a query may cost an authenticated user.
const COMPLEXITY_LIMIT: usize = 250;

/// Answers a query. Its errors are part of a 200, but for tokens that are not accepted.
pub(crate) async fn answer(State(app): State<SharedState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let caller = TokenOwner::with_scopes(&parts, &app, &[TokenScope::Api, TokenScope::ReadApi]);
    let Ok(caller) = caller else {
        let body = json!({ "errors": [{ "message": "Invalid token" }] });
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    };
    let body = match read_json(body).await {
        Ok(body) => body,
        Err(error) => return error.into_response(),
    };
    let user = caller.map(|caller| caller.user);
    let result = with_repository(&app, move |app, repository| {
        let data = query(&body).and_then(|fields| {
            let run = |field: &SelectedField| {
                let value = project(app, repository, user.as_ref(), field)?;
                Ok((field.alias.clone(), value))
            };
            fields.iter().map(run).collect::<Result<Map<_, _>, _>>()
        });
        Ok::<_, GitLabProblem>(match data {
            Ok(data) => json!({ "data": data }),
            Err(message) => json!({ "errors": [{ "message": message }] }),
        })
    });
    match result.await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => error.into_response(),
    }
}

/// The fields of the query, with variables filled in.
fn query(body: &Map<String, Value>) -> Result<Vec<SelectedField>, String> {
    let text = body
        .get("query")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if text.len() > QUERY_LIMIT {
        return Err("Query too large".to_owned());
    }
    let variables = body.get("variables").cloned().unwrap_or_default();
    let fields = document::parse(text, &variables)?;
    let complexity: usize = fields.iter().map(blobs::complexity).sum();
    if complexity > COMPLEXITY_LIMIT {
        return Err(format!(
            "Query has complexity of {complexity}, which exceeds max complexity of {COMPLEXITY_LIMIT}"
        ));
    }
    Ok(fields)
}

/// A project that the caller does not see is null, as one that does not exist.
fn project(
    app: &GitLabState,
    repository: &git2::Repository,
    user: Option<&UserRecord>,
    field: &SelectedField,
) -> Result<Value, String> {
    field.is("Query", "project")?;
    let level = user.and_then(|user| user.access_level);
    let is_named = app.project.named(&field.text("fullPath")) == Some(ProjectPathMatch::Current);
    let Some(level) = level.filter(|_| is_named) else {
        return Ok(Value::Null);
    };
    let run = |field: &SelectedField| {
        field.is("Project", "repository")?;
        let reads = level >= crate::accounts::AccessLevel::Planner;
        let value = if reads {
            self::repository(repository, field)?
        } else {
            Value::Null
        };
        Ok((field.alias.clone(), value))
    };
    Ok(Value::Object(
        field
            .fields
            .iter()
            .map(run)
            .collect::<Result<_, String>>()?,
    ))
}

fn repository(repository: &git2::Repository, field: &SelectedField) -> Result<Value, String> {
    let run = |field: &SelectedField| {
        field.is("Repository", "blobs")?;
        Ok((field.alias.clone(), blobs::select(repository, field)?))
    };
    Ok(Value::Object(
        field
            .fields
            .iter()
            .map(run)
            .collect::<Result<_, String>>()?,
    ))
}
