//! Routing: which function answers a request. Spin routes by path alone, so the method is looked at here.

use http::{HeaderValue, Method};

use crate::incoming::{self, CLUSTERS, token};
use crate::problem::Problem;
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
}

impl Function {
    /// Id of the component.
    #[must_use]
    pub fn component(self) -> &'static str {
        match self {
            Self::Save => "save-cluster",
            Self::Delete => "delete-cluster",
            Self::Read => "read-clusters",
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
        "/readyz" => return only_get(method, path, Route::Function(Function::Read)),
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

fn only_get(method: &Method, path: &str, route: Route) -> Result<Route, Problem> {
    if *method == Method::GET || *method == Method::HEAD {
        return Ok(route);
    }
    Err(not_allowed(method, path, "GET, HEAD"))
}

pub(crate) fn not_allowed(method: &Method, path: &str, allow: &str) -> Problem {
    Problem::new(
        405,
        "METHOD_NOT_ALLOWED",
        format!("{method} is not possible at {path}; allowed: {allow}"),
    )
    .header("allow", allow)
}

/// What `/` answers.
#[must_use]
pub fn index() -> Response {
    crate::response::ok(&serde_json::json!({
        "name": "nautes-clusters",
        "version": env!("CARGO_PKG_VERSION"),
        "clusters": CLUSTERS,
        "health": ["/healthz", "/readyz"],
        "openapi": "/openapi.json",
    }))
}

/// What `/healthz` answers.
#[must_use]
pub fn health() -> Response {
    crate::response::ok(&serde_json::json!({"status": "ok"}))
}

/// What `/openapi.json` answers: OpenAPI 3.1, made by the crate `openapi`.
#[must_use]
pub fn description() -> Response {
    let text = include_bytes!("../../../docs/openapi.json");
    crate::response::bytes(200, "application/json", text.to_vec())
}

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
    let path = parts
        .uri
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str);
    let mut forwarded = http::Request::builder()
        .method(parts.method)
        .uri(format!("http://{component}.spin.internal{path}"))
        .body(body)?;
    let kept = [
        "authorization",
        "private-token",
        "content-type",
        "content-encoding",
        "accept",
        "traceparent",
        "tracestate",
    ];
    for name in kept {
        for value in parts.headers.get_all(name) {
            forwarded.headers_mut().append(name, value.clone());
        }
    }
    // A function says so where a token came in the wrong header; the token itself stays here.
    for name in token::ELSEWHERE {
        if parts.headers.contains_key(name) {
            forwarded.headers_mut().insert(name, SENT);
        }
    }
    if let Ok(value) = request_id.parse() {
        forwarded.headers_mut().insert("x-request-id", value);
    }
    Ok(forwarded)
}

/// A function did not answer the gateway.
#[must_use]
pub fn unreachable(function: Function, error: &TransportError) -> Problem {
    Problem::new(
        502,
        "FUNCTION_UNAVAILABLE",
        format!(
            "the function {} did not answer: {error}; repeat the request",
            function.component()
        ),
    )
}

/// Whether an answer comes in pieces, which are passed on as they come: events, or a long list. Every other answer of a
/// function says how long it is.
#[must_use]
pub fn is_stream(headers: &http::HeaderMap) -> bool {
    !headers.contains_key(http::header::CONTENT_LENGTH)
}

/// Makes a function's answer the caller's: the request id is added, a `HEAD` keeps its headers only.
#[must_use]
pub fn finish(mut response: Response, method: &Method, request_id: &str) -> Response {
    let length = response.body().len();
    response
        .headers_mut()
        .insert(http::header::CONTENT_LENGTH, length.into());
    if let Ok(value) = request_id.parse() {
        response.headers_mut().insert("x-request-id", value);
    }
    if *method == Method::HEAD {
        response.body_mut().clear();
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_and_path_choose_the_function() {
        for (method, path, function) in [
            (Method::GET, "/api/v1/clusters", Function::Read),
            (Method::GET, "/api/v1/clusters/a", Function::Read),
            (Method::HEAD, "/api/v1/clusters/a", Function::Read),
            (Method::GET, "/readyz", Function::Read),
            (Method::POST, "/api/v1/clusters/a", Function::Save),
            (Method::DELETE, "/api/v1/clusters/a", Function::Delete),
        ] {
            assert_eq!(
                route(&method, path).unwrap(),
                Route::Function(function),
                "{method} {path}"
            );
        }
        assert_eq!(route(&Method::GET, "/healthz").unwrap(), Route::Health);
        assert_eq!(
            route(&Method::GET, "/openapi.json").unwrap(),
            Route::Description
        );
        assert_eq!(route(&Method::GET, "/").unwrap(), Route::Index);
    }

    #[test]
    fn other_methods_are_refused_with_those_that_work() {
        for (method, path, allow) in [
            (Method::PUT, "/api/v1/clusters/a", "GET, HEAD, POST, DELETE"),
            (Method::POST, "/api/v1/clusters", "GET, HEAD"),
            (Method::POST, "/healthz", "GET, HEAD"),
            (Method::DELETE, "/openapi.json", "GET, HEAD"),
        ] {
            let problem = route(&method, path).unwrap_err();
            assert_eq!(
                (problem.status, problem.reason),
                (405, "METHOD_NOT_ALLOWED")
            );
            assert_eq!(problem.headers, [("allow", allow.to_owned())]);
        }
    }

    #[test]
    fn other_paths_are_not_found() {
        assert_eq!(
            route(&Method::GET, "/api/v2/clusters").unwrap_err().reason,
            "ROUTE_NOT_FOUND"
        );
    }

    #[test]
    fn forwarding_keeps_what_the_function_needs_and_nothing_else() {
        let request = http::Request::post("https://api.example.com/api/v1/clusters/a?dry_run=true")
            .header("authorization", "Bearer t")
            .header("host", "api.example.com")
            .header("cookie", "c")
            .header("connection", "keep-alive")
            .body(b"{}".to_vec())
            .unwrap();
        let forwarded = forward(request, Function::Save, "id1").unwrap();
        assert_eq!(
            forwarded.uri(),
            "http://save-cluster.spin.internal/api/v1/clusters/a?dry_run=true"
        );
        let mut names: Vec<_> = forwarded
            .headers()
            .keys()
            .map(http::HeaderName::as_str)
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["authorization", "cookie", "x-request-id"]);
        // That there was one, and nothing of it.
        assert_eq!(forwarded.headers()["cookie"], "x");
        assert_eq!(forwarded.body(), b"{}");
    }

    #[test]
    fn the_description_is_json_of_its_length() {
        let response = description();
        assert_eq!(response.headers()["content-type"], "application/json");
        let length = response.body().len().to_string();
        assert_eq!(response.headers()["content-length"], length.as_str());
        let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
    }

    #[test]
    fn a_head_request_gets_the_headers_alone() {
        let response = finish(health(), &Method::HEAD, "id1");
        assert_eq!(response.headers()["content-length"], "15");
        assert_eq!(response.headers()["x-request-id"], "id1");
        assert!(response.body().is_empty());
    }
}
