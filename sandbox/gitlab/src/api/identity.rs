use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::caller::TokenOwner;
use super::dates;
use crate::state::SharedState;

/// The release whose texts are given.
const VERSION: &str = "18.8.0-sandbox";

pub(super) async fn version(_: TokenOwner) -> Json<Value> {
    Json(
        json!({ "version": VERSION, "revision": "sandbox", "kas": { "enabled": false }, "enterprise": false }),
    )
}

pub(super) async fn user(
    State(app): State<SharedState>,
    TokenOwner { user, .. }: TokenOwner,
) -> Json<Value> {
    Json(json!({
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "state": "active",
        "locked": false,
        "avatar_url": null,
        "web_url": format!("{}/{}", app.url, user.username),
        "created_at": dates::of_record(user.created_at),
        "bot": false,
        "email": user.email(),
        "commit_email": user.email(),
        "public_email": "",
        "external": false,
        "two_factor_enabled": false,
        "can_create_project": false,
    }))
}

pub(super) async fn token(TokenOwner { user, token }: TokenOwner) -> Json<Value> {
    let lifetime_days = 365;
    Json(json!({
        "id": token.id,
        "name": token.name,
        "revoked": token.revoked,
        "created_at": dates::of_record(token.created_at),
        "description": null,
        "scopes": token.scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>(),
        "user_id": user.id,
        "last_used_at": null,
        "last_used_ips": [],
        "active": true,
        "expires_at": dates::day(token.created_at, lifetime_days),
    }))
}
