//! Routing: which function answers a request. Spin routes by path alone, so the method is looked at here.

use api::{Health, Index, Reason};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::incoming::{self, CLUSTERS, token};
use crate::problem::Problem;
use crate::ready::READYZ;
use crate::runtime::{Request, Response, TransportError};

/// Stands for what a header held.
const SENT: HeaderValue = HeaderValue::from_static("x");

/// A function that answers requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `save-cluster`
    Save,
    /// `delete-cluster`
    Delete,
    /// `read-clusters`
    Read,
    /// `console`: pages for people.
    Console,
    /// `api-docs`: the page of the API.
    ApiDocs,
}

impl Function {
    /// Id of the component.
    #[must_use]
    pub fn component(self) -> &'static str {
        match self {
            Self::Save => "save-cluster",
            Self::Delete => "delete-cluster",
            Self::Read => "read-clusters",
            Self::Console => "console",
            Self::ApiDocs => "api-docs",
        }
    }
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// To this function.
    Function(Function),
    /// `/healthz`: the gateway runs.
    Health,
    /// `/openapi.json`: the description of the API.
    Description,
    /// `/`: what there is.
    Index,
}

/// Decides where a request goes.
///
/// # Errors
/// `ROUTE_NOT_FOUND`, or `METHOD_NOT_ALLOWED` with `Allow`.
pub fn route(method: &Method, path: &str) -> Result<Route, Problem> {
    match path {
        "/" => return only_get(method, path, Route::Index),
        "/healthz" => return only_get(method, path, Route::Health),
        "/openapi.json" => return only_get(method, path, Route::Description),
        // Only a function knows the services.
        READYZ => return only_get(method, path, Route::Function(Function::Read)),
        "/api/v1/merge-requests" => return only_get(method, path, Route::Function(Function::Read)),
        page if is_page(page) => return Ok(Route::Function(Function::Console)),
        docs if is_docs(docs) => return only_get(method, path, Route::Function(Function::ApiDocs)),
        _ => {}
    }
    let named = incoming::cluster_name(path)?.is_some();
    match (method, named) {
        (&Method::GET | &Method::HEAD, _) => Ok(Route::Function(Function::Read)),
        (&Method::POST, true) => Ok(Route::Function(Function::Save)),
        (&Method::DELETE, true) => Ok(Route::Function(Function::Delete)),
        (_, true) => Err(not_allowed(method, path, "GET, HEAD, POST, DELETE")),
        (_, false) => Err(not_allowed(method, path, "GET, HEAD")),
    }
}

/// The functions that a probe asks before the one that knows the services: each has settings of its own.
#[must_use]
pub fn probed_first(has_console: bool) -> &'static [Function] {
    const ALL: [Function; 3] = [Function::Save, Function::Delete, Function::Console];
    match has_console {
        true => &ALL,
        false => ALL.split_last().map_or(&ALL, |(_, rest)| rest),
    }
}

/// First segments of the console's paths; `/` is its own where a browser asks.
pub const PAGES: [&str; 7] = [
    "assets",
    "check",
    "clusters",
    "login",
    "logout",
    "merge-requests",
    "register",
];

pub(crate) fn is_page(path: &str) -> bool {
    let first = path
        .strip_prefix('/')
        .and_then(|rest| rest.split('/').next());
    first.is_some_and(|first| PAGES.contains(&first))
}

/// The page of the API; the second is where the guides begin.
pub(crate) fn is_docs(path: &str) -> bool {
    ["/docs", "/q/swagger-ui"].iter().any(|root| {
        let rest = path.strip_prefix(root);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Tells whether a browser asks, which shows pages: everything else gets JSON at `/`.
#[must_use]
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    accept.is_some_and(|value| value.as_bytes().windows(9).any(|part| part == b"text/html"))
}

/// Tells whether an address that no function has is for a page that says so, where a browser asks. What is wrong with a call of the
/// API is JSON for everybody.
#[must_use]
pub fn is_mistyped(method: &Method, path: &str) -> bool {
    method == Method::GET && !path.starts_with("/api/")
}

fn only_get(method: &Method, path: &str, route: Route) -> Result<Route, Problem> {
    if *method == Method::GET || *method == Method::HEAD {
        return Ok(route);
    }
    Err(not_allowed(method, path, "GET, HEAD"))
}

pub(crate) fn not_allowed(method: &Method, path: &str, allow: &str) -> Problem {
    Problem::new(
        405,
        Reason::MethodNotAllowed,
        format!("{method} is not possible at {path}; allowed: {allow}"),
    )
    .header("allow", allow)
}

/// Answers `/`.
#[must_use]
pub fn index() -> Response {
    crate::response::ok(&Index {
        name: "nautes-clusters".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        clusters: CLUSTERS.to_owned(),
        health: ["/healthz", READYZ].map(str::to_owned).into(),
        openapi: "/openapi.json".to_owned(),
    })
}

/// Answers `/healthz`.
#[must_use]
pub fn health() -> Response {
    crate::response::ok(&Health::ok())
}

/// Answers `/openapi.json`: OpenAPI 3.1, made by the crate `openapi`. Its tag is Git's id of the file.
#[must_use]
pub fn description(headers: &HeaderMap) -> Response {
    let text = include_bytes!("../../../docs/openapi.json");
    let tag = format!("\"{}\"", gitlab::blob::blob_id(text));
    // A gateway that compresses makes a weak tag of it (RFC 9110, section 8.8.1).
    let is_known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|known| known.to_str().ok())
        .flat_map(|known| known.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == tag || known == "*");
    let mut response = match is_known {
        true => crate::response::bytes(304, "application/json", Vec::new()),
        false => crate::response::bytes(200, "application/json", text.to_vec()),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = tag.parse() {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Headers that functions read.
const FUNCTION_HEADERS: [&str; 7] = [
    "authorization",
    "private-token",
    "content-type",
    "content-encoding",
    "accept",
    "traceparent",
    "tracestate",
];

/// Headers that the console reads. Cookies are its alone; a token in a header is none of its business.
const CONSOLE_HEADERS: [&str; 9] = [
    "accept",
    "accept-encoding",
    "content-type",
    "cookie",
    "if-none-match",
    "last-event-id",
    "origin",
    "traceparent",
    "tracestate",
];

/// The request to hand to a function: same method, path, query and body, under the function's own
/// address. Hop-by-hop headers and `Host` stay behind.
///
/// # Errors
/// A URI that can't be built, which a parsed request does not have.
pub fn forward(
    request: Request,
    function: Function,
    request_id: &str,
) -> Result<Request, http::Error> {
    let component = function.component();
    let (parts, body) = request.into_parts();
    let authority = || parts.uri.authority()?.as_str().parse().ok();
    let host = parts.headers.get(header::HOST).cloned().or_else(authority);
    let path = parts
        .uri
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str);
    let mut forwarded = http::Request::builder()
        .method(parts.method)
        .uri(format!("http://{component}.spin.internal{path}"))
        .body(body)?;
    let kept: &[&str] = match function {
        Function::Console | Function::ApiDocs => &CONSOLE_HEADERS,
        Function::Save | Function::Delete | Function::Read => &FUNCTION_HEADERS,
    };
    for name in kept.iter().copied() {
        for value in parts.headers.get_all(name) {
            forwarded.headers_mut().append(name, value.clone());
        }
    }
    // A function says so where a token came in the wrong header; the token itself stays here.
    let is_page = matches!(function, Function::Console | Function::ApiDocs);
    for name in token::ELSEWHERE {
        if !is_page && parts.headers.contains_key(name) {
            forwarded.headers_mut().insert(name, SENT);
        }
    }
    if let Ok(value) = request_id.parse() {
        forwarded.headers_mut().insert("x-request-id", value);
    }
    if let (Function::Console, Some(host)) = (function, host) {
        forwarded.headers_mut().insert("x-forwarded-host", host);
    }
    Ok(forwarded)
}

/// A function did not answer the gateway.
#[must_use]
pub fn unreachable(function: Function, error: &TransportError) -> Problem {
    Problem::new(
        502,
        Reason::FunctionUnavailable,
        format!(
            "the function {} did not answer: {error}; repeat the request",
            function.component()
        ),
    )
}

/// Tells whether an answer comes in pieces, which are passed on as they come: events, or a long list. Every other answer of a function
/// says how long it is.
#[must_use]
pub fn is_stream(headers: &HeaderMap) -> bool {
    !headers.contains_key(header::CONTENT_LENGTH)
}

/// Makes a function's answer the caller's: the request id is added, a `HEAD` keeps its headers only.
#[must_use]
pub fn finish(mut response: Response, method: &Method, request_id: &str) -> Response {
    let length = response.body().len();
    let is_unchanged = response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    if is_unchanged {
        // That of what the caller has, or none (RFC 9110, section 15.4.5).
        headers.remove(header::CONTENT_LENGTH);
    } else {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    if let Ok(value) = request_id.parse() {
        response.headers_mut().insert("x-request-id", value);
    }
    if *method == Method::HEAD {
        response.body_mut().clear();
    }
    response
}

#[cfg(test)]
mod tests;
