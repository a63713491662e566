//! From an HTTP request to its answer.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::access::{self, UserInfo};
use crate::control;
use crate::discovery;
use crate::state::ApiServerState;
use crate::status::StatusError;

mod body;
mod negotiate;
mod path;
mod protobuf;
mod query;
mod read;
mod reply;
mod resource;
mod review;
mod selector;
mod token;
mod watch;
mod write;

pub use negotiate::ResponseFormat;
pub use path::{PathTarget, parse_path};
pub use query::QueryParams;
pub use reply::{ApiReply, ReplyContent};
pub use selector::{FieldSelector, LabelSelector};

/// A received request.
#[derive(Debug)]
pub struct ApiRequest {
    /// HTTP method.
    pub method: Method,
    /// Path, as sent.
    pub path: String,
    /// Query parameters.
    pub query: QueryParams,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; an error where it was too large.
    pub body: Result<Bytes, StatusError>,
}

impl ApiRequest {
    /// A header's text; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// Facts about a request, known without answering it, for the record of calls.
#[derive(Debug, Clone, Default)]
pub struct RequestFacts {
    /// Name of the caller; empty where its token is unknown.
    pub user: String,
    /// Resource, verb and object; empty where the path is no resource's.
    pub attributes: access::RequestAttributes,
}

/// Reads the facts off a request.
pub fn facts(shared: &ApiServerState, request: &ApiRequest) -> RequestFacts {
    let user = authenticate(shared, request)
        .map(|user| user.name)
        .unwrap_or_default();
    let attributes = match parse_path(&request.path) {
        PathTarget::Resource(path) => resource::attributes(request, &path),
        PathTarget::Other => access::RequestAttributes::default(),
    };
    RequestFacts { user, attributes }
}

fn authenticate(shared: &ApiServerState, request: &ApiRequest) -> Result<UserInfo, StatusError> {
    let header = request.headers.get("authorization");
    let authorization = header.and_then(|header| header.to_str().ok());
    shared.accounts.authenticate(&shared.store, authorization)
}

/// Answers a request.
pub fn handle(shared: &Arc<ApiServerState>, request: &ApiRequest) -> ApiReply {
    answer(shared, request).unwrap_or_else(|error| ApiReply::error(&error))
}

fn answer(shared: &Arc<ApiServerState>, request: &ApiRequest) -> Result<ApiReply, StatusError> {
    if let Some(rest) = request.path.strip_prefix("/-/sandbox/") {
        return control::handle(shared, rest, request);
    }
    let user = authenticate(shared, request)?;
    match parse_path(&request.path) {
        PathTarget::Resource(target) => resource::handle(shared, &user, request, target),
        PathTarget::Other => {
            check_path_access(&user, request)?;
            discovery::handle(shared, request)
        }
    }
}

/// Health and version are public; the rest is for every known caller.
fn check_path_access(user: &UserInfo, request: &ApiRequest) -> Result<(), StatusError> {
    let path = request.path.as_str();
    let is_public = ["/healthz", "/livez", "/readyz", "/version"]
        .iter()
        .any(|public| path.starts_with(public));
    if is_public || user.is_authenticated() {
        return Ok(());
    }
    let verb = request.method.as_str().to_lowercase();
    Err(StatusError::forbidden_path(&format!(
        "User {:?} cannot {verb} path {path:?}",
        user.name
    )))
}
