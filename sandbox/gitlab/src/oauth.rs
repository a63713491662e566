//! GitLab as an OAuth 2.0 provider: authorization code with PKCE (RFC 7636) for one public client, as a console
//! logs people in. Who somebody is, is chosen from a list: there are no passwords here.

mod authorize;
mod token;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::json;

use crate::accounts::TokenScope;
use crate::api::GitLabProblem;
use crate::random;
use crate::state::SharedState;

/// The path every route begins with.
pub(crate) const ROOT: &str = "/oauth/";
/// Id of the registered client; it has no secret.
pub const CLIENT_ID: &str = "nautes-clusters-sandbox";
/// GitLab's codes are good for ten minutes, and once.
const CODE_LIFETIME: Duration = Duration::from_secs(600);

pub(crate) fn router(app: SharedState) -> Router {
    Router::new()
        .route(
            "/oauth/authorize",
            get(authorize::show_page).post(authorize::grant),
        )
        .route("/oauth/token", post(token::create))
        .route("/oauth/revoke", post(token::revoke))
        .fallback(async || GitLabProblem::error(StatusCode::NOT_FOUND, "404 Not Found"))
        .with_state(app)
}

/// Meaning of a code or a refresh token.
#[derive(Clone)]
struct OAuthGrant {
    user_id: u64,
    scopes: Vec<TokenScope>,
    redirect_uri: String,
    /// SHA-256 of the verifier, Base64 without padding; none for refresh tokens.
    challenge: Option<String>,
    ends: Option<Instant>,
}

/// Codes and refresh tokens that are out. A restart forgets them.
#[derive(Default)]
pub(crate) struct OAuthSessions(Mutex<BTreeMap<String, OAuthGrant>>);

impl OAuthSessions {
    fn issue(&self, grant: OAuthGrant) -> Result<String, GitLabProblem> {
        let value = random::name(64).map_err(|_| GitLabProblem::internal())?;
        let mut grants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        grants.insert(value.clone(), grant);
        Ok(value)
    }

    /// Takes a code or refresh token, which nobody can use again.
    fn redeem(&self, value: &str) -> Option<OAuthGrant> {
        let mut grants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        grants.retain(|_, grant| grant.ends.is_none_or(|end| end > now));
        grants.remove(value)
    }
}

/// An error as RFC 6749 has it, with GitLab's words.
fn refused(status: StatusCode, error: &str, description: &str) -> GitLabProblem {
    let body = json!({ "error": error, "error_description": description });
    GitLabProblem::json(status, body)
}
