//! Operation of a request, by method and path: for logs, which group by it.

use http::Method;

use crate::ready::READYZ;
use crate::{gateway, incoming};

/// An operation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Operation {
    /// `POST /api/v1/clusters/{cluster_name}`
    SaveCluster,
    /// `DELETE /api/v1/clusters/{cluster_name}`
    DeleteCluster,
    /// `GET /api/v1/clusters/{cluster_name}`
    GetCluster,
    /// `GET /api/v1/clusters`
    ListClusters,
    /// `GET /api/v1/merge-requests`
    ListMergeRequests,
    /// A page of the console, or what belongs to one.
    Page,
    /// `GET /readyz`
    Readiness,
    /// `GET /healthz`
    Liveness,
    /// `GET /openapi.json`
    Description,
    /// `GET /`
    Index,
    /// No route, or a method that it does not have.
    Unknown,
}

/// Operation and cluster of a request, before anything of it has been judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Operation that is asked for.
    pub operation: Operation,
    /// The path as a template, so that requests can be counted by it.
    pub route: &'static str,
    /// The cluster in the path, as the caller wrote it; shortened where it is much too long.
    pub cluster: String,
}

const ITEM: &str = "/api/v1/clusters/{cluster_name}";
/// Longer than any name that is allowed.
const SHOWN: usize = 64;

impl Target {
    /// Looks at method and path.
    #[must_use]
    pub fn of(method: &Method, path: &str) -> Self {
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let fixed = match path {
            READYZ => Some((READYZ, Operation::Readiness)),
            "/healthz" => Some(("/healthz", Operation::Liveness)),
            "/openapi.json" => Some(("/openapi.json", Operation::Description)),
            "/" => Some(("/", Operation::Index)),
            api::MERGE_REQUESTS => Some((api::MERGE_REQUESTS, Operation::ListMergeRequests)),
            _ => None,
        };
        let (route, operation, cluster) = match (fixed, incoming::cluster_name(path)) {
            (Some((route, operation)), _) => (route, is_read.then_some(operation), None),
            (None, Ok(Some(name))) => (ITEM, on_one(method, is_read), Some(name)),
            (None, Ok(None)) => {
                let operation = is_read.then_some(Operation::ListClusters);
                (incoming::CLUSTERS, operation, None)
            }
            (None, Err(_)) if gateway::is_docs(path) => ("/docs", Some(Operation::Page), None),
            (None, Err(_)) if gateway::is_page(path) => ("/console", Some(Operation::Page), None),
            (None, Err(_)) => ("", None, None),
        };
        Self {
            operation: operation.unwrap_or(Operation::Unknown),
            route,
            cluster: cluster.map_or_else(String::new, |it| it.chars().take(SHOWN).collect()),
        }
    }
}

fn on_one(method: &Method, is_read: bool) -> Option<Operation> {
    match *method {
        Method::POST => Some(Operation::SaveCluster),
        Method::DELETE => Some(Operation::DeleteCluster),
        _ => is_read.then_some(Operation::GetCluster),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_and_path_say_what_is_asked_for() {
        for (method, path, operation, route, cluster) in [
            (
                Method::POST,
                "/api/v1/clusters/a",
                Operation::SaveCluster,
                ITEM,
                "a",
            ),
            (
                Method::DELETE,
                "/api/v1/clusters/a",
                Operation::DeleteCluster,
                ITEM,
                "a",
            ),
            (
                Method::GET,
                "/api/v1/clusters/a",
                Operation::GetCluster,
                ITEM,
                "a",
            ),
            (
                Method::HEAD,
                "/api/v1/clusters/a",
                Operation::GetCluster,
                ITEM,
                "a",
            ),
            (
                Method::PUT,
                "/api/v1/clusters/a",
                Operation::Unknown,
                ITEM,
                "a",
            ),
            (
                Method::GET,
                "/api/v1/clusters",
                Operation::ListClusters,
                incoming::CLUSTERS,
                "",
            ),
            (Method::GET, "/readyz", Operation::Readiness, "/readyz", ""),
            (Method::POST, "/healthz", Operation::Unknown, "/healthz", ""),
            (Method::GET, "/nothing/here", Operation::Unknown, "", ""),
        ] {
            let expected = Target {
                operation,
                route,
                cluster: cluster.to_owned(),
            };
            assert_eq!(Target::of(&method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn a_name_without_end_is_shortened() {
        let path = format!("/api/v1/clusters/{}", "x".repeat(5000));
        assert_eq!(Target::of(&Method::GET, &path).cluster.len(), SHOWN);
    }
}
