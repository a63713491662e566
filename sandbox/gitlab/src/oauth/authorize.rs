//! `/oauth/authorize`: a page that asks who it is, and the way back with a code.

use std::time::Instant;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use super::{CLIENT_ID, CODE_LIFETIME, OAuthGrant, refused};
use crate::accounts::{TokenScope, UserRecord};
use crate::api::{BodyParams, GitLabProblem, RequestParams};
use crate::pages::{escape, page};
use crate::state::SharedState;

/// Parameters that travel through the page.
const CARRIED: [&str; 7] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "state",
    "scope",
    "code_challenge",
    "code_challenge_method",
];

/// The page: one button for everybody who may log in.
pub(super) async fn show_page(
    State(app): State<SharedState>,
    params: RequestParams,
) -> Result<Html<String>, GitLabProblem> {
    check(&params)?;
    let hidden: String = CARRIED
        .iter()
        .filter_map(|name| {
            let value = escape(&params.text(name)?);
            Some(format!("<input type=hidden name={name} value=\"{value}\">"))
        })
        .collect();
    let button = |user: &UserRecord| {
        let (name, username) = (escape(&user.name), escape(&user.username));
        format!("<p><button name=username value=\"{username}\">{name} ({username})</button></p>")
    };
    let users = app.accounts.users();
    let buttons: String = users
        .iter()
        .filter(|user| !user.blocked)
        .map(button)
        .collect();
    let form = format!("<form method=post>{hidden}{buttons}</form>");
    Ok(Html(page("Log in as", &form)))
}

/// The choice: back to the client with a code.
pub(super) async fn grant(
    State(app): State<SharedState>,
    BodyParams(params): BodyParams,
) -> Result<Response, GitLabProblem> {
    let request = check(&params)?;
    let username = params.text("username").unwrap_or_default();
    let users = app.accounts.users();
    let user = users
        .iter()
        .find(|user| user.username == username && !user.blocked)
        .ok_or_else(|| refused(StatusCode::BAD_REQUEST, "access_denied", "No such user."))?;
    let code = app.oauth.issue(OAuthGrant {
        user_id: user.id,
        scopes: request.scopes,
        redirect_uri: request.redirect.to_string(),
        challenge: Some(request.challenge),
        ends: Some(Instant::now() + CODE_LIFETIME),
    })?;
    let mut location = request.redirect;
    location.query_pairs_mut().append_pair("code", &code);
    if let Some(state) = params.text("state") {
        location.query_pairs_mut().append_pair("state", &state);
    }
    let headers = [(header::LOCATION, location.to_string())];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

struct AuthorizationRequest {
    redirect: Url,
    scopes: Vec<TokenScope>,
    challenge: String,
}

/// Errors stay on this side: a client that is not known is not redirected to.
fn check(params: &RequestParams) -> Result<AuthorizationRequest, GitLabProblem> {
    let invalid = |error, text| Err(refused(StatusCode::BAD_REQUEST, error, text));
    if params.text("client_id").as_deref() != Some(CLIENT_ID) {
        let text = "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.";
        return Err(refused(StatusCode::UNAUTHORIZED, "invalid_client", text));
    }
    let redirect = Url::parse(&params.text("redirect_uri").unwrap_or_default());
    let Some(redirect) = redirect.ok().filter(is_loopback) else {
        return invalid(
            "invalid_redirect_uri",
            "The redirect URI included is not valid.",
        );
    };
    if params.text("response_type").as_deref() != Some("code") {
        return invalid(
            "unsupported_response_type",
            "The authorization server does not support this response type.",
        );
    }
    let challenge = params.text("code_challenge").unwrap_or_default();
    let method = params.text("code_challenge_method");
    if challenge.is_empty() || method.as_deref() != Some("S256") {
        return invalid(
            "invalid_code_challenge_method",
            "The code challenge method must be S256.",
        );
    }
    let asked = params.text("scope").unwrap_or_else(|| "api".to_owned());
    let scopes = asked.split_whitespace().map(TokenScope::named);
    match scopes.collect::<Option<Vec<_>>>() {
        Some(scopes) if !scopes.is_empty() => Ok(AuthorizationRequest {
            redirect,
            scopes,
            challenge,
        }),
        _ => invalid(
            "invalid_scope",
            "The requested scope is invalid, unknown, or malformed.",
        ),
    }
}

/// Ports of a sandbox are not known beforehand, so that any on this machine is taken (RFC 8252, 7.3).
fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}
