use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri, header};

use super::GitLabProblem;
use crate::accounts::{AuthenticationError, TokenRecord, TokenScope, UserRecord};
use crate::calls::CallUser;
use crate::state::SharedState;

/// The owner of the request's token, which is valid for the route.
pub(crate) struct TokenOwner {
    pub(crate) user: UserRecord,
    pub(crate) token: TokenRecord,
}

impl TokenOwner {
    /// The caller, or `None` without a token.
    pub(crate) fn find(parts: &Parts, app: &SharedState) -> Result<Option<Self>, GitLabProblem> {
        let accepted = accepted_scopes(&parts.method, parts.uri.path());
        Self::with_scopes(parts, app, accepted)
    }

    /// The caller, or `None` without a token, whatever the route.
    pub(crate) fn with_scopes(
        parts: &Parts,
        app: &SharedState,
        accepted: &[TokenScope],
    ) -> Result<Option<Self>, GitLabProblem> {
        let Some(value) = presented_token(parts) else {
            return Ok(None);
        };
        let (user, token) = app
            .accounts
            .authenticate(&value, accepted)
            .map_err(|reason| rejection(reason, accepted))?;
        if token.scopes.contains(&TokenScope::Job) && !is_for_jobs(&parts.method, parts.uri.path())
        {
            return Err(GitLabProblem::unauthorized());
        }
        if let Some(call) = parts.extensions.get::<CallUser>() {
            call.set(&user.username);
        }
        Ok(Some(Self { user, token }))
    }
}

impl FromRequestParts<SharedState> for TokenOwner {
    type Rejection = GitLabProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &SharedState,
    ) -> Result<Self, GitLabProblem> {
        Self::find(parts, app)?.ok_or_else(GitLabProblem::unauthorized)
    }
}

/// A `PRIVATE-TOKEN` header wins over the query, and that over a bearer token.
fn presented_token(parts: &Parts) -> Option<String> {
    let header = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let own = header(header::HeaderName::from_static("private-token"))
        .or_else(|| header(header::HeaderName::from_static("job-token")))
        .map(str::to_owned);
    let bearer = || {
        let (scheme, value) = header(header::AUTHORIZATION)?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| value.trim().to_owned())
    };
    own.or_else(|| query_token(&parts.uri))
        .or_else(bearer)
        .filter(|value| !value.is_empty())
}

fn query_token(uri: &Uri) -> Option<String> {
    let pairs = url::form_urlencoded::parse(uri.query()?.as_bytes());
    pairs
        .into_iter()
        .find(|(name, _)| name == "private_token")
        .map(|(_, value)| value.into_owned())
}

/// The scopes a route accepts; empty is any.
fn accepted_scopes(method: &Method, path: &str) -> &'static [TokenScope] {
    let reading = method == Method::GET || method == Method::HEAD;
    if path.ends_with("/personal_access_tokens/self") {
        &[]
    } else if !reading {
        &[TokenScope::Api]
    } else if path.contains("/repository/files/") {
        &[
            TokenScope::Api,
            TokenScope::ReadApi,
            TokenScope::ReadRepository,
        ]
    } else if !path.contains("/projects/") {
        &[TokenScope::Api, TokenScope::ReadApi, TokenScope::ReadUser]
    } else {
        &[TokenScope::Api, TokenScope::ReadApi]
    }
}

/// Routes that say they take the token of a CI/CD job; to all others it is no token at all.
fn is_for_jobs(method: &Method, path: &str) -> bool {
    let families = ["/branches", "/commits", "/files/"];
    method == Method::GET
        && path
            .split_once("/repository")
            .is_some_and(|(_, below)| families.iter().any(|family| below.starts_with(family)))
}

/// GitLab's answer to a token it does not accept.
fn rejection(reason: AuthenticationError, accepted: &[TokenScope]) -> GitLabProblem {
    let invalid = |description| {
        GitLabProblem::bearer(StatusCode::UNAUTHORIZED, "invalid_token", description, None)
    };
    match reason {
        AuthenticationError::Unknown => GitLabProblem::unauthorized(),
        AuthenticationError::Expired => {
            invalid("Token is expired. You can either do re-authorization or token refresh.")
        }
        AuthenticationError::Revoked => {
            invalid("Token was revoked. You have to re-authorize from the user.")
        }
        AuthenticationError::InsufficientScope => GitLabProblem::bearer(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            "The request requires higher privileges than provided by the access token.",
            Some(
                accepted
                    .iter()
                    .map(|scope| scope.name())
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
        ),
        AuthenticationError::Blocked => {
            GitLabProblem::forbidden_because("Your account has been blocked.")
        }
    }
}
