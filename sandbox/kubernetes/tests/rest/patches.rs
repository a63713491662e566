//! Patches other than apply.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_merge_patch_removes_nulls_and_replaces_lists() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let mut body = config_map("a", json!({"x": "1", "y": "2"}));
    body["metadata"]["finalizers"] = json!(["a/b", "c/d"]);
    client.post(CONFIG_MAPS, body).await.ok();
    let path = format!("{CONFIG_MAPS}/a");
    let patch = json!({"data": {"x": null, "z": "3"}, "metadata": {"finalizers": ["e/f"]}});
    let patched = client.patch(&path, MERGE, patch).await.ok();
    assert_eq!(patched["data"], json!({"y": "2", "z": "3"}));
    assert_eq!(patched["metadata"]["finalizers"], json!(["e/f"]));
    client
        .patch(&format!("{CONFIG_MAPS}/b"), MERGE, json!({}))
        .await
        .fails(404, "NotFound");
}

#[tokio::test]
async fn a_patch_can_lock_optimistically() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let first = client
        .post(CONFIG_MAPS, config_map("a", json!({})))
        .await
        .ok();
    let path = format!("{CONFIG_MAPS}/a");
    let version = first["metadata"]["resourceVersion"].clone();
    let patch = json!({"metadata": {"resourceVersion": version}, "data": {"x": "1"}});
    client.patch(&path, MERGE, patch.clone()).await.ok();
    let status = client
        .patch(&path, MERGE, patch)
        .await
        .fails(409, "Conflict");
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .contains("the object has been modified")
    );
    assert!(status["details"].get("causes").is_none());
    client
        .patch(&path, MERGE, json!({"metadata": {"uid": "other"}}))
        .await
        .fails(409, "Conflict");
    client
        .patch(&path, MERGE, json!({"metadata": {"name": "b"}}))
        .await
        .fails(400, "BadRequest");
}

#[tokio::test]
async fn a_json_patch_tests_and_changes() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client.post(APPLICATIONS, application("a")).await.ok();
    let path = format!("{APPLICATIONS}/a");
    let patch = json!([
        {"op": "test", "path": "/spec/project", "value": "default"},
        {"op": "replace", "path": "/spec/project", "value": "p"},
        {"op": "add", "path": "/metadata/labels", "value": {"a": "b"}},
    ]);
    let patched = client.patch(&path, JSON_PATCH, patch.clone()).await.ok();
    assert_eq!(
        (
            &patched["spec"]["project"],
            &patched["metadata"]["labels"]["a"]
        ),
        (&json!("p"), &json!("b"))
    );
    client
        .patch(&path, JSON_PATCH, patch)
        .await
        .fails(422, "Invalid");
    let missing = json!([{"op": "remove", "path": "/spec/nothing"}]);
    client
        .patch(&path, JSON_PATCH, missing)
        .await
        .fails(422, "Invalid");
    client
        .patch(&path, JSON_PATCH, json!({"op": "x"}))
        .await
        .fails(400, "BadRequest");
}

#[tokio::test]
async fn strategic_patches_merge_lists_by_key_in_built_in_kinds_only() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let path = "/apis/apps/v1/namespaces/default/deployments";
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {
        "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "one", "image": "i"}]}}}});
    client.post(path, deployment).await.ok();
    let patch =
        json!({"spec": {"template": {"spec": {"containers": [{"name": "two", "image": "j"}]}}}});
    let patched = client
        .patch(&format!("{path}/d"), STRATEGIC, patch)
        .await
        .ok();
    assert_eq!(
        patched["spec"]["template"]["spec"]["containers"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    client.post(APPLICATIONS, application("a")).await.ok();
    let status = client
        .patch(&format!("{APPLICATIONS}/a"), STRATEGIC, json!({}))
        .await
        .fails(415, "UnsupportedMediaType");
    assert_eq!(
        status["message"],
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
    );
}

#[tokio::test]
async fn an_update_takes_fields_over_silently() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let path = format!("{CONFIG_MAPS}/a");
    client
        .apply(&path, "one", config_map("a", json!({"x": "1", "y": "1"})))
        .await
        .ok();
    let patched = client
        .patch(
            &format!("{path}?fieldManager=two"),
            MERGE,
            json!({"data": {"x": "2"}}),
        )
        .await
        .ok();
    let entries = patched["metadata"]["managedFields"].as_array().unwrap();
    assert_eq!(entries[0]["manager"], "one");
    assert_eq!(entries[0]["fieldsV1"], json!({"f:data": {"f:y": {}}}));
    assert_eq!(
        (&entries[1]["manager"], &entries[1]["operation"]),
        (&json!("two"), &json!("Update"))
    );
    assert_eq!(entries[1]["fieldsV1"], json!({"f:data": {"f:x": {}}}));
}
