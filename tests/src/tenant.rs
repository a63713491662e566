//! A tenant of its own for every test: services, functions, a repository.

use std::path::Path;

use sandbox::options::workspace;
use sandbox_gitlab::GitLab;
use sandbox_kubernetes::{ADMIN, Kubernetes};
use serde_json::Value;
use tempfile::TempDir;

use crate::host::Variable;
use crate::log::Log;
use crate::repository::{self, Files};
use crate::{Answer, Events, Host};

/// Everything one test needs. Stops when dropped.
pub struct Tenant {
    /// The local GitLab.
    pub gitlab: GitLab,
    /// The local Kubernetes API.
    pub kubernetes: Kubernetes,
    /// The functions.
    pub host: Host,
    client: reqwest::Client,
    log: Log,
    _data: TempDir,
}

/// The body of a guide's request: `guide("v0.4", "physical-worker-deployment")`.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn guide(version: &str, cluster: &str) -> String {
    let path = workspace().join(format!("tests/cases/requests/{version}/{cluster}.json"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Traces of everything that could have been written anywhere.
#[derive(Debug, PartialEq)]
pub struct Written {
    messages: Vec<String>,
    files: Files,
    objects: Value,
}

impl Tenant {
    /// Starts one. The components are built where they are not up to date.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn start() -> Self {
        Self::start_as(ADMIN, |_, _| {}).await
    }

    /// Starts one with further variables of the application.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::begin(ADMIN, |_, _| {}, variables).await
    }

    /// Starts one with other options of the Kubernetes API; the functions use the token of `identity`.
    ///
    /// # Panics
    /// When something does not start, or there is no such identity.
    pub async fn start_as(
        identity: &str,
        configure: impl FnOnce(&GitLab, &mut sandbox_kubernetes::KubernetesOptions),
    ) -> Self {
        Self::begin(identity, configure, &[]).await
    }

    async fn begin(
        identity: &str,
        configure: impl FnOnce(&GitLab, &mut sandbox_kubernetes::KubernetesOptions),
        variables: &[(&str, &str)],
    ) -> Self {
        let data = TempDir::new().unwrap();
        let gitlab = GitLab::start(sandbox_gitlab::GitLabOptions::new(
            data.path().join("gitlab"),
        ))
        .await
        .unwrap();
        let mut options =
            sandbox_kubernetes::KubernetesOptions::new(data.path().join("kubernetes"));
        configure(&gitlab, &mut options);
        let kubernetes = Kubernetes::start(options).await.unwrap();
        let token = kubernetes.token_of(identity).unwrap();
        let log = Log::default();
        let mut all = Vec::from(self::variables(&gitlab, &kubernetes, token));
        all.extend_from_slice(variables);
        let host = Host::start(&all, &log).await;
        Self {
            gitlab,
            kubernetes,
            host,
            client: crate::http_client(),
            log,
            _data: data,
        }
    }

    /// `POST` with the maintainer's token.
    pub async fn save(&self, name: &str, body: impl Into<String>) -> Answer {
        self.send(
            reqwest::Method::POST,
            name,
            Some(&self.gitlab.tokens().maintainer),
            body.into(),
        )
        .await
    }

    /// `DELETE` with the maintainer's token.
    pub async fn delete(&self, name: &str) -> Answer {
        self.send(
            reqwest::Method::DELETE,
            name,
            Some(&self.gitlab.tokens().maintainer),
            String::new(),
        )
        .await
    }

    /// `GET` with the maintainer's token; an empty name lists.
    pub async fn get(&self, name: &str) -> Answer {
        self.send(
            reqwest::Method::GET,
            name,
            Some(&self.gitlab.tokens().maintainer),
            String::new(),
        )
        .await
    }

    /// `GET` of a cluster with `watch=true`; `query` begins with `&` or is empty.
    ///
    /// # Panics
    /// When the answer is no stream of events.
    pub async fn watch(&self, name: &str, query: &str) -> Events {
        self.watch_as(&self.gitlab.tokens().maintainer, name, query)
            .await
    }

    /// The same with another token.
    ///
    /// # Panics
    /// When the answer is no stream of events.
    pub async fn watch_as(&self, token: &str, name: &str, query: &str) -> Events {
        let path = format!("/api/v1/clusters/{name}?watch=true{query}");
        let request = self.request(reqwest::Method::GET, &path);
        let request = request.bearer_auth(token);
        Events::of(request.send().await.expect("no answer")).await
    }

    /// Any request; `name` may carry a query.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn send(
        &self,
        method: reqwest::Method,
        name: &str,
        token: Option<&str>,
        body: String,
    ) -> Answer {
        let url = format!("{}/api/v1/clusters/{name}", self.host.url());
        let mut request = self.client.request(method, url.trim_end_matches('/'));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if !body.is_empty() {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        Answer::read(request.send().await.expect("no answer")).await
    }

    /// A request to be sent with headers of its own; `path` begins with a slash.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.host.url()))
    }

    /// The repository's files.
    #[must_use]
    pub fn files(&self) -> Files {
        self.files_on("main")
    }

    /// The files at the tip of a branch.
    #[must_use]
    pub fn files_on(&self, branch: &str) -> Files {
        repository::files(self.gitlab.repository(), branch)
    }

    /// The repository's commit messages, newest first.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        self.messages_on("main")
    }

    /// The commit messages of a branch, newest first.
    #[must_use]
    pub fn messages_on(&self, branch: &str) -> Vec<String> {
        repository::messages(self.gitlab.repository(), branch)
    }

    /// Every object of the repository.
    #[must_use]
    pub fn git_objects(&self) -> Vec<Vec<u8>> {
        repository::everything(self.gitlab.repository())
    }

    /// Path of the bare repository.
    #[must_use]
    pub fn repository(&self) -> &Path {
        self.gitlab.repository()
    }

    /// Everything that was logged until now: `component: line`.
    ///
    /// # Panics
    /// When the log's file is gone.
    #[must_use]
    pub fn log(&self) -> String {
        self.host.named_lines(&self.log.text())
    }

    /// The state of both services, to be compared.
    #[must_use]
    pub fn written(&self) -> Written {
        Written {
            messages: self.messages(),
            files: self.files(),
            objects: self.kubernetes.store().dump(),
        }
    }
}

/// The application's variables.
fn variables<'a>(
    gitlab: &'a GitLab,
    kubernetes: &'a Kubernetes,
    token: &'a str,
) -> [Variable<'a>; 5] {
    [
        ("gitlab_url", gitlab.url()),
        ("gitlab_project", "nautes/management"),
        ("kubernetes_url", kubernetes.url()),
        ("kubernetes_token", token),
        ("tenant", "tenant1"),
    ]
}

impl Tenant {
    /// Variables that the functions need to work with these services, the administrator's token among them.
    #[must_use]
    pub fn variables(&self) -> [Variable<'_>; 5] {
        variables(&self.gitlab, &self.kubernetes, self.kubernetes.token())
    }

    /// Commits files as somebody else would, through GitLab's API: existing ones are updated.
    ///
    /// # Panics
    /// When GitLab refuses.
    pub async fn commit(&self, files: &[(&str, &str)]) {
        let there = self.files();
        let actions: Vec<Value> = files
            .iter()
            .map(|(path, content)| {
                let action = if there.contains_key(*path) {
                    "update"
                } else {
                    "create"
                };
                serde_json::json!({"action": action, "file_path": path, "content": content})
            })
            .collect();
        let body =
            serde_json::json!({"branch": "main", "commit_message": "foreign", "actions": actions});
        let url = format!(
            "{}/api/v4/projects/{}/repository/commits",
            self.gitlab.url(),
            self.gitlab.project_id()
        );
        let request = self
            .client
            .post(url)
            .bearer_auth(&self.gitlab.tokens().maintainer)
            .json(&body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 201, "{}", response.text().await.unwrap());
    }
}
