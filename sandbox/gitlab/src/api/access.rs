use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use git2::Repository;

use super::caller::TokenOwner;
use super::{GitLabProblem, ROOT};
use crate::accounts::{AccessLevel, UserRecord};
use crate::git;
use crate::project::ProjectPathMatch;
use crate::state::{GitLabState, SharedState};

/// A member who addressed the project of the path's `:id`.
pub(crate) struct MemberAccess {
    pub(crate) user: UserRecord,
    pub(crate) level: AccessLevel,
}

/// A member who may read the project's code.
pub(crate) struct CodeAccess(pub(crate) MemberAccess);

impl FromRequestParts<SharedState> for MemberAccess {
    type Rejection = GitLabProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &SharedState,
    ) -> Result<Self, GitLabProblem> {
        let id = project_id(parts, app).await?;
        let caller = TokenOwner::find(parts, app)?;
        // GitLab's merge request routes ask for a token first, the others look for the project first.
        if caller.is_none()
            && parts.method != Method::GET
            && parts.uri.path().contains("/merge_requests")
        {
            return Err(GitLabProblem::unauthorized());
        }
        let member = caller.and_then(|caller| Some((caller.user.access_level?, caller.user)));
        let (Some((level, user)), Some(named)) = (member, app.project.named(&id)) else {
            return Err(GitLabProblem::not_found("Project"));
        };
        match named {
            ProjectPathMatch::Current => Ok(Self { user, level }),
            ProjectPathMatch::Formerly => Err(moved(parts, app)),
        }
    }
}

impl FromRequestParts<SharedState> for CodeAccess {
    type Rejection = GitLabProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &SharedState,
    ) -> Result<Self, GitLabProblem> {
        let access = MemberAccess::from_request_parts(parts, app).await?;
        if access.may_read_code() {
            Ok(Self(access))
        } else {
            Err(GitLabProblem::forbidden())
        }
    }
}

impl MemberAccess {
    pub(crate) fn may_read_code(&self) -> bool {
        self.level >= AccessLevel::Planner
    }

    /// Branches and merge requests may be made; in an archived project by nobody.
    pub(crate) fn may_write(&self, app: &GitLabState) -> bool {
        self.level >= AccessLevel::Developer && !app.project.is_archived()
    }

    /// GitLab's `can_push_to_branch?`: in an empty repository every branch counts as protected.
    pub(crate) fn may_push(
        &self,
        app: &GitLabState,
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

async fn project_id(parts: &mut Parts, app: &SharedState) -> Result<String, GitLabProblem> {
    let params = RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|_| GitLabProblem::not_found("Project"))?;
    let id = params
        .iter()
        .find(|(name, _)| *name == "id")
        .map(|(_, value)| value.to_owned());
    id.ok_or_else(|| GitLabProblem::not_found("Project"))
}

/// A project addressed by a path it no longer has: GET is sent to the numeric id.
fn moved(parts: &Parts, app: &SharedState) -> GitLabProblem {
    if parts.method != Method::GET {
        return GitLabProblem::message(
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
    GitLabProblem::response((StatusCode::MOVED_PERMANENTLY, text).into_response())
        .header(header::LOCATION, &location)
}
