//! REST API v4, below `/api/v4`: one endpoint family, one file.

mod access;
mod blobs;
mod branches;
mod caller;
mod commits;
mod compare;
mod create_commit;
mod dates;
mod entities;
mod error;
mod files;
mod identity;
mod merge_requests;
mod pagination;
mod params;
mod projects;
mod tree;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, get, put};

pub(crate) use caller::TokenOwner;
pub(crate) use dates::of_commit as commit_time;
pub(crate) use error::{GitLabProblem, ResetMarker};
pub(crate) use merge_requests::MergeRequests;
pub(crate) use params::{BodyParams, RequestParams, read_json};

use crate::state::SharedState;

/// The path every route begins with.
pub(crate) const ROOT: &str = "/api/v4";

/// All routes. As in GitLab a path parameter is one segment, so slashes in it are `%2F`.
pub(crate) fn router(app: SharedState) -> Router {
    let instance = [
        ("/version", get(identity::version)),
        ("/metadata", get(identity::version)),
        ("/user", get(identity::user)),
        ("/personal_access_tokens/self", get(identity::token)),
    ];
    let mut router = Router::new();
    for (path, route) in instance {
        router = router.route(&format!("{ROOT}{path}"), route);
    }
    for (path, route) in repository_routes()
        .into_iter()
        .chain(merge_request_routes())
    {
        router = router.route(&format!("{ROOT}/projects/{{id}}{path}"), route);
    }
    router
        .fallback(async || GitLabProblem::error(StatusCode::NOT_FOUND, "404 Not Found"))
        .method_not_allowed_fallback(async || {
            GitLabProblem::error(StatusCode::METHOD_NOT_ALLOWED, "405 Not Allowed")
        })
        .with_state(app)
}

type Route = (&'static str, MethodRouter<SharedState>);

fn repository_routes() -> [Route; 12] {
    let branch = get(branches::show)
        .head(branches::exists)
        .delete(branches::delete);
    [
        ("", get(projects::show)),
        (
            "/repository/branches",
            get(branches::list).post(branches::create),
        ),
        ("/repository/branches/{branch}", branch),
        ("/repository/tree", get(tree::list)),
        (
            "/repository/files/{file_path}",
            get(files::show).head(files::describe),
        ),
        ("/repository/files/{file_path}/raw", get(files::raw)),
        ("/repository/blobs/{sha}", get(blobs::show)),
        ("/repository/blobs/{sha}/raw", get(blobs::raw)),
        (
            "/repository/commits",
            get(commits::list).post(create_commit::create),
        ),
        ("/repository/commits/{sha}", get(commits::show)),
        ("/repository/commits/{sha}/diff", get(commits::diff)),
        ("/repository/compare", get(compare::compare)),
    ]
}

fn merge_request_routes() -> [Route; 3] {
    [
        (
            "/merge_requests",
            get(merge_requests::list).post(merge_requests::create),
        ),
        (
            "/merge_requests/{iid}",
            get(merge_requests::show).put(merge_requests::update),
        ),
        ("/merge_requests/{iid}/merge", put(merge_requests::merge)),
    ]
}
