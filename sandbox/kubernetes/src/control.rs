//! `/-/sandbox/...`: what tests in other processes use.

use std::sync::Arc;

use http::Method;
use serde_json::json;

use crate::api::{Reply, Request};
use crate::faults::Fault;
use crate::state::Shared;
use crate::status::ApiError;

/// Answers a control request: `calls` (GET, DELETE), `faults` (GET, POST one, DELETE).
pub fn handle(shared: &Arc<Shared>, path: &str, request: &Request) -> Result<Reply, ApiError> {
    match (path, &request.method) {
        ("calls", &Method::GET) => Ok(Reply::json(200, &json!(shared.calls.all()))),
        ("calls", &Method::DELETE) => {
            shared.calls.clear();
            Ok(Reply::json(200, &json!({})))
        }
        ("faults", &Method::GET) => Ok(Reply::json(200, &json!(shared.faults.pending()))),
        ("faults", &Method::POST) => {
            let body = request.body.as_ref().map_err(Clone::clone)?;
            let fault: Fault = serde_json::from_slice(body)
                .map_err(|error| ApiError::bad_request(format!("not a fault: {error}")))?;
            shared.faults.add(fault);
            Ok(Reply::json(201, &json!({})))
        }
        ("faults", &Method::DELETE) => {
            shared.faults.clear();
            Ok(Reply::json(200, &json!({})))
        }
        _ => Err(ApiError::page_not_found()),
    }
}
