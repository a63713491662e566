//! `git clone` and `git push` over HTTP, served by Git's own CGI program.

mod auth;
mod cgi;

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;

use self::auth::GitService;
use crate::api::GitLabProblem;
use crate::state::SharedState;

/// End of a repository's path in a URL.
const SUFFIX: &str = ".git/";

/// True where a path belongs to a repository and not to the API.
pub(crate) fn is_git(path: &str) -> bool {
    !path.starts_with(crate::api::ROOT) && path.contains(SUFFIX)
}

/// Authenticates, checks the role and hands the request to `git http-backend`.
pub(crate) async fn serve(
    app: &SharedState,
    request: Request<Body>,
) -> Result<Response, GitLabProblem> {
    let (project, file) = request
        .uri()
        .path()
        .split_once(SUFFIX)
        .ok_or_else(auth::not_found)?;
    let query = request.uri().query().unwrap_or_default();
    let service = GitService::of(file, query).ok_or_else(auth::not_found)?;
    let caller = auth::caller(app, &request, service)?;
    // A project that was moved is still found, as GitLab's Git clients are redirected.
    app.project
        .named(project.trim_start_matches('/'))
        .ok_or_else(auth::not_found)?;
    let file = file.to_owned();
    cgi::run(app, &caller, &file, request)
        .await
        .map_err(|error| {
            tracing::error!(%error, "git http-backend failed");
            GitLabProblem::internal()
        })
}
