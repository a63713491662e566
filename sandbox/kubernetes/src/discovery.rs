//! Paths that are no resources: health, version, discovery, OpenAPI.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use crate::api::{Reply, Request};
use crate::state::Shared;
use crate::status::ApiError;

mod aggregated;
mod legacy;
mod openapi_v2;
mod openapi_v3;

/// The Kubernetes version the server claims to be.
const MINOR: &str = "32";

/// Answers a request for anything but a resource.
pub fn handle(shared: &Arc<Shared>, request: &Request) -> Result<Reply, ApiError> {
    if request.method != Method::GET && request.method != Method::HEAD {
        return Err(ApiError::page_not_found());
    }
    let path = request.path.trim_end_matches('/');
    let segments: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    if matches!(segments.first(), Some(&("healthz" | "livez" | "readyz"))) {
        return Ok(Reply::text(200, "ok"));
    }
    if let ["openapi", version, rest @ ..] = segments.as_slice() {
        return openapi(shared, version, rest);
    }
    let accept = request.header("accept");
    if matches!(segments.as_slice(), ["api" | "apis"]) && aggregated::is_accepted(accept) {
        let is_core = segments == ["api"];
        let document = shared
            .store
            .read(|state| aggregated::document(state.registry(), is_core));
        return Ok(aggregated::reply(&document));
    }
    let document = shared
        .store
        .read(|state| legacy::document(state.registry(), &segments, request.header("host")));
    document
        .map(|document| Reply::json(200, &document))
        .ok_or_else(ApiError::page_not_found)
}

fn openapi(shared: &Arc<Shared>, version: &str, rest: &[&str]) -> Result<Reply, ApiError> {
    match (version, rest) {
        ("v2", []) => Ok(openapi_v2::reply()),
        ("v3", []) => Ok(Reply::json(
            200,
            &shared
                .store
                .read(|state| openapi_v3::index(state.registry())),
        )),
        ("v3", ["api", "v1"]) => group_document(shared, "", "v1"),
        ("v3", ["apis", group, version]) => group_document(shared, group, version),
        _ => Err(ApiError::page_not_found()),
    }
}

fn group_document(shared: &Arc<Shared>, group: &str, version: &str) -> Result<Reply, ApiError> {
    let document = shared
        .store
        .read(|state| openapi_v3::document(state.registry(), group, version));
    document
        .map(|document| Reply::json(200, &document))
        .ok_or_else(ApiError::page_not_found)
}

fn version() -> Value {
    json!({
        "major": "1", "minor": MINOR, "gitVersion": format!("v1.{MINOR}.0+sandbox"), "gitCommit": "",
        "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "rustc",
        "platform": "sandbox",
    })
}
