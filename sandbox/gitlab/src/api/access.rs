use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use git2::Repository;

use super::caller::Caller;
use super::{ApiError, ROOT};
use crate::accounts::{AccessLevel, User};
use crate::git;
use crate::project::Named;
use crate::state::{App, Shared};

/// A member who addressed the project of the path's `:id`.
pub(crate) struct Access {
    pub(crate) user: User,
    pub(crate) level: AccessLevel,
}

/// A member who may read the project's code.
pub(crate) struct CodeAccess(pub(crate) Access);

impl FromRequestParts<Shared> for Access {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let id = project_id(parts, app).await?;
        let caller = Caller::find(parts, app)?;
        // GitLab's merge request routes ask for a token first, the others look for the project first.
        if caller.is_none()
            && parts.method != Method::GET
            && parts.uri.path().contains("/merge_requests")
        {
            return Err(ApiError::unauthorized());
        }
        let member = caller.and_then(|caller| Some((caller.user.access_level?, caller.user)));
        let (Some((level, user)), Some(named)) = (member, app.project.named(&id)) else {
            return Err(ApiError::not_found("Project"));
        };
        match named {
            Named::Current => Ok(Self { user, level }),
            Named::Formerly => Err(moved(parts, app)),
        }
    }
}

impl FromRequestParts<Shared> for CodeAccess {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let access = Access::from_request_parts(parts, app).await?;
        if access.may_read_code() {
            Ok(Self(access))
        } else {
            Err(ApiError::forbidden())
        }
    }
}

impl Access {
    pub(crate) fn may_read_code(&self) -> bool {
        self.level >= AccessLevel::Planner
    }

    /// Branches and merge requests may be made; in an archived project by nobody.
    pub(crate) fn may_write(&self, app: &App) -> bool {
        self.level >= AccessLevel::Developer && !app.project.is_archived()
    }

    /// GitLab's `can_push_to_branch?`: in an empty repository every branch counts as protected.
    pub(crate) fn may_push(
        &self,
        app: &App,
        repository: &Repository,
        branch: &str,
    ) -> Result<bool, git2::Error> {
        if app.project.is_archived() {
            return Ok(false);
        }
        let protected = app.project.is_protected(branch) || git::is_empty(repository)?;
        let needed = if protected {
            AccessLevel::Maintainer
        } else {
            AccessLevel::Developer
        };
        Ok(self.level >= needed)
    }
}

async fn project_id(parts: &mut Parts, app: &Shared) -> Result<String, ApiError> {
    let params = RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|_| ApiError::not_found("Project"))?;
    let id = params
        .iter()
        .find(|(name, _)| *name == "id")
        .map(|(_, value)| value.to_owned());
    id.ok_or_else(|| ApiError::not_found("Project"))
}

/// A project addressed by a path it no longer has: GET is sent to the numeric id.
fn moved(parts: &Parts, app: &Shared) -> ApiError {
    if parts.method != Method::GET {
        return ApiError::message(
            StatusCode::METHOD_NOT_ALLOWED,
            "Non GET methods are not allowed for moved projects",
        );
    }
    let below = parts
        .uri
        .path()
        .split_once("/projects/")
        .map_or("", |(_, below)| below);
    let rest = below
        .split_once('/')
        .map_or(String::new(), |(_, rest)| format!("/{rest}"));
    let query = parts
        .uri
        .query()
        .map_or(String::new(), |query| format!("?{query}"));
    let location = format!(
        "{}{ROOT}/projects/{}{rest}{query}",
        app.url,
        app.project.id()
    );
    let text = "Moved Permanently";
    ApiError::response((StatusCode::MOVED_PERMANENTLY, text).into_response())
        .header(header::LOCATION, &location)
}
