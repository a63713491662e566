//! `/-/sandbox/...`: what tests in other processes use.

use std::sync::Arc;

use http::Method;
use serde_json::json;

use crate::api::{ApiReply, ApiRequest};
use crate::faults::KubernetesFault;
use crate::state::ApiServerState;
use crate::status::StatusError;

/// Answers a control request: `calls` (GET, DELETE), `faults` (GET, POST one, DELETE).
pub fn handle(
    shared: &Arc<ApiServerState>,
    path: &str,
    request: &ApiRequest,
) -> Result<ApiReply, StatusError> {
    match (path, &request.method) {
        ("calls", &Method::GET) => Ok(ApiReply::json(200, &json!(shared.calls.all()))),
        ("calls", &Method::DELETE) => {
            shared.calls.clear();
            Ok(ApiReply::json(200, &json!({})))
        }
        ("faults", &Method::GET) => Ok(ApiReply::json(200, &json!(shared.faults.pending()))),
        ("faults", &Method::POST) => {
            let body = request.body.as_ref().map_err(Clone::clone)?;
            let fault: KubernetesFault = serde_json::from_slice(body)
                .map_err(|error| StatusError::bad_request(format!("not a fault: {error}")))?;
            shared.faults.add(fault);
            Ok(ApiReply::json(201, &json!({})))
        }
        ("faults", &Method::DELETE) => {
            shared.faults.clear();
            Ok(ApiReply::json(200, &json!({})))
        }
        _ => Err(StatusError::page_not_found()),
    }
}
