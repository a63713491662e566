//! The API server.

use std::path::PathBuf;

use http::Method;
use sandbox::options::workspace;
use sandbox_kubernetes::{Kubernetes, KubernetesOptions};
use serde_json::{Value, json};
use service::runtime::{Request, Runtime as _};
use tempfile::TempDir;

use crate::client::Client;

pub const ARGO: &str = "/apis/argoproj.io/v1alpha1";
pub const NAUTES: &str = "/apis/nautes.resource.nautes.io/v1alpha1";
pub const CORE: &str = "/api/v1";
pub const BATCH: &str = "/apis/batch/v1";
const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// An API server, its administrator's token, and a client that trusts it.
pub struct Server {
    pub url: String,
    pub token: String,
    pub client: Client,
    /// Stops when dropped.
    _sandbox: Option<Kubernetes>,
    _data: TempDir,
}

/// Tells whether the environment names an API server.
pub fn is_external() -> bool {
    std::env::var_os("NAUTES_TEST_KUBERNETES_URL").is_some()
}

/// Says that a test is left out, and why; true where it is.
pub fn skipped(needs: &str) -> bool {
    if is_external() {
        eprintln!(
            "SKIPPED: needs {needs}, which an API server alone has not; it runs against the sandbox's"
        );
    }
    is_external()
}

impl Server {
    /// The one of the environment, or else a new one of the sandbox, over TLS.
    pub async fn start(configure: impl FnOnce(&mut KubernetesOptions)) -> Self {
        let data = TempDir::new().unwrap();
        let server = match std::env::var("NAUTES_TEST_KUBERNETES_URL") {
            Ok(url) => Self::external(url, data),
            Err(_) => Self::sandbox(data, configure).await,
        };
        for definition in definitions() {
            server.install(&definition).await;
        }
        server
    }

    fn external(url: String, data: TempDir) -> Self {
        let token = std::env::var("NAUTES_TEST_KUBERNETES_TOKEN");
        let ca = std::env::var("NAUTES_TEST_KUBERNETES_CA_FILE").ok();
        let ca = ca.map(|file| std::fs::read_to_string(file).expect("the CA file can't be read"));
        Self {
            url: url.trim_end_matches('/').to_owned(),
            token: token.expect("NAUTES_TEST_KUBERNETES_TOKEN is not set"),
            client: Client::trusting(&ca.unwrap_or_default()),
            _sandbox: None,
            _data: data,
        }
    }

    async fn sandbox(data: TempDir, configure: impl FnOnce(&mut KubernetesOptions)) -> Self {
        let mut options = KubernetesOptions::new(data.path());
        // Those of Nautes are the suite's own.
        options.cluster_crds = false;
        configure(&mut options);
        let kubernetes = Kubernetes::start(options).await.unwrap();
        Self {
            url: kubernetes.url_tls().to_owned(),
            token: kubernetes.token().to_owned(),
            client: Client::trusting(kubernetes.ca_pem()),
            _sandbox: Some(kubernetes),
            _data: data,
        }
    }

    /// Sends a request as the administrator; status and body.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        media_type: &str,
        body: &Value,
    ) -> (u16, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request: Request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", media_type)
            .body(body.into_bytes())
            .unwrap();
        let answer = self.client.send(request).await.unwrap();
        let body = serde_json::from_slice(answer.body()).unwrap_or_default();
        (answer.status().as_u16(), body)
    }

    /// The object at a path; none where there is none.
    pub async fn get(&self, path: &str) -> Option<Value> {
        let (status, body) = self
            .send(Method::GET, path, "application/json", &Value::Null)
            .await;
        match status {
            200 => Some(body),
            404 => None,
            _ => panic!("GET {path}: {status} {body}"),
        }
    }

    /// The objects at a path.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let list = self.get(path).await.unwrap_or_default();
        list["items"].as_array().cloned().unwrap_or_default()
    }

    /// Creates an object as somebody else.
    pub async fn create(&self, path: &str, object: &Value) -> Value {
        let (status, body) = self
            .send(Method::POST, path, "application/json", object)
            .await;
        assert_eq!(status, 201, "POST {path}: {body}");
        body
    }

    /// Applies an object as somebody else, who takes every field over.
    pub async fn apply_as(&self, manager: &str, path: &str, object: &Value) -> Value {
        let path = format!("{path}?fieldManager={manager}&force=true");
        let media_type = "application/apply-patch+yaml";
        let (status, body) = self.send(Method::PATCH, &path, media_type, object).await;
        assert!(status < 300, "{path}: {status} {body}");
        body
    }

    /// Removes an object; it may be gone already.
    pub async fn remove(&self, path: &str) {
        let options = json!({"propagationPolicy": "Background"});
        let (status, body) = self
            .send(Method::DELETE, path, "application/json", &options)
            .await;
        assert!(
            status < 300 || status == 404,
            "DELETE {path}: {status} {body}"
        );
    }

    /// Installs a definition that is missing, and waits until it is served. Several tests may do so at once.
    async fn install(&self, definition: &Value) {
        let name = definition["metadata"]["name"].as_str().unwrap();
        let path = format!("{DEFINITIONS}/{name}");
        if self.get(&path).await.is_none() {
            let (status, body) = self
                .send(Method::POST, DEFINITIONS, "application/json", definition)
                .await;
            assert!(status == 201 || status == 409, "{name}: {status} {body}");
        }
        let spec = &definition["spec"];
        let text = |pointer: &str| spec.pointer(pointer).and_then(Value::as_str).unwrap();
        let (group, plural) = (text("/group"), text("/names/plural"));
        let objects = format!("/apis/{group}/{}/{plural}", text("/versions/0/name"));
        for _ in 0..300 {
            let established = self.get(&path).await.is_some_and(|it| is_established(&it));
            if established && self.get(&objects).await.is_some() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{name} is never served");
    }

    /// Asks whether the API server would take a definition as it is.
    pub async fn would_take(&self, definition: &Value) -> (u16, Value) {
        let name = definition["metadata"]["name"].as_str().unwrap();
        let path = format!(
            "{DEFINITIONS}/{name}?fieldManager=suite&force=true&dryRun=All&fieldValidation=Strict"
        );
        self.send(
            Method::PATCH,
            &path,
            "application/apply-patch+yaml",
            definition,
        )
        .await
    }
}

fn is_established(definition: &Value) -> bool {
    let conditions = definition["status"]["conditions"].as_array();
    let mut conditions = conditions.into_iter().flatten();
    conditions.any(|it| it["type"] == "Established" && it["status"] == "True")
}

/// The definitions that the use cases meet.
pub fn definitions() -> Vec<Value> {
    let folders = [
        workspace().join("tests/crds"),
        workspace().join("deploy/crds"),
    ];
    let files = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    files.iter().map(read).collect()
}
