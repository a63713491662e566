//! Bodies: kinds, types, unknown fields, limits, formats.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn wrong_kinds_and_types_are_bad_requests() {
    let cluster = Cluster::start().await;
    let client = cluster.client();
    let mut wrong = config_map("a", json!({}));
    wrong["apiVersion"] = json!("v2");
    client
        .post(CONFIG_MAPS, wrong)
        .await
        .fails(400, "BadRequest");
    client
        .post(CONFIG_MAPS, secret("a"))
        .await
        .fails(400, "BadRequest");
    let status = client
        .post(CONFIG_MAPS, config_map("a", json!({"x": 1})))
        .await
        .fails(400, "BadRequest");
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .contains("cannot unmarshal integer into Go struct field")
    );
    let elsewhere = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "other"}});
    client
        .post(CONFIG_MAPS, elsewhere)
        .await
        .fails(400, "BadRequest");
    let text = client
        .send(client.request("POST", CONFIG_MAPS), b"{".to_vec())
        .await;
    text.fails(400, "BadRequest");
    let mut versioned = config_map("a", json!({}));
    versioned["metadata"]["resourceVersion"] = json!("1");
    client.post(CONFIG_MAPS, versioned).await.fails(500, "");
}

#[tokio::test]
async fn unknown_fields_are_dropped_warned_about_or_refused() {
    let cluster = Cluster::start().await;
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
    let mut typed = config_map("a", json!({}));
    typed["datum"] = json!({});
    let strict = client
        .post(&format!("{CONFIG_MAPS}?fieldValidation=Strict"), typed)
        .await
        .fails(400, "BadRequest");
    assert_eq!(
        strict["message"],
        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"datum\""
    );
    client
        .post(
            &format!("{CONFIG_MAPS}?fieldValidation=Maybe"),
            config_map("a", json!({})),
        )
        .await
        .fails(400, "BadRequest");
}

#[tokio::test]
async fn bodies_methods_and_types_have_limits() {
    let cluster = Cluster::start().await;
    let client = cluster.client();
    let large = config_map("a", json!({"x": "y".repeat(3 * 1024 * 1024)}));
    let status = client
        .post(CONFIG_MAPS, large)
        .await
        .fails(413, "RequestEntityTooLarge");
    assert_eq!(
        status["message"],
        "Request entity too large: limit is 3145728"
    );
    client
        .put(CONFIG_MAPS, json!({}))
        .await
        .fails(405, "MethodNotAllowed");
    client
        .post(&format!("{CONFIG_MAPS}/a"), json!({}))
        .await
        .fails(405, "MethodNotAllowed");
    let xml = client
        .request("POST", CONFIG_MAPS)
        .header("content-type", "application/xml");
    let status = client
        .send(xml, b"<a/>".to_vec())
        .await
        .fails(415, "UnsupportedMediaType");
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .contains("accepted media types include: application/json")
    );
    client
        .get_as(CONFIG_MAPS, "text/html")
        .await
        .fails(406, "NotAcceptable");
}

#[tokio::test]
async fn bodies_may_be_yaml() {
    let cluster = Cluster::start().await;
    let client = cluster.client();
    let request = client
        .request("POST", CONFIG_MAPS)
        .header("content-type", "application/yaml");
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: 'yes'\n";
    let stored = client.send(request, text.into()).await.ok();
    assert_eq!(stored["data"], json!({"x": "yes"}));
    let yaml = client
        .get_as(&format!("{CONFIG_MAPS}/a"), "application/yaml")
        .await;
    assert!(yaml.text.contains("kind: ConfigMap"), "{}", yaml.text);
}

#[tokio::test]
async fn a_dry_run_checks_everything_and_stores_nothing() {
    let cluster = Cluster::start().await;
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
    let cluster = Cluster::start().await;
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
