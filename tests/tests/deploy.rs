//! Tests of what `deploy/` gives to operators: files that parse, rights that suffice and no more, a definition that
//! fits what is written.

mod access;
mod definition;
mod direct;
mod files;
mod foreign_kinds;
mod kubeconfig_job;
mod kustomization;

use sandbox::options::workspace;
use sandbox_kubernetes::Kubernetes;
use serde_json::Value;

/// Text of a file below `deploy/`.
fn text(path: &str) -> String {
    let path = workspace().join("deploy").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The documents of a YAML file below `deploy/`, in order.
fn documents(path: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The member of an object, or an empty text.
fn member<'a>(object: &'a Value, pointer: &str) -> &'a str {
    let text = object.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default()
}

/// Applies an object as the administrator would; fields that the API server does not know are errors.
async fn apply(kubernetes: &Kubernetes, object: &Value) -> reqwest::Response {
    let request = tests::http_client()
        .patch(format!(
            "{}{}?fieldManager=operator&fieldValidation=Strict",
            kubernetes.url(),
            path(object)
        ))
        .header("content-type", "application/apply-patch+yaml")
        .bearer_auth(kubernetes.token());
    request.body(object.to_string()).send().await.unwrap()
}

async fn apply_all(kubernetes: &Kubernetes, path: &str) {
    for object in documents(path) {
        let answer = apply(kubernetes, &object).await;
        let status = answer.status();
        assert!(status.is_success(), "{}", answer.text().await.unwrap());
    }
}

fn path(object: &Value) -> String {
    let (version, kind) = (member(object, "/apiVersion"), member(object, "/kind"));
    let root = if version.contains('/') { "apis" } else { "api" };
    let namespace = match member(object, "/metadata/namespace") {
        "" => String::new(),
        namespace => format!("namespaces/{namespace}/"),
    };
    let plural = match kind.to_lowercase() {
        kind if kind.ends_with("cy") => kind.replace("policy", "policies"),
        kind if kind.ends_with("ss") => format!("{kind}es"),
        kind => format!("{kind}s"),
    };
    let name = member(object, "/metadata/name");
    format!("/{root}/{version}/{namespace}{plural}/{name}")
}
