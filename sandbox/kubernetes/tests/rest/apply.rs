//! Server-side apply over HTTP.

use serde_json::{Value, json};

use crate::support::*;

fn path(name: &str) -> String {
    format!("{CONFIG_MAPS}/{name}")
}

fn entry<'a>(object: &'a Value, manager: &str) -> &'a Value {
    let entries = object["metadata"]["managedFields"].as_array().unwrap();
    entries
        .iter()
        .find(|entry| entry["manager"] == manager)
        .unwrap_or_else(|| panic!("no {manager} in {entries:?}"))
}

#[tokio::test]
async fn creates_then_updates() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let created = client
        .apply(
            &path("a"),
            "nautes-clusters",
            config_map("a", json!({"x": "1"})),
        )
        .await;
    assert_eq!(created.status, 201);
    let object = created.json();
    let entry = entry(&object, "nautes-clusters");
    assert_eq!(
        (
            &entry["operation"],
            &entry["fieldsType"],
            &entry["apiVersion"]
        ),
        (&json!("Apply"), &json!("FieldsV1"), &json!("v1"))
    );
    assert_eq!(entry["fieldsV1"], json!({"f:data": {"f:x": {}}}));
    let again = client
        .apply(
            &path("a"),
            "nautes-clusters",
            config_map("a", json!({"x": "1"})),
        )
        .await;
    assert_eq!(again.status, 200);
    assert_eq!(
        again.json(),
        object,
        "applying the same changes nothing, not even the version"
    );
}

#[tokio::test]
async fn the_body_may_be_yaml() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let request = client
        .request("PATCH", &format!("{}?fieldManager=m", path("a")))
        .header("content-type", APPLY);
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: \"1\"}\n";
    assert_eq!(
        client.send(request, text.into()).await.ok()["data"],
        json!({"x": "1"})
    );
}

#[tokio::test]
async fn a_field_manager_is_required() {
    let cluster = ClusterFixture::start().await;
    let status = cluster
        .client()
        .patch(&path("a"), APPLY, config_map("a", json!({})))
        .await
        .fails(422, "Invalid");
    assert_eq!(cause_fields(&status), ["fieldManager"]);
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .starts_with("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value")
    );
    let long = "m".repeat(129);
    cluster
        .client()
        .apply(&path("a"), &long, config_map("a", json!({})))
        .await
        .fails(422, "Invalid");
}

#[tokio::test]
async fn other_managers_fields_are_conflicts() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client
        .apply(&path("a"), "one", config_map("a", json!({"x": "1"})))
        .await
        .ok();
    client
        .patch(
            &format!("{}?fieldManager=two", path("a")),
            MERGE,
            json!({"data": {"y": "1"}}),
        )
        .await
        .ok();
    let before = client.get(&path("a")).await.ok();
    let status = client
        .apply(
            &path("a"),
            "three",
            config_map("a", json!({"x": "2", "y": "2"})),
        )
        .await
        .fails(409, "Conflict");
    assert_eq!(
        status["message"],
        "Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.x\nconflicts with \"two\" using v1:\n- .data.y"
    );
    assert_eq!(
        status["details"]["causes"],
        json!([
            {"reason": "FieldManagerConflict", "message": "conflict with \"one\"", "field": ".data.x"},
            {"reason": "FieldManagerConflict", "message": "conflict with \"two\" using v1", "field": ".data.y"},
        ])
    );
    assert_eq!(
        client.get(&path("a")).await.ok(),
        before,
        "nothing was written"
    );
    let forced = client
        .force(
            &path("a"),
            "three",
            config_map("a", json!({"x": "2", "y": "2"})),
        )
        .await
        .ok();
    assert_eq!(forced["data"], json!({"x": "2", "y": "2"}));
    assert_eq!(
        entry(&forced, "three")["fieldsV1"],
        json!({"f:data": {"f:x": {}, "f:y": {}}})
    );
}

#[tokio::test]
async fn equal_values_are_shared_without_conflict() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client
        .apply(
            &path("a"),
            "one",
            config_map("a", json!({"x": "1", "y": "1"})),
        )
        .await
        .ok();
    client
        .apply(&path("a"), "two", config_map("a", json!({"x": "1"})))
        .await
        .ok();
    let left = client
        .apply(&path("a"), "one", config_map("a", json!({"y": "1"})))
        .await
        .ok();
    assert_eq!(
        left["data"],
        json!({"x": "1", "y": "1"}),
        "two still wants x"
    );
    let gone = client
        .apply(&path("a"), "two", config_map("a", json!({})))
        .await
        .ok();
    assert_eq!(gone["data"], json!({"y": "1"}));
}

#[tokio::test]
async fn labels_no_longer_applied_are_removed() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let mut body = secret("a");
    body["metadata"]["labels"] = json!({"cluster.nautes.io/usage": "worker", "x": "y"});
    let path = format!("{SECRETS}/a");
    client.apply(&path, "m", body.clone()).await.ok();
    body["metadata"]["labels"] = json!({"x": "y"});
    let after = client.apply(&path, "m", body).await.ok();
    assert_eq!(after["metadata"]["labels"], json!({"x": "y"}));
}

#[tokio::test]
async fn list_elements_belong_to_managers_by_key() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let path = "/apis/apps/v1/namespaces/default/deployments/d";
    let deployment = |containers: Value| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": containers}}}})
    };
    let env = json!([{"name": "A", "value": "1"}]);
    client
        .apply(
            path,
            "one",
            deployment(json!([{"name": "c", "image": "i", "env": env}])),
        )
        .await
        .ok();
    let second =
        json!([{"name": "c", "env": [{"name": "B", "value": "2"}]}, {"name": "s", "image": "j"}]);
    let both = client.apply(path, "two", deployment(second)).await.ok();
    let containers = &both["spec"]["template"]["spec"]["containers"];
    assert_eq!(
        containers[0]["env"],
        json!([{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    );
    assert_eq!(containers[1]["name"], "s");
    let less = client
        .apply(
            path,
            "two",
            deployment(json!([{"name": "c", "image": "i"}])),
        )
        .await
        .ok();
    let containers = less["spec"]["template"]["spec"]["containers"]
        .as_array()
        .unwrap();
    assert_eq!(containers.len(), 1);
    assert_eq!(containers[0]["env"], json!([{"name": "A", "value": "1"}]));
}

#[tokio::test]
async fn unknown_lists_are_owned_whole() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let path = format!("{APPLICATIONS}/a");
    let with = |options: Value| {
        let mut body = application("a");
        body["spec"]["syncPolicy"] = json!({"syncOptions": options});
        body
    };
    let first = client
        .apply(&path, "one", with(json!(["A=true"])))
        .await
        .ok();
    assert_eq!(
        entry(&first, "one")["fieldsV1"]["f:spec"]["f:syncPolicy"],
        json!({"f:syncOptions": {}})
    );
    let status = client
        .apply(&path, "two", with(json!(["A=true", "B=true"])))
        .await
        .fails(409, "Conflict");
    assert_eq!(cause_fields(&status), [".spec.syncPolicy.syncOptions"]);
}

#[tokio::test]
async fn an_old_version_in_the_configuration_is_a_lock_not_a_field_conflict() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let first = client
        .apply(&path("a"), "m", config_map("a", json!({"x": "1"})))
        .await
        .ok();
    client
        .apply(&path("a"), "m", config_map("a", json!({"x": "2"})))
        .await
        .ok();
    let mut body = config_map("a", json!({"x": "3"}));
    body["metadata"]["resourceVersion"] = first["metadata"]["resourceVersion"].clone();
    let status = client
        .apply(&path("a"), "m", body)
        .await
        .fails(409, "Conflict");
    assert!(status["details"].get("causes").is_none(), "{status}");
}

#[tokio::test]
async fn status_is_applied_through_its_subresource() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let path = format!("{CLUSTERS}/a");
    let mut body = crate::support::cluster("a");
    body["status"] = json!({"x": 1});
    let created = client.apply(&path, "m", body.clone()).await.ok();
    assert!(
        created.get("status").is_none()
            && entry(&created, "m")["fieldsV1"].get("f:status").is_none()
    );
    let applied = client
        .apply(&format!("{path}/status"), "s", body.clone())
        .await
        .ok();
    assert_eq!(applied["status"], json!({"x": 1}));
    assert_eq!(
        entry(&applied, "s")["fieldsV1"],
        json!({"f:status": {"f:x": {}}})
    );
    body["metadata"]["name"] = json!("b");
    client
        .apply(&format!("{CLUSTERS}/b/status"), "s", body)
        .await
        .fails(404, "NotFound");
}

/// As kube-apiserver has it: a version is no precondition of what is not there.
#[tokio::test]
async fn a_version_that_no_object_has_makes_an_apply_a_creation() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let mut new = config_map("a", json!({"x": "1"}));
    new["metadata"]["resourceVersion"] = "1".into();
    let created = client.apply(&path("a"), "one", new.clone()).await;
    assert_eq!(created.status, 201);
    let before = client.get(&path("a")).await.ok();
    assert_ne!(before["metadata"]["resourceVersion"], "1");
    for manager in ["one", "two"] {
        client
            .apply(&path("a"), manager, new.clone())
            .await
            .fails(409, "Conflict");
        client
            .force(&path("a"), manager, new.clone())
            .await
            .fails(409, "Conflict");
    }
    assert_eq!(client.get(&path("a")).await.ok(), before);
}
