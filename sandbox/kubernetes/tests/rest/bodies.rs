//! Bodies: unknown fields, dry runs, Secrets.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn unknown_fields_are_dropped_warned_about_or_refused() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let mut body = crate::support::cluster("a");
    body["spec"]["surplus"] = json!(1);
    let strict = client
        .post(&format!("{CLUSTERS}?fieldValidation=Strict"), body.clone())
        .await
        .fails(400, "BadRequest");
    assert_eq!(
        strict["message"],
        "strict decoding error: unknown field \"spec.surplus\""
    );
    let warned = client.post(CLUSTERS, body.clone()).await;
    assert_eq!(
        warned.header("warning"),
        "299 - \"unknown field \\\"spec.surplus\\\"\""
    );
    assert!(warned.ok()["spec"].get("surplus").is_none());
    body["metadata"]["name"] = json!("b");
    let ignored = client
        .post(&format!("{CLUSTERS}?fieldValidation=Ignore"), body)
        .await;
    assert_eq!((ignored.status, ignored.header("warning")), (201, ""));
    client
        .post(
            &format!("{CONFIG_MAPS}?fieldValidation=Maybe"),
            config_map("a", json!({})),
        )
        .await
        .fails(400, "BadRequest");
}

#[tokio::test]
async fn a_dry_run_checks_everything_and_stores_nothing() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let before = cluster.kubernetes.store().dump();
    let answer = client
        .post(
            &format!("{CONFIG_MAPS}?dryRun=All"),
            config_map("a", json!({})),
        )
        .await;
    assert_eq!(answer.status, 201);
    client
        .post(
            &format!("{CONFIG_MAPS}?dryRun=All"),
            config_map("A", json!({})),
        )
        .await
        .fails(422, "Invalid");
    client
        .apply(
            &format!("{CONFIG_MAPS}/a"),
            "m&dryRun=All",
            config_map("a", json!({})),
        )
        .await
        .ok();
    client
        .delete("/api/v1/namespaces/argocd?dryRun=All")
        .await
        .ok();
    client
        .post(
            &format!("{CONFIG_MAPS}?dryRun=Some"),
            config_map("a", json!({})),
        )
        .await
        .fails(400, "BadRequest");
    assert_eq!(cluster.kubernetes.store().dump(), before);
}

#[tokio::test]
async fn secrets_take_texts_and_check_base64() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let mut body = secret("a");
    body["stringData"] = json!({"b": "2"});
    let stored = client.post(SECRETS, body).await.ok();
    assert_eq!(stored["data"], json!({"a": "MQ==", "b": "Mg=="}));
    assert_eq!(stored["type"], "Opaque");
    assert!(stored.get("stringData").is_none());
    let mut bad = secret("b");
    bad["data"]["a"] = json!("hunter2!");
    let status = client.post(SECRETS, bad).await.fails(400, "BadRequest");
    let message = status["message"].as_str().unwrap();
    assert!(
        message.contains("illegal base64 data at input byte 7") && !message.contains("hunter2"),
        "{message}"
    );
    let change = client
        .patch(&format!("{SECRETS}/a"), MERGE, json!({"type": "x/y"}))
        .await
        .fails(422, "Invalid");
    assert_eq!(cause_fields(&change), ["type"]);
}
