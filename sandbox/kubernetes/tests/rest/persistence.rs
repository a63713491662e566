//! Tests of what stays between runs, and of what is refused at the start.

use sandbox_kubernetes::{Kubernetes, KubernetesOptions, KubernetesStartError};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn objects_tokens_and_certificates_survive_a_restart() {
    let ClusterFixture { kubernetes, data } = ClusterFixture::start().await;
    let client = ApiClient::new(kubernetes.url(), Some(kubernetes.token()));
    client
        .post(CONFIG_MAPS, config_map("a", json!({"x": "1"})))
        .await
        .ok();
    client.delete("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/environments.nautes.resource.nautes.io").await.ok();
    client.post(CLUSTERS, cluster("c")).await.ok();
    let (before, token, ca) = (
        kubernetes.store().dump(),
        kubernetes.token().to_owned(),
        kubernetes.ca_pem().to_owned(),
    );
    kubernetes.shutdown().await;

    let mut options = KubernetesOptions::new(data.path());
    options.cluster_crds = false;
    let again = Kubernetes::start(options).await.unwrap();
    assert_eq!(again.store().dump(), before);
    assert_eq!(
        (again.token(), again.ca_pem()),
        (token.as_str(), ca.as_str())
    );
    let client = ApiClient::new(again.url(), Some(&token));
    let kept = client.get(&format!("{CLUSTERS}/c")).await.ok();
    let next = client
        .post(CONFIG_MAPS, config_map("b", json!({})))
        .await
        .ok();
    let revision = |object: &serde_json::Value| {
        object["metadata"]["resourceVersion"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    assert!(revision(&next) > revision(&kept));
}

#[cfg(unix)]
#[tokio::test]
async fn files_with_secrets_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let ClusterFixture { kubernetes, data } = ClusterFixture::start().await;
    kubernetes.shutdown().await;
    let mut seen = 0;
    for entry in std::fs::read_dir(data.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{:?}",
            entry.path()
        );
        seen += 1;
    }
    assert_eq!(seen, 4, "objects, tokens, certificates, kubeconfig");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let cluster = ClusterFixture::start().await;
    let address = cluster
        .kubernetes
        .url()
        .strip_prefix("http://")
        .unwrap()
        .to_owned();
    let data = tempfile::TempDir::new().unwrap();
    let mut options = KubernetesOptions::new(data.path());
    options.listen = address.parse().unwrap();
    let error = Kubernetes::start(options).await.unwrap_err();
    assert!(matches!(error, KubernetesStartError::Address { .. }));
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot listen on {address}: ")),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_on_all_interfaces_is_reached_on_the_loopback_one() {
    let cluster =
        ClusterFixture::start_with(|options| options.listen = "0.0.0.0:0".parse().unwrap()).await;
    assert!(
        cluster.kubernetes.url().starts_with("http://127.0.0.1:"),
        "{}",
        cluster.kubernetes.url()
    );
    cluster.client().get("/api").await.ok();
}

#[tokio::test]
async fn a_damaged_file_is_named_without_its_content() {
    let data = tempfile::TempDir::new().unwrap();
    std::fs::write(data.path().join("objects.json"), "{\"hunter2\"").unwrap();
    let error = Kubernetes::start(KubernetesOptions::new(data.path()))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("objects.json is not a saved store") && !error.contains("hunter2"),
        "{error}"
    );
}

#[tokio::test]
async fn debugging_shows_no_token() {
    let cluster = ClusterFixture::start().await;
    cluster.client().get("/api").await.ok();
    let shown = format!("{:?}", cluster.kubernetes);
    assert!(
        shown.contains("admin") && !shown.contains(cluster.kubernetes.token()),
        "{shown}"
    );
}
