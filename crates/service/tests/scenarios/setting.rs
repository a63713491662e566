//! A tenant, requests to it, and what comes back.

use std::collections::BTreeMap;

use argocd::objects::RESOURCE_FILE;
use domain::names;
use serde_json::{Value, json};
use service::problem::Problem;
use service::runtime::{Request, Response};
use service::settings::Settings;

use crate::gitlab_service::{Files, answer, salted, text_without_salt};
use crate::native::Native;
use crate::runtime::Memory;

pub const KUSTOMIZATION: &str = "nautes/overlays/production/clusters/kustomization.yaml";
pub const HOSTS: &str = "tenant/production/host-cluster-appset.yaml";

pub fn settings() -> Settings {
    settings_with(&[])
}

/// With further variables.
pub fn settings_with(further: &[(&str, &str)]) -> Settings {
    let values = [
        ("gitlab_url", "https://gitlab.example.com"),
        ("gitlab_project", "group/tenant"),
        ("kubernetes_url", "https://kubernetes.example.com"),
        ("kubernetes_token", "canary-kubernetes"),
        ("tenant", "tenant1"),
    ];
    let values: BTreeMap<String, String> = values
        .iter()
        .chain(further)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Settings::from_variables(values).unwrap()
}

/// A tenant's repository without clusters.
pub fn memory() -> Memory {
    let memory = Memory::default();
    let readme = ("README.md".to_owned(), b"A tenant\n".to_vec());
    memory
        .0
        .borrow_mut()
        .gitlab
        .push("Begin\n", Files::from([readme]));
    memory
}

pub fn host(server: &str) -> Value {
    json!({"api_server": server, "cluster_type": "physical", "usage": "host", "kubeconfig": kubeconfig("t")})
}

pub fn worker(server: &str) -> Value {
    json!({"api_server": server, "cluster_type": "physical", "usage": "worker", "worker_type": "deployment",
        "kubeconfig": kubeconfig("t")})
}

pub fn virtual_worker(host: &str, port: u16) -> Value {
    json!({"api_server": format!("https://{host}.example.com:{port}"), "cluster_type": "virtual",
        "usage": "worker", "worker_type": "deployment", "host_cluster": host})
}

pub fn without_kubeconfig(mut body: Value) -> Value {
    body.as_object_mut().unwrap().remove("kubeconfig");
    body
}

/// With a token of the usual length: a short one costs a password hash.
pub fn kubeconfig(token: &str) -> String {
    let token = format!("canary-{token:0>40}");
    format!(
        "clusters: [{{name: a, cluster: {{}}}}]\nusers: [{{name: a, user: {{token: {token}}}}}]\n"
    )
}

/// The body of a case of the domain's tests.
pub fn body_of(case: &str) -> Value {
    let case = domain::yaml::from_str(case).unwrap();
    serde_json::from_str(case["request"]["json"].as_str().unwrap()).unwrap()
}

pub fn request(method: &str, path: &str, body: &Value) -> Request {
    let body = if body.is_null() {
        Vec::new()
    } else {
        body.to_string().into_bytes()
    };
    http::Request::builder()
        .method(method)
        .uri(format!("http://localhost/api/v1/clusters/{path}"))
        .header("authorization", "Bearer canary-gitlab")
        .body(body)
        .unwrap()
}

/// The outcome as its status and body; `None` where the process ended before.
pub type Outcome = Option<(u16, Value)>;

pub fn outcome(result: Option<Result<Response, Problem>>) -> Outcome {
    result.map(|result| {
        let response = result.unwrap_or_else(|problem| problem.response("/"));
        let text = String::from_utf8(response.body().clone()).unwrap();
        assert!(!text.contains("canary"), "{text}");
        (
            response.status().as_u16(),
            serde_json::from_str(&text).unwrap(),
        )
    })
}

pub fn try_save(memory: &Memory, path: &str, body: &Value) -> Outcome {
    try_save_with(&settings(), memory, path, body)
}

pub fn try_save_with(settings: &Settings, memory: &Memory, path: &str, body: &Value) -> Outcome {
    let request = request("POST", path, body);
    outcome(memory.run(service::save(memory, &Native, settings, &request)))
}

pub fn try_delete(memory: &Memory, path: &str) -> Outcome {
    try_delete_with(&settings(), memory, path)
}

pub fn try_delete_with(settings: &Settings, memory: &Memory, path: &str) -> Outcome {
    let request = request("DELETE", path, &Value::Null);
    outcome(memory.run(service::delete(memory, &Native, settings, &request)))
}

pub fn save(memory: &Memory, path: &str, body: &Value) -> (u16, Value) {
    try_save(memory, path, body).unwrap()
}

pub fn delete(memory: &Memory, path: &str) -> (u16, Value) {
    try_delete(memory, path).unwrap()
}

pub fn read(memory: &Memory, path: &str) -> (u16, Value) {
    let request = request("GET", path, &Value::Null);
    outcome(memory.run(service::read(memory, &settings(), &request))).unwrap()
}

/// With these clusters registered, and nothing else recorded.
pub fn registered(clusters: &[(&str, Value)]) -> Memory {
    let memory = memory();
    for (name, body) in clusters {
        let (status, answer) = save(&memory, name, body);
        assert_eq!(status, 200, "{answer}");
    }
    memory.forget();
    memory
}

pub fn reason(outcome: &(u16, Value)) -> (u16, &str) {
    (outcome.0, outcome.1["reason"].as_str().unwrap_or_default())
}

pub fn text(status: u16, body: &str) -> Response {
    let mut response = Response::new(body.as_bytes().to_vec());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    response
}

pub fn gitlab_says(status: u16, message: &str) -> Response {
    answer(status, &json!({ "message": message }))
}

/// Everything that is true in both services, for comparison with another tenant.
pub fn truth(memory: &Memory) -> (Files, BTreeMap<String, Value>) {
    let inner = memory.0.borrow();
    let mut objects = inner.kubernetes.objects.clone();
    for object in objects.values_mut() {
        if let Some(file) = object["metadata"]["annotations"].get_mut(RESOURCE_FILE) {
            *file = text_without_salt(file.as_str().unwrap()).into();
        }
        if let Some(fingerprint) = object["metadata"]["annotations"].get_mut(names::CREDENTIALS) {
            let value = fingerprint.as_str().unwrap().strip_prefix("sha256:");
            *fingerprint = salted(value.unwrap()).into();
        }
    }
    (inner.gitlab.head(), objects)
}
