//! A tenant with a GitLab, namespaces and names of its own.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use http::Method;
use sandbox_gitlab::GitLab;
use serde_json::{Value, json};
use service::problem::Problem;
use service::runtime::{Request, Response};
use service::settings::Settings;
use service::{Seats, watch};
use tempfile::TempDir;

use crate::client::Exchange;
use crate::native::Native;
use crate::server::{ARGO, BATCH, CORE, NAUTES, Server};

/// Everything one test needs. To be ended with [`Tenant::end`].
pub struct Tenant {
    pub server: Server,
    pub settings: Settings,
    /// A part of every name.
    pub id: String,
    pub argocd: String,
    pub nautes: String,
    gitlab: GitLab,
    _data: TempDir,
}

fn unique() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!(
        "{:x}{:x}",
        now.as_nanos() & 0xffff_ffff_ffff,
        std::process::id() & 0xfff
    )
}

impl Tenant {
    /// In namespaces that no other test has.
    pub async fn start() -> Self {
        let id = unique();
        let (argocd, nautes) = (format!("argocd-{id}"), format!("nautes-{id}"));
        let server = Server::start(|_| {}).await;
        for name in [&argocd, &nautes] {
            let namespace =
                json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
            server
                .create(&format!("{CORE}/namespaces"), &namespace)
                .await;
        }
        let data = TempDir::new().unwrap();
        let gitlab = GitLab::start(sandbox_gitlab::GitLabOptions::new(data.path()))
            .await
            .unwrap();
        Self::over(server, gitlab, data, id, [argocd, nautes])
    }

    /// Over services that run already.
    pub fn over(
        server: Server,
        gitlab: GitLab,
        data: TempDir,
        id: String,
        [argocd, nautes]: [String; 2],
    ) -> Self {
        let tenant = format!("tenant-{id}");
        let values = [
            ("gitlab_url", gitlab.url()),
            ("gitlab_project", "nautes/management"),
            ("kubernetes_url", &server.url),
            ("kubernetes_token", &server.token),
            ("tenant", &tenant),
            ("argocd_namespace", &argocd),
            ("nautes_namespace", &nautes),
        ];
        let values: BTreeMap<String, String> = values
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        Self {
            settings: Settings::from_variables(values).unwrap(),
            server,
            id,
            argocd,
            nautes,
            gitlab,
            _data: data,
        }
    }

    /// A cluster name of this tenant.
    pub fn name(&self, name: &str) -> String {
        format!("{name}-{}", self.id)
    }

    pub fn request(&self, method: &str, name: &str, body: &Value) -> Request {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        http::Request::builder()
            .method(method)
            .uri(format!("http://localhost/api/v1/clusters/{name}"))
            .header(
                "authorization",
                format!("Bearer {}", self.gitlab.tokens().maintainer),
            )
            .body(body.into_bytes())
            .unwrap()
    }

    pub async fn save(&self, name: &str, body: &Value) -> (u16, Value) {
        self.save_with(&self.settings, name, body).await
    }

    pub async fn save_with(&self, settings: &Settings, name: &str, body: &Value) -> (u16, Value) {
        let (client, request) = (self.server.client.anew(), self.request("POST", name, body));
        outcome(Box::pin(service::save(&client, &Native, settings, &request)).await)
    }

    pub async fn delete(&self, name: &str) -> (u16, Value) {
        let (client, request) = (
            self.server.client.anew(),
            self.request("DELETE", name, &Value::Null),
        );
        outcome(Box::pin(service::delete(&client, &Native, &self.settings, &request)).await)
    }

    pub async fn read(&self, name: &str) -> (u16, Value) {
        let (client, request) = (
            self.server.client.anew(),
            self.request("GET", name, &Value::Null),
        );
        outcome(Box::pin(service::read(&client, &self.settings, &request)).await)
    }

    pub async fn watch(&self, name: &str) -> service::Watch<Exchange> {
        let request = self.request("GET", &format!("{name}?watch=true"), &Value::Null);
        let client = self.server.client.anew();
        let seats: &'static Seats = Box::leak(Box::default());
        let watch = Box::pin(watch(&client, seats, &self.settings, &request)).await;
        watch
            .unwrap_or_else(|problem| panic!("{problem:?}"))
            .unwrap()
    }

    /// Path of the objects of a kind in Argo CD's namespace.
    pub fn in_argocd(&self, group: &str, plural: &str) -> String {
        format!("{group}/namespaces/{}/{plural}", self.argocd)
    }

    /// The one Secret of a cluster.
    pub async fn secret(&self, cluster: &str) -> Value {
        let path = self.in_argocd(CORE, "secrets");
        let selector = format!("{path}?labelSelector=cluster.nautes.io%2Fname%3D{cluster}");
        let secrets = self.server.list(&selector).await;
        assert_eq!(secrets.len(), 1, "{secrets:#?}");
        secrets[0].clone()
    }

    /// Everything that a save can bring: kind → names.
    pub async fn everything(&self) -> BTreeMap<String, Vec<String>> {
        let mut found = BTreeMap::new();
        for path in self.kinds() {
            let list = self.server.list(&path).await;
            let names = list
                .iter()
                .map(|it| it["metadata"]["name"].as_str().unwrap().to_owned());
            let names: Vec<String> = names.collect();
            if !names.is_empty() {
                found.insert(path.rsplit('/').next().unwrap().to_owned(), names);
            }
        }
        found
    }

    fn kinds(&self) -> Vec<String> {
        vec![
            self.in_argocd(CORE, "secrets"),
            self.in_argocd(BATCH, "jobs"),
            self.in_argocd(ARGO, "applications"),
            self.in_argocd(ARGO, "applicationsets"),
            self.in_argocd(ARGO, "appprojects"),
            format!("{NAUTES}/namespaces/{}/clusters", self.nautes),
            format!("{NAUTES}/namespaces/{}/environments", self.nautes),
        ]
    }

    /// Removes whatever is left. Without a namespace controller nobody else ends a namespace.
    pub async fn end(self) {
        for path in self.kinds() {
            for object in self.server.list(&path).await {
                let name = object["metadata"]["name"].as_str().unwrap();
                self.server.remove(&format!("{path}/{name}")).await;
            }
        }
        for name in [&self.argocd, &self.nautes] {
            let path = format!("{CORE}/namespaces/{name}");
            self.server.remove(&path).await;
            let finalized = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name},
                "spec": {"finalizers": []}});
            let path = format!("{path}/finalize");
            let media_type = "application/json";
            self.server
                .send(Method::PUT, &path, media_type, &finalized)
                .await;
        }
        self.gitlab.shutdown().await;
    }
}

fn outcome(result: Result<Response, Problem>) -> (u16, Value) {
    let response = result.unwrap_or_else(|problem| problem.response("/"));
    let text = String::from_utf8(response.body().clone()).unwrap();
    assert!(!text.contains("canary"), "{text}");
    (
        response.status().as_u16(),
        serde_json::from_str(&text).unwrap(),
    )
}

pub fn kubeconfig(token: &str) -> String {
    format!(
        "clusters: [{{name: a, cluster: {{}}}}]\nusers: [{{name: a, user: {{token: canary-{token}}}}}]\n"
    )
}

pub fn host(server: &str) -> Value {
    json!({"api_server": server, "cluster_type": "physical", "usage": "host", "kubeconfig": kubeconfig("t")})
}

pub fn worker(server: &str) -> Value {
    json!({"api_server": server, "cluster_type": "physical", "usage": "worker", "worker_type": "deployment",
        "kubeconfig": kubeconfig("t")})
}
