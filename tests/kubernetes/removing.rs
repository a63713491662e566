//! Removals.

use serde_json::{Value, json};

use crate::server::{ARGO, NAUTES};
use crate::tenant::{Tenant, host, worker};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

/// An Application as an ApplicationSet would make it.
pub async fn application(tenant: &Tenant, name: &str) -> Value {
    let object = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": {"name": name, "namespace": tenant.argocd},
        "spec": {"project": "default", "source": {"repoURL": "https://git.example.com/x.git", "path": "x"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"}}});
    tenant
        .server
        .create(&tenant.in_argocd(ARGO, "applications"), &object)
        .await
}

fn objects(answer: &Value) -> Vec<String> {
    let objects = answer["installs"].as_array().unwrap().iter();
    objects
        .map(|it| format!("{} {}", it["kind"], it["name"]))
        .collect()
}

#[tokio::test]
async fn it_takes_back_everything_and_a_dry_run_tells_what() {
    let tenant = Tenant::start().await;
    let names = [tenant.name("host"), tenant.name("worker")];
    assert_eq!(tenant.save(&names[0], &host(A)).await.0, 200);
    assert_eq!(tenant.save(&names[1], &worker(B)).await.0, 200);
    for name in &names {
        let before = tenant.everything().await;
        let (status, planned) = tenant.delete(&format!("{name}?dry_run=true")).await;
        assert_eq!(status, 200, "{planned}");
        assert_eq!(tenant.everything().await, before);
        let (status, real) = tenant.delete(name).await;
        assert_eq!((status, &real["uninstalling"]), (200, &json!([])), "{real}");
        assert_eq!(objects(&planned), objects(&real));
        assert_eq!(tenant.delete(name).await.1["reason"], "CLUSTER_NOT_FOUND");
    }
    assert_eq!(tenant.everything().await, [].into());
    tenant.end().await;
}

#[tokio::test]
async fn the_credentials_are_handed_to_the_applications_and_force_takes_them_at_once() {
    let tenant = Tenant::start().await;
    let name = tenant.name("worker");
    assert_eq!(tenant.save(&name, &worker(A)).await.0, 200);
    let owner = application(&tenant, &format!("{name}-runtime")).await;
    let (status, body) = tenant.delete(&name).await;
    assert_eq!(status, 200, "{body}");
    assert!(
        body["uninstalling"].to_string().contains("-runtime"),
        "{body}"
    );
    let secret = tenant.secret(&name).await;
    assert_eq!(
        secret["metadata"]["labels"].get("cluster.nautes.io/usage"),
        None
    );
    let owners = &secret["metadata"]["ownerReferences"];
    assert_eq!(owners[0]["uid"], owner["metadata"]["uid"], "{owners}");
    assert_eq!(tenant.delete(&name).await.0, 200);

    let (_, body) = tenant.delete(&format!("{name}?force=true")).await;
    assert!(
        body["warnings"].to_string().contains("stays behind"),
        "{body}"
    );
    assert!(!tenant.everything().await.contains_key("secrets"));
    let path = tenant.in_argocd(ARGO, &format!("applications/{name}-runtime"));
    tenant.server.remove(&path).await;
    assert_eq!(tenant.delete(&name).await.0, 200);
    assert_eq!(tenant.delete(&name).await.0, 404);
    assert_eq!(tenant.everything().await, [].into());
    tenant.end().await;
}

#[tokio::test]
async fn one_that_is_saved_again_while_it_goes_is_taken_back() {
    let tenant = Tenant::start().await;
    let name = tenant.name("worker");
    assert_eq!(tenant.save(&name, &worker(A)).await.0, 200);
    application(&tenant, &format!("{name}-runtime")).await;
    assert_eq!(tenant.delete(&name).await.0, 200);
    assert_eq!(tenant.save(&name, &worker(A)).await.0, 200);
    let secret = tenant.secret(&name).await;
    assert_eq!(
        secret["metadata"]["labels"]["cluster.nautes.io/usage"],
        "worker"
    );
    assert_eq!(secret["metadata"].get("ownerReferences"), None);
    tenant.end().await;
}

#[tokio::test]
async fn one_that_products_use_stays() {
    let tenant = Tenant::start().await;
    let name = tenant.name("worker");
    assert_eq!(tenant.save(&name, &worker(A)).await.0, 200);
    let environment = json!({"apiVersion": "nautes.resource.nautes.io/v1alpha1", "kind": "Environment",
        "metadata": {"name": "production", "namespace": tenant.nautes},
        "spec": {"cluster": name, "envType": "dev", "product": "demo"}});
    let path = format!("{NAUTES}/namespaces/{}/environments", tenant.nautes);
    tenant.server.create(&path, &environment).await;
    let before = tenant.everything().await;
    let (status, body) = tenant.delete(&name).await;
    assert_eq!(
        (status, &body["reason"]),
        (409, &json!("CLUSTER_IN_USE")),
        "{body}"
    );
    let dependant = format!("Environment {}/production", tenant.nautes);
    assert_eq!(body["dependants"], json!([dependant]));
    assert_eq!(tenant.everything().await, before);
    tenant.end().await;
}
