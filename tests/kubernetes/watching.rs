//! Status and watch, with Applications as Argo CD would leave them.

use serde_json::{Value, json};

use crate::server::{ARGO, Server};
use crate::tenant::{Tenant, worker};

/// Argo CD has synced an Application at a commit.
async fn synced(tenant: &Tenant, cluster: &str, rest: &str, revision: &str) {
    let name = format!("{cluster}-{rest}");
    let source = json!({"repoURL": format!("{}/nautes/management.git", tenant.settings.gitlab_url), "path": "x"});
    let object = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": {"name": name, "namespace": tenant.argocd, "labels": {"cluster.nautes.io/name": cluster}},
        "spec": {"project": "default", "source": source,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"}},
        "status": {"sync": {"status": "Synced", "revision": revision, "comparedTo": {
                "source": source, "destination": {}}},
            "health": {"status": "Healthy"}}});
    let path = tenant.in_argocd(ARGO, &format!("applications/{name}"));
    let server: &Server = &tenant.server;
    server.apply_as("argocd-controller", &path, &object).await;
}

fn data(text: &str, event: &str) -> Value {
    let line = format!("event: {event}\ndata: ");
    let (_, data) = text
        .split_once(&line)
        .unwrap_or_else(|| panic!("no {event} in {text}"));
    serde_json::from_str(data.lines().next().unwrap()).unwrap()
}

#[tokio::test]
async fn a_watch_tells_what_argo_cd_writes_until_everything_is_ready() {
    let tenant = Tenant::start().await;
    let name = tenant.name("worker");
    let (_, saved) = tenant
        .save(&name, &worker("https://a.example.com:6443"))
        .await;
    let head = saved["commit"]["id"].as_str().unwrap().to_owned();
    let client = tenant.server.client.anew();
    let mut watch = tenant.watch(&name).await;
    let first = watch.next(&client).await.unwrap();
    assert_eq!(data(&first, "cluster")["status"]["phase"], "Registered");

    synced(&tenant, &name, "runtime", &head).await;
    let next = watch.next(&client).await.unwrap();
    assert_eq!(data(&next, "status")["phase"], "Installing");

    for rest in ["runtime-app", "runtime-argocd", "runtime-initial"] {
        synced(&tenant, &name, rest, &head).await;
    }
    // Each of them is told when it is there.
    let last = loop {
        let next = watch.next(&client).await.unwrap();
        if !next.contains("\"Installing\"") {
            break next;
        }
    };
    assert_eq!(data(&last, "status")["phase"], "Ready");
    assert_eq!(data(&last, "end")["reason"], "ready");
    assert_eq!(watch.next(&client).await, None);
    assert_eq!(tenant.read(&name).await.1["status"]["phase"], "Ready");
    tenant.end().await;
}
