//! Failures on demand, and the record of calls.

use std::time::Duration;

use sandbox_kubernetes::{KubernetesFault, KubernetesFaultAction};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn an_answer_of_any_kind() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let faults = cluster.kubernetes.faults();
    faults.add(
        KubernetesFault::once(
            "/secrets",
            KubernetesFaultAction::answer(503, "text/html", "<html>busy</html>"),
        )
        .for_method("GET"),
    );
    client.post(SECRETS, secret("s")).await.ok();
    let answer = client.get(SECRETS).await;
    assert_eq!(
        (
            answer.status,
            answer.header("content-type"),
            answer.text.as_str()
        ),
        (503, "text/html", "<html>busy</html>")
    );
    client.get(SECRETS).await.ok();
}

#[tokio::test]
async fn cut_connections() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let faults = cluster.kubernetes.faults();
    let post = |name: &str| {
        let request = client
            .request("POST", CONFIG_MAPS)
            .header("content-type", JSON);
        client.try_send(request, config_map(name, json!({})).to_string().into())
    };
    faults.add(KubernetesFault::once(
        "/configmaps",
        KubernetesFaultAction::ResetBefore,
    ));
    assert!(post("a").await.unwrap_err().starts_with("no answer"));
    client
        .get(&format!("{CONFIG_MAPS}/a"))
        .await
        .fails(404, "NotFound");
    faults.add(KubernetesFault::once(
        "/configmaps",
        KubernetesFaultAction::ResetAfter,
    ));
    assert!(post("b").await.unwrap_err().starts_with("no answer"));
    client.get(&format!("{CONFIG_MAPS}/b")).await.ok();
    faults.add(KubernetesFault::once(
        "/configmaps",
        KubernetesFaultAction::TruncateBody,
    ));
    assert!(post("c").await.unwrap_err().starts_with("broken body"));
    client.get(&format!("{CONFIG_MAPS}/c")).await.ok();
}

#[tokio::test]
async fn late_and_missing_answers() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    cluster.kubernetes.faults().add(KubernetesFault::once(
        "/version",
        KubernetesFaultAction::Delay(300),
    ));
    let impatient = tokio::time::timeout(Duration::from_millis(50), client.get("/version"));
    assert!(impatient.await.is_err());
    cluster.kubernetes.faults().add(KubernetesFault::once(
        "/version",
        KubernetesFaultAction::Hang,
    ));
    let patient = tokio::time::timeout(Duration::from_millis(500), client.get("/version"));
    assert!(patient.await.is_err());
    client.get("/version").await.ok();
}

#[tokio::test]
async fn faults_and_calls_over_http() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let fault = json!({"method": "GET", "path_contains": "/secrets", "skip": 1, "count": 2, "action":
        {"answer": {"status": 429, "content_type": "text/plain", "body": "Too many requests", "headers": {"Retry-After": "1"}}}});
    assert_eq!(
        cluster
            .anonymous()
            .post("/-/sandbox/faults", fault)
            .await
            .status,
        201
    );
    client.get(SECRETS).await.ok();
    let answer = client.get(SECRETS).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
    assert_eq!(client.get("/-/sandbox/faults").await.ok()[0]["count"], 1);
    client.delete("/-/sandbox/faults").await.ok();
    client.get(SECRETS).await.ok();
    client
        .post("/-/sandbox/faults", json!({"action": "explode"}))
        .await
        .fails(400, "BadRequest");
    let calls = client.get("/-/sandbox/calls").await.ok();
    let statuses: Vec<u64> = calls
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [200, 429, 200]);
    client.delete("/-/sandbox/calls").await.ok();
    assert!(cluster.kubernetes.calls().is_empty());
}

#[tokio::test]
async fn calls_are_recorded_without_secrets() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = client
        .request("PATCH", &format!("{SECRETS}/s?fieldManager=m"))
        .header("content-type", APPLY)
        .header("traceparent", trace)
        .header("x-request-id", "r-1");
    client
        .send(request, secret("s").to_string().into())
        .await
        .ok();
    let calls = cluster.kubernetes.calls();
    let [call] = calls.as_slice() else {
        panic!("{calls:?}")
    };
    assert_eq!(
        (call.method.as_str(), call.verb.as_str(), call.status),
        ("PATCH", "patch", 201)
    );
    assert_eq!(
        (
            call.group.as_str(),
            call.resource.as_str(),
            call.namespace.as_str(),
            call.name.as_str()
        ),
        ("", "secrets", "argocd", "s")
    );
    assert_eq!(
        (call.query.as_str(), call.user.as_str()),
        ("fieldManager=m", "admin")
    );
    assert_eq!(
        (call.traceparent.as_str(), call.request_id.as_str()),
        (trace, "r-1")
    );
    let text = serde_json::to_string(&calls).unwrap();
    assert!(
        !text.contains(cluster.kubernetes.token()) && !text.contains("MQ=="),
        "{text}"
    );
    cluster.kubernetes.clear_calls();
    assert!(cluster.kubernetes.calls().is_empty());
}
