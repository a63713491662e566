//! Reading many files at once, over GraphQL.

use http::{Method, Request};
use serde_json::json;

use super::{ProjectApi, address};

/// Files per request. GitLab counts every path and doubles the sum for a page of a hundred: (100 + 6) × 2 + 2 = 214 of
/// the 250 that a query may cost, and a page is a hundred at the most.
pub const FILES: usize = 100;

const QUERY: &str = "query($project: ID!, $ref: String!, $paths: [String!]!) { \
    project(fullPath: $project) { repository { blobs(ref: $ref, paths: $paths, first: 100) { \
    nodes { path oid rawTextBlob } } } } }";

impl ProjectApi {
    /// The texts of at most [`FILES`] files at a commit. `project` is the full path. The answer is read by
    /// [`crate::parse::parse_texts`].
    #[must_use]
    pub fn texts(&self, project: &str, commit: &str, paths: &[&str]) -> Request<Vec<u8>> {
        let variables = json!({"project": project, "ref": commit, "paths": paths});
        let body = json!({"query": QUERY, "variables": variables});
        let mut request = self.send_json(Method::POST, "", &body);
        // GraphQL lies beside the REST API, not below it.
        let root = self.root.trim_end_matches("/api/v4");
        *request.uri_mut() = address::uri(root, "/api/graphql", &[]);
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::GitLabToken;

    #[test]
    fn one_query_asks_for_many_files() {
        let token = GitLabToken::new("glpat-canary").unwrap();
        let api = ProjectApi::new("https://g.example/git", "7", token).unwrap();
        let request = api.texts("group/tenant", "abc", &["a.yaml", "b \"c\".yaml"]);
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri(), "https://g.example/git/api/graphql");
        assert_eq!(request.headers()["authorization"], "Bearer glpat-canary");
        assert_eq!(request.headers()["content-type"], "application/json");
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(
            body["variables"],
            json!({"project": "group/tenant", "ref": "abc", "paths": ["a.yaml", "b \"c\".yaml"]})
        );
        assert!(QUERY.len() < 10_000);
    }
}
