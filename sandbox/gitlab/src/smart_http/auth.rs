use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::accounts::{AccessLevel, TokenScope};
use crate::api::GitLabProblem;
use crate::calls::CallUser;
use crate::state::SharedState;

/// Effect of a request on the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GitService {
    Fetch,
    Push,
}

impl GitService {
    /// By the path below the repository and the query; the dumb protocol is not served.
    pub(super) fn of(file: &str, query: &str) -> Option<Self> {
        match (file, query) {
            ("git-upload-pack", _) | ("info/refs", "service=git-upload-pack") => Some(Self::Fetch),
            ("git-receive-pack", _) | ("info/refs", "service=git-receive-pack") => Some(Self::Push),
            _ => None,
        }
    }

    fn accepted_scopes(self) -> &'static [TokenScope] {
        match self {
            Self::Fetch => &[
                TokenScope::Api,
                TokenScope::ReadRepository,
                TokenScope::WriteRepository,
            ],
            Self::Push => &[TokenScope::Api, TokenScope::WriteRepository],
        }
    }
}

/// A member with the role the service needs.
pub(super) struct GitCaller {
    pub(super) username: String,
    pub(super) may_push_protected: bool,
}

/// The owner of the token given as the Basic password; the user name is any.
pub(super) fn caller(
    app: &SharedState,
    request: &Request<Body>,
    service: GitService,
) -> Result<GitCaller, GitLabProblem> {
    let token = password(request).ok_or_else(challenge)?;
    let (user, _) = app
        .accounts
        .authenticate(&token, service.accepted_scopes())
        .map_err(|_| challenge())?;
    if let Some(call) = request.extensions().get::<CallUser>() {
        call.set(&user.username);
    }
    let level = user.access_level.ok_or_else(not_found)?;
    match service {
        GitService::Fetch if level < AccessLevel::Planner => Err(text(
            StatusCode::FORBIDDEN,
            "You are not allowed to download code from this project.",
        )),
        GitService::Push if level < AccessLevel::Developer => Err(text(
            StatusCode::FORBIDDEN,
            "You are not allowed to push code to this project.",
        )),
        GitService::Push if app.project.is_archived() => Err(text(
            StatusCode::FORBIDDEN,
            "You can't push code to an archived project.",
        )),
        _ => Ok(GitCaller {
            username: user.username,
            may_push_protected: level >= AccessLevel::Maintainer,
        }),
    }
}

fn password(request: &Request<Body>) -> Option<String> {
    let value = request
        .headers()
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    decoded
        .split_once(':')
        .map(|(_, password)| password.to_owned())
}

fn challenge() -> GitLabProblem {
    text(StatusCode::UNAUTHORIZED, "HTTP Basic: Access denied.")
        .header(header::WWW_AUTHENTICATE, "Basic realm=\"GitLab\"")
}

pub(super) fn not_found() -> GitLabProblem {
    text(
        StatusCode::NOT_FOUND,
        "The project you were looking for could not be found or you don't have permission to view it.",
    )
}

fn text(status: StatusCode, text: &'static str) -> GitLabProblem {
    GitLabProblem::response((status, text).into_response())
}
