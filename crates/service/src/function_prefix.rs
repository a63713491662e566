//! Functions that are called directly: by the component `gateway` under the API's own paths, or by an
//! operator's gateway under `/functions/{component}` followed by these.

use api::Reason;
use http::Method;
use http::uri::PathAndQuery;

use crate::gateway::{self, Function, Route};
use crate::incoming;
use crate::problem::Problem;
use crate::ready::READYZ;
use crate::runtime::Request;

/// The path of the API that a function is asked for.
#[must_use]
pub fn path(function: Function, path: &str) -> &str {
    path.strip_prefix("/functions/")
        .and_then(|rest| rest.strip_prefix(function.component()))
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(path)
}

/// Lets through what the function is there for. Without this, a gateway that sends a `GET` to the wrong
/// function would remove a cluster.
///
/// # Errors
/// `ROUTE_NOT_FOUND`, or `METHOD_NOT_ALLOWED`, also where another function has the method.
pub fn accept(function: Function, method: &Method, path: &str) -> Result<(), Problem> {
    let meant = match gateway::route(method, path)? {
        // Each has settings of its own to tell of.
        Route::Function(_) if path == READYZ && is_probed(function) => return Ok(()),
        Route::Function(Function::Console | Function::ApiDocs)
        | Route::Health
        | Route::Description
        | Route::Index => return Err(incoming::no_route(path)),
        Route::Function(meant) => meant,
    };
    if meant == function {
        return Ok(());
    }
    let allow = match function {
        Function::Save => "POST",
        Function::Delete => "DELETE",
        Function::Read | Function::Console | Function::ApiDocs => "GET, HEAD",
    };
    Err(gateway::not_allowed(method, path, allow))
}

fn is_probed(function: Function) -> bool {
    gateway::probed_first(true).contains(&function)
}

/// Gives a request the path of the API.
///
/// # Errors
/// A path that is none, which a part of one is not.
pub fn rewrite(request: &mut Request, path: &str) -> Result<(), Problem> {
    if request.uri().path() == path {
        return Ok(());
    }
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    let query = parts.path_and_query.as_ref().and_then(PathAndQuery::query);
    let target = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let internal = |error: String| Problem::new(500, Reason::Internal, error);
    parts.path_and_query = Some(
        target
            .parse()
            .map_err(|error: http::uri::InvalidUri| internal(error.to_string()))?,
    );
    *request.uri_mut() = http::Uri::from_parts(parts).map_err(|it| internal(it.to_string()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_functions_own_prefix_is_taken_away() {
        for (given, expected) in [
            (
                "/functions/save-cluster/api/v1/clusters/a",
                "/api/v1/clusters/a",
            ),
            ("/api/v1/clusters/a", "/api/v1/clusters/a"),
            (
                "/functions/read-clusters/readyz",
                "/functions/read-clusters/readyz",
            ),
            ("/functions/save-clusters/x", "/functions/save-clusters/x"),
            ("/functions/save-cluster", "/functions/save-cluster"),
        ] {
            assert_eq!(path(Function::Save, given), expected);
        }
    }

    #[test]
    fn a_function_does_its_own_work_and_no_other() {
        for (function, method, path) in [
            (Function::Save, Method::POST, "/api/v1/clusters/a"),
            (Function::Delete, Method::DELETE, "/api/v1/clusters/a"),
            (Function::Read, Method::GET, "/api/v1/clusters/a"),
            (Function::Read, Method::GET, "/api/v1/clusters"),
            (Function::Read, Method::GET, "/readyz"),
            (Function::Save, Method::GET, "/readyz"),
            (Function::Delete, Method::HEAD, "/readyz"),
            (Function::Console, Method::GET, "/readyz"),
        ] {
            assert_eq!(accept(function, &method, path), Ok(()), "{method} {path}");
        }
        for (function, method, path, reason) in [
            (
                Function::Delete,
                Method::GET,
                "/api/v1/clusters/a",
                Reason::MethodNotAllowed,
            ),
            (
                Function::Delete,
                Method::POST,
                "/api/v1/clusters/a",
                Reason::MethodNotAllowed,
            ),
            (
                Function::Save,
                Method::DELETE,
                "/api/v1/clusters/a",
                Reason::MethodNotAllowed,
            ),
            (
                Function::Read,
                Method::GET,
                "/healthz",
                Reason::RouteNotFound,
            ),
            (
                Function::Save,
                Method::POST,
                "/readyz",
                Reason::MethodNotAllowed,
            ),
            (
                Function::Save,
                Method::POST,
                "/api/v1/clusters",
                Reason::MethodNotAllowed,
            ),
            (
                Function::Save,
                Method::POST,
                "/functions/x/api/v1/clusters/a",
                Reason::RouteNotFound,
            ),
        ] {
            let problem = accept(function, &method, path).unwrap_err();
            assert_eq!(problem.reason, reason, "{method} {path}");
        }
    }

    #[test]
    fn the_query_stays() {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = "http://h:1/functions/f/a?b=c&d".parse().unwrap();
        rewrite(&mut request, "/a").unwrap();
        assert_eq!(*request.uri(), "http://h:1/a?b=c&d");
        rewrite(&mut request, "/a").unwrap();
        assert_eq!(*request.uri(), "http://h:1/a?b=c&d");
    }
}
