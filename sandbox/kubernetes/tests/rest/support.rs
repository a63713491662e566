//! A server of its own for every test, and a client that hides nothing.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sandbox_kubernetes::{CallerIdentity, Kubernetes, KubernetesOptions, PolicyRule};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const JSON: &str = "application/json";
pub const MERGE: &str = "application/merge-patch+json";
pub const JSON_PATCH: &str = "application/json-patch+json";
pub const STRATEGIC: &str = "application/strategic-merge-patch+json";
pub const APPLY: &str = "application/apply-patch+yaml";

pub const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";
pub const SECRETS: &str = "/api/v1/namespaces/argocd/secrets";
pub const APPLICATIONS: &str = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications";
pub const CLUSTERS: &str = "/apis/nautes.resource.nautes.io/v1alpha1/namespaces/nautes/clusters";
pub const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

pub struct ClusterFixture {
    pub kubernetes: Kubernetes,
    pub data: TempDir,
}

impl ClusterFixture {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut KubernetesOptions)) -> Self {
        let data = TempDir::new().unwrap();
        let mut options = KubernetesOptions::new(data.path());
        options.identities.push(CallerIdentity {
            name: "reader".into(),
            token: None,
            rules: vec![
                PolicyRule::new(&[""], &["secrets"], &["get", "list"]).in_namespace("argocd"),
            ],
        });
        change(&mut options);
        Self {
            kubernetes: Kubernetes::start(options).await.unwrap(),
            data,
        }
    }

    pub fn client(&self) -> ApiClient {
        ApiClient::new(self.kubernetes.url(), Some(self.kubernetes.token()))
    }

    pub fn client_of(&self, identity: &str) -> ApiClient {
        ApiClient::new(self.kubernetes.url(), self.kubernetes.token_of(identity))
    }

    pub fn anonymous(&self) -> ApiClient {
        ApiClient::new(self.kubernetes.url(), None)
    }
}

pub struct ApiClient {
    base: String,
    token: Option<String>,
    http: HttpClient<HttpConnector, Full<Bytes>>,
}

#[derive(Debug)]
pub struct ApiAnswer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub text: String,
}

impl ApiAnswer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    /// The object of an answer that must be a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {}",
            self.status,
            self.text
        );
        self.json()
    }

    /// The Status of an answer that must be this failure.
    #[track_caller]
    pub fn fails(self, code: u16, reason: &str) -> Value {
        assert_eq!(self.status, code, "{}", self.text);
        let status = self.json();
        assert_eq!(status["kind"], "Status");
        assert_eq!(status["status"], "Failure");
        assert_eq!(status["code"], code);
        assert_eq!(
            status["reason"].as_str().unwrap_or_default(),
            reason,
            "{status}"
        );
        status
    }
}

impl ApiClient {
    pub fn new(base: &str, token: Option<&str>) -> Self {
        let http = HttpClient::builder(TokioExecutor::new()).build_http();
        Self {
            base: base.to_owned(),
            token: token.map(str::to_owned),
            http,
        }
    }

    pub fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("user-agent", "rest-test/1.0 (linux)");
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    pub async fn try_send(
        &self,
        request: http::request::Builder,
        body: Vec<u8>,
    ) -> Result<ApiAnswer, String> {
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let response = self
            .http
            .request(request)
            .await
            .map_err(|error| format!("no answer: {error}"))?;
        let (parts, body) = response.into_parts();
        let bytes = body
            .collect()
            .await
            .map_err(|error| format!("broken body: {error}"))?
            .to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Ok(ApiAnswer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text,
        })
    }

    pub async fn send(&self, request: http::request::Builder, body: Vec<u8>) -> ApiAnswer {
        self.try_send(request, body).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> ApiAnswer {
        self.send(self.request("GET", path), Vec::new()).await
    }

    pub async fn get_as(&self, path: &str, accept: &str) -> ApiAnswer {
        self.send(
            self.request("GET", path).header("accept", accept),
            Vec::new(),
        )
        .await
    }

    pub async fn post(&self, path: &str, body: Value) -> ApiAnswer {
        self.send(
            self.request("POST", path).header("content-type", JSON),
            body.to_string().into(),
        )
        .await
    }

    pub async fn put(&self, path: &str, body: Value) -> ApiAnswer {
        self.send(
            self.request("PUT", path).header("content-type", JSON),
            body.to_string().into(),
        )
        .await
    }

    pub async fn patch(&self, path: &str, content_type: &str, body: Value) -> ApiAnswer {
        self.send(
            self.request("PATCH", path)
                .header("content-type", content_type),
            body.to_string().into(),
        )
        .await
    }

    pub async fn apply(&self, path: &str, manager: &str, body: Value) -> ApiAnswer {
        self.patch(&format!("{path}?fieldManager={manager}"), APPLY, body)
            .await
    }

    pub async fn force(&self, path: &str, manager: &str, body: Value) -> ApiAnswer {
        self.patch(
            &format!("{path}?fieldManager={manager}&force=true"),
            APPLY,
            body,
        )
        .await
    }

    pub async fn delete(&self, path: &str) -> ApiAnswer {
        self.send(self.request("DELETE", path), Vec::new()).await
    }

    pub async fn delete_with(&self, path: &str, options: Value) -> ApiAnswer {
        self.send(
            self.request("DELETE", path).header("content-type", JSON),
            options.to_string().into(),
        )
        .await
    }
}

pub fn config_map(name: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

pub fn secret(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": {"a": "MQ=="}})
}

pub fn application(name: &str) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": name},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://example.com/r.git", "path": "p", "targetRevision": "HEAD"},
            "destination": {"name": "in-cluster", "namespace": "argocd"},
        },
    })
}

pub fn cluster(name: &str) -> Value {
    json!({
        "apiVersion": "nautes.resource.nautes.io/v1alpha1", "kind": "Cluster", "metadata": {"name": name},
        "spec": {
            "apiServer": "https://10.0.0.1:6443", "clusterType": "physical", "usage": "worker",
            "workerType": "deployment", "componentsList": {"gateway": {"name": "traefik", "namespace": "traefik"}},
        },
    })
}

/// The `field` of every cause.
pub fn cause_fields(status: &Value) -> Vec<String> {
    let causes = status["details"]["causes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    causes
        .iter()
        .map(|cause| cause["field"].as_str().unwrap().to_owned())
        .collect()
}
