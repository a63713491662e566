use std::path::Path;
use std::process::{Command, Output};

use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client as HttpClient, Error};
use hyper_util::rt::TokioExecutor;
use sandbox_gitlab::{GitLab, GitLabOptions, InitialContent};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A server whose data go with it.
pub struct GitLabFixture {
    pub gitlab: GitLab,
    pub data: TempDir,
}

impl GitLabFixture {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn empty() -> Self {
        Self::start_with(|options| options.initial = InitialContent::Empty).await
    }

    pub async fn start_with(change: impl FnOnce(&mut GitLabOptions)) -> Self {
        let data = TempDir::new().unwrap();
        let mut options = GitLabOptions::new(data.path());
        change(&mut options);
        Self {
            gitlab: GitLab::start(options).await.unwrap(),
            data,
        }
    }

    pub fn client(&self, token: &str) -> RestClient {
        RestClient {
            base: format!("{}/api/v4", self.gitlab.url()),
            project: format!("/projects/{}", self.gitlab.project_id()),
            token: token.to_owned(),
            http: HttpClient::builder(TokioExecutor::new()).build_http(),
        }
    }

    pub fn maintainer(&self) -> RestClient {
        self.client(&self.gitlab.tokens().maintainer)
    }

    pub fn developer(&self) -> RestClient {
        self.client(&self.gitlab.tokens().developer)
    }

    /// Runs git in the bare repository.
    pub fn git(&self, arguments: &[&str]) -> String {
        stdout(git(self.gitlab.repository(), arguments))
    }

    pub fn head(&self, branch: &str) -> String {
        self.git(&["rev-parse", branch])
    }

    pub fn show(&self, branch: &str, path: &str) -> String {
        self.git(&["show", &format!("{branch}:{path}")])
    }

    pub fn commit_count(&self, branch: &str) -> usize {
        self.git(&["rev-list", "--count", branch]).parse().unwrap()
    }
}

/// Runs git apart from the machine's settings.
pub fn git(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=Clone Owner",
            "-c",
            "user.email=owner@gitlab.example",
        ])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .output()
        .unwrap()
}

/// The trimmed output of a command that must succeed.
pub fn stdout(output: Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

#[derive(Clone)]
pub struct RestClient {
    pub base: String,
    /// `/projects/<id>`.
    pub project: String,
    pub token: String,
    pub http: HttpClient<HttpConnector, Full<Bytes>>,
}

#[derive(Debug)]
pub struct RestReply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl RestReply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// The body, which must come with that status.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:?}", self.body);
        self.json()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Status and `message`.
    pub fn refusal(self) -> (u16, String) {
        let message = self.json()["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        (self.status.as_u16(), message)
    }
}

impl RestClient {
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<RestReply, Error> {
        let (parts, body) = self.http.request(request).await?.into_parts();
        let body = body
            .collect()
            .await
            .map_or_else(|_| Bytes::new(), |body| body.to_bytes());
        Ok(RestReply {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    fn request(&self, method: Method, target: &str, body: Option<&Value>) -> Request<Full<Bytes>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.base));
        if !self.token.is_empty() {
            request = request.header("private-token", &self.token);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        request
            .body(Full::from(body.map(Value::to_string).unwrap_or_default()))
            .unwrap()
    }

    pub async fn try_call(
        &self,
        method: Method,
        target: &str,
        body: Option<&Value>,
    ) -> Result<RestReply, Error> {
        self.send(self.request(method, target, body)).await
    }

    /// A request below `/api/v4`.
    pub async fn call(&self, method: Method, target: &str, body: Option<&Value>) -> RestReply {
        self.try_call(method, target, body).await.unwrap()
    }

    pub async fn get(&self, target: &str) -> RestReply {
        self.call(Method::GET, target, None).await
    }

    /// GET below the project.
    pub async fn own(&self, target: &str) -> RestReply {
        self.get(&format!("{}{target}", self.project)).await
    }

    /// POST below the project.
    pub async fn post(&self, target: &str, body: Value) -> RestReply {
        self.call(
            Method::POST,
            &format!("{}{target}", self.project),
            Some(&body),
        )
        .await
    }

    pub async fn commit(&self, body: Value) -> RestReply {
        self.post("/repository/commits", body).await
    }

    /// A commit of actions to `main`, answered without statistics.
    pub async fn change(&self, actions: Value) -> RestReply {
        self.commit(json!({
            "branch": "main", "commit_message": "Change", "actions": actions, "stats": false,
        }))
        .await
    }
}
