//! `/oauth/token` and `/oauth/revoke`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use super::{CLIENT_ID, OAuthGrant, refused};
use crate::api::{BodyParams, GitLabProblem, RequestParams};
use crate::state::SharedState;

/// GitLab's access tokens last two hours.
const LIFETIME: Duration = Duration::hours(2);

/// Changes a code or a refresh token for an access token.
pub(super) async fn create(
    State(app): State<SharedState>,
    BodyParams(params): BodyParams,
) -> Result<Json<Value>, GitLabProblem> {
    check_client(&params)?;
    let grant = match params.text("grant_type").as_deref() {
        Some("authorization_code") => app
            .oauth
            .redeem(&params.text("code").unwrap_or_default())
            .filter(|grant| is_proved(grant, &params)),
        Some("refresh_token") => app
            .oauth
            .redeem(&params.text("refresh_token").unwrap_or_default())
            .filter(|grant| grant.challenge.is_none()),
        _ => {
            let text = "The authorization grant type is not supported by the authorization server.";
            return Err(refused(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                text,
            ));
        }
    };
    let Some(grant) = grant else {
        let text = "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.";
        return Err(refused(StatusCode::BAD_REQUEST, "invalid_grant", text));
    };
    let scopes: Vec<&str> = grant.scopes.iter().map(|scope| scope.name()).collect();
    let scope = scopes.join(" ");
    let token = app
        .accounts
        .add_session(grant.user_id, &grant.scopes, LIFETIME)
        .map_err(|_| GitLabProblem::internal())?;
    let refresh = app.oauth.issue(OAuthGrant {
        challenge: None,
        ends: None,
        ..grant
    })?;
    Ok(Json(json!({
        "access_token": token, "token_type": "Bearer", "expires_in": LIFETIME.whole_seconds(),
        "refresh_token": refresh, "scope": scope,
        "created_at": OffsetDateTime::now_utc().unix_timestamp(),
    })))
}

fn check_client(params: &RequestParams) -> Result<(), GitLabProblem> {
    if params.text("client_id").as_deref() == Some(CLIENT_ID) {
        return Ok(());
    }
    let text = "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.";
    Err(refused(StatusCode::UNAUTHORIZED, "invalid_client", text))
}

/// The code comes from where it was sent, and from whoever asked for it.
fn is_proved(grant: &OAuthGrant, params: &RequestParams) -> bool {
    let verifier = params.text("code_verifier").unwrap_or_default();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let redirect_uri = url::Url::parse(&params.text("redirect_uri").unwrap_or_default());
    grant.challenge.as_deref() == Some(&challenge)
        && redirect_uri.is_ok_and(|uri| uri.as_str() == grant.redirect_uri)
}

/// Ends a token; GitLab answers so whatever the token is.
pub(super) async fn revoke(
    State(app): State<SharedState>,
    BodyParams(params): BodyParams,
) -> Result<Json<Value>, GitLabProblem> {
    check_client(&params)?;
    let token = params.text("token").unwrap_or_default();
    app.oauth.redeem(&token);
    app.accounts
        .revoke(&token)
        .map_err(|_| GitLabProblem::internal())?;
    Ok(Json(json!({})))
}
