//! Requests to one project of one GitLab.

mod address;
mod commits;
mod contents;
mod merge_requests;
mod read;

use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Method, Request};
use serde_json::Value;

pub use address::GitLabUrlError;
pub use contents::FILES;
pub use read::{CommitsQuery, TreeQuery};

use crate::token::GitLabToken;
use address::{base, encode, uri};

/// Builds the requests to one project. Nothing is sent.
#[derive(Debug, Clone)]
pub struct ProjectApi {
    /// `https://host[/prefix]/api/v4`, no trailing slash.
    root: String,
    /// The project's `:id` as it stands in a path.
    project: String,
    token: GitLabToken,
}

impl ProjectApi {
    /// `base_url` is GitLab's own address (`https://gitlab.example.com`, a path prefix is allowed);
    /// `project` is the numeric id or the full path (`group/sub-group/project`).
    pub fn new(base_url: &str, project: &str, token: GitLabToken) -> Result<Self, GitLabUrlError> {
        let project = project.trim_matches('/');
        if project.is_empty() {
            return Err(GitLabUrlError::Project);
        }
        Ok(Self {
            root: base(base_url)?,
            project: encode(project),
            token,
        })
    }

    /// The same, addressed by number: a renamed or moved project refuses every request but GET
    /// under its old path, so resolve it once and then use the number.
    #[must_use]
    pub fn with_project_id(&self, id: u64) -> Self {
        Self {
            project: id.to_string(),
            ..self.clone()
        }
    }

    /// The same for a path below the project, such as `/repository/branches`.
    fn below_project(&self, rest: &str) -> String {
        format!("/projects/{}{rest}", self.project)
    }

    fn get(&self, path: &str, query: &[(&str, &str)]) -> Request<Vec<u8>> {
        self.request(Method::GET, path, query, Vec::new())
    }

    fn send_json(&self, method: Method, path: &str, body: &Value) -> Request<Vec<u8>> {
        let mut request = self.request(method, path, &[], body.to_string().into_bytes());
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Request<Vec<u8>> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri(&self.root, path, query);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, self.token.authorization());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        // Without it a proxy may pack its answers as it likes (RFC 9110, section 12.5.3).
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("nautes-clusters/", env!("CARGO_PKG_VERSION"))),
        );
        request
    }
}
