use axum::Json;
use axum::extract::State;
use git2::Repository;
use serde_json::{Value, json};

use super::GitLabProblem;
use super::access::MemberAccess;
use super::dates;
use crate::accounts::AccessLevel;
use crate::git;
use crate::state::{GitLabState, SharedState, with_repository};

pub(super) async fn show(
    State(app): State<SharedState>,
    access: MemberAccess,
) -> Result<Json<Value>, GitLabProblem> {
    with_repository(&app, move |app, repository| {
        Ok(Json(project(app, repository, &access)?))
    })
    .await
}

fn project(
    app: &GitLabState,
    repository: &Repository,
    access: &MemberAccess,
) -> Result<Value, GitLabProblem> {
    let record = app.project.record();
    let url = app.project_url();
    let host = app
        .url
        .split_once("://")
        .map_or(app.url.as_str(), |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let mut project = json!({
        "id": record.id,
        "description": null,
        "name": name(&record.path),
        "name_with_namespace": record.path.replace('/', " / "),
        "path": name(&record.path),
        "path_with_namespace": record.path,
        "created_at": dates::of_record(record.created_at),
        "topics": [],
        "ssh_url_to_repo": format!("git@{host}:{}.git", record.path),
        "http_url_to_repo": format!("{url}.git"),
        "web_url": url,
        "readme_url": null,
        "namespace": namespace(app, &record.path),
        "visibility": "private",
        "archived": record.archived,
        "merge_method": "merge",
        "squash_option": "default_off",
        "repository_access_level": "enabled",
        "merge_requests_access_level": "enabled",
        "can_create_merge_request_in": access.level >= AccessLevel::Reporter && !record.archived,
        "empty_repo": git::is_empty(repository)?,
        "marked_for_deletion_on": null,
        "permissions": {
            "project_access": { "access_level": access.level.number(), "notification_level": 3 },
            "group_access": null,
        },
    });
    if let Some(fields) = project.as_object_mut().filter(|_| access.may_read_code()) {
        fields.insert(
            "default_branch".to_owned(),
            git::default_branch(repository)?.into(),
        );
    }
    Ok(project)
}

fn namespace(app: &GitLabState, project: &str) -> Value {
    let full = project.rsplit_once('/').map_or("", |(groups, _)| groups);
    let parent = full.contains('/').then_some(1);
    json!({
        "id": 2,
        "name": name(full),
        "path": name(full),
        "kind": "group",
        "full_path": full,
        "parent_id": parent,
        "avatar_url": null,
        "web_url": format!("{}/groups/{full}", app.url),
    })
}

fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
