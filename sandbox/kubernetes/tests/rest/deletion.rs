//! Deleting: finalizers, preconditions, owners, namespaces.

use serde_json::{Value, json};

use crate::support::*;

fn path(name: &str) -> String {
    format!("{CONFIG_MAPS}/{name}")
}

async fn create(client: &ApiClient, name: &str, metadata: Value) -> Value {
    let mut body = config_map(name, json!({}));
    body["metadata"]
        .as_object_mut()
        .unwrap()
        .extend(metadata.as_object().unwrap().clone());
    client.post(CONFIG_MAPS, body).await.ok()
}

fn owner(object: &Value, blocks: bool) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "name": object["metadata"]["name"], "uid": object["metadata"]["uid"],
        "blockOwnerDeletion": blocks})
}

async fn exists(client: &ApiClient, name: &str) -> bool {
    client.get(&path(name)).await.status == 200
}

#[tokio::test]
async fn a_deleted_object_is_answered_by_a_status() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let object = create(&client, "a", json!({})).await;
    let status = client.delete(&path("a")).await.ok();
    assert_eq!(
        (&status["kind"], &status["status"]),
        (&json!("Status"), &json!("Success"))
    );
    assert_eq!(
        status["details"],
        json!({"name": "a", "group": "", "kind": "configmaps", "uid": object["metadata"]["uid"]})
    );
    client.get(&path("a")).await.fails(404, "NotFound");
    client.delete(&path("a")).await.fails(404, "NotFound");
}

#[tokio::test]
async fn finalizers_hold_an_object_until_they_are_gone() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    create(&client, "a", json!({"finalizers": ["x/y", "z/w"]})).await;
    let marked = client.delete(&path("a")).await.ok();
    assert!(marked["metadata"]["deletionTimestamp"].is_string());
    assert_eq!(
        client.delete(&path("a")).await.ok()["metadata"]["resourceVersion"],
        marked["metadata"]["resourceVersion"]
    );

    let more = client
        .patch(
            &path("a"),
            MERGE,
            json!({"metadata": {"finalizers": ["x/y", "n/n"]}}),
        )
        .await
        .fails(422, "Invalid");
    assert_eq!(cause_fields(&more), ["metadata.finalizers"]);
    assert!(more["message"].as_str().unwrap().contains("no new finalizers can be added if the object is being deleted, found new finalizers []string{\"n/n\"}"));

    client
        .patch(
            &path("a"),
            MERGE,
            json!({"metadata": {"finalizers": ["z/w"]}}),
        )
        .await
        .ok();
    assert!(exists(&client, "a").await);
    client
        .patch(&path("a"), MERGE, json!({"metadata": {"finalizers": null}}))
        .await
        .ok();
    assert!(!exists(&client, "a").await);
}

#[tokio::test]
async fn preconditions_guard() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let object = create(&client, "a", json!({})).await;
    let status = client
        .delete_with(&path("a"), json!({"preconditions": {"uid": "other"}}))
        .await
        .fails(409, "Conflict");
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .contains("Precondition failed: UID in precondition: other")
    );
    client
        .delete_with(
            &path("a"),
            json!({"preconditions": {"resourceVersion": "1"}}),
        )
        .await
        .fails(409, "Conflict");
    let right = json!({"preconditions": {"uid": object["metadata"]["uid"], "resourceVersion": object["metadata"]["resourceVersion"]}});
    client.delete_with(&path("a"), right).await.ok();
    client
        .delete_with(&path("a"), json!({"propagationPolicy": "Sideways"}))
        .await
        .fails(422, "Invalid");
}

#[tokio::test]
async fn dependents_go_when_all_their_owners_are_gone() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let one = create(&client, "one", json!({})).await;
    let two = create(&client, "two", json!({})).await;
    create(
        &client,
        "both",
        json!({"ownerReferences": [owner(&one, false), owner(&two, false)]}),
    )
    .await;
    create(
        &client,
        "child",
        json!({"ownerReferences": [owner(&one, false)]}),
    )
    .await;
    client.delete(&path("one")).await.ok();
    assert!(!exists(&client, "child").await);
    let both = client.get(&path("both")).await.ok();
    assert_eq!(
        both["metadata"]["ownerReferences"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    client.delete(&path("two")).await.ok();
    assert!(!exists(&client, "both").await);
}

#[tokio::test]
async fn an_owner_of_another_uid_is_no_owner() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let mut gone = create(&client, "owner", json!({})).await;
    gone["metadata"]["uid"] = json!("11111111-1111-1111-1111-111111111111");
    create(
        &client,
        "child",
        json!({"ownerReferences": [owner(&gone, false)]}),
    )
    .await;
    assert!(!exists(&client, "child").await);
    assert!(exists(&client, "owner").await);
}

#[tokio::test]
async fn a_reference_added_later_counts_too() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let app = client.post(APPLICATIONS, application("a")).await.ok();
    client.post(SECRETS, secret("s")).await.ok();
    let reference = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "name": "a", "uid": app["metadata"]["uid"]});
    client
        .patch(
            &format!("{SECRETS}/s"),
            MERGE,
            json!({"metadata": {"ownerReferences": [reference]}}),
        )
        .await
        .ok();
    client.delete(&format!("{APPLICATIONS}/a")).await.ok();
    client
        .get(&format!("{SECRETS}/s"))
        .await
        .fails(404, "NotFound");
}

#[tokio::test]
async fn foreground_deletion_waits_for_dependents() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let parent = create(&client, "parent", json!({})).await;
    create(
        &client,
        "child",
        json!({"ownerReferences": [owner(&parent, true)], "finalizers": ["x/y"]}),
    )
    .await;
    let marked = client
        .delete(&format!("{}?propagationPolicy=Foreground", path("parent")))
        .await
        .ok();
    assert_eq!(
        marked["metadata"]["finalizers"],
        json!(["foregroundDeletion"])
    );
    assert!(client.get(&path("child")).await.ok()["metadata"]["deletionTimestamp"].is_string());
    assert!(exists(&client, "parent").await);
    client
        .patch(
            &path("child"),
            MERGE,
            json!({"metadata": {"finalizers": null}}),
        )
        .await
        .ok();
    assert!(!exists(&client, "parent").await && !exists(&client, "child").await);
}

#[tokio::test]
async fn orphans_stay() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let parent = create(&client, "parent", json!({})).await;
    create(
        &client,
        "child",
        json!({"ownerReferences": [owner(&parent, true)]}),
    )
    .await;
    client
        .delete_with(&path("parent"), json!({"propagationPolicy": "Orphan"}))
        .await
        .ok();
    assert!(!exists(&client, "parent").await);
    assert!(
        client.get(&path("child")).await.ok()["metadata"]
            .get("ownerReferences")
            .is_none()
    );
}

#[tokio::test]
async fn a_namespace_takes_its_contents_along() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}});
    let created = client.post("/api/v1/namespaces", namespace).await.ok();
    assert_eq!(created["status"]["phase"], "Active");
    assert_eq!(
        created["metadata"]["labels"]["kubernetes.io/metadata.name"],
        "n"
    );
    let inside = "/api/v1/namespaces/n/configmaps";
    let mut held = config_map("held", json!({}));
    held["metadata"]["finalizers"] = json!(["x/y"]);
    client.post(inside, held).await.ok();
    client
        .post(inside, config_map("free", json!({})))
        .await
        .ok();

    let marked = client.delete("/api/v1/namespaces/n").await.ok();
    assert_eq!(marked["status"]["phase"], "Terminating");
    client
        .get(&format!("{inside}/free"))
        .await
        .fails(404, "NotFound");
    let status = client
        .post(inside, config_map("new", json!({})))
        .await
        .fails(403, "Forbidden");
    assert_eq!(
        status["details"]["causes"][0]["reason"],
        "NamespaceTerminating"
    );
    client
        .patch(
            &format!("{inside}/held"),
            MERGE,
            json!({"metadata": {"finalizers": null}}),
        )
        .await
        .ok();
    client
        .get("/api/v1/namespaces/n")
        .await
        .fails(404, "NotFound");
    client
        .delete("/api/v1/namespaces/kube-system")
        .await
        .fails(403, "Forbidden");
}

#[tokio::test]
async fn a_collection_is_deleted_by_selector() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    create(&client, "a", json!({"labels": {"go": "yes"}})).await;
    create(&client, "b", json!({"labels": {"go": "no"}})).await;
    let deleted = client
        .delete(&format!("{CONFIG_MAPS}?labelSelector=go%3Dyes"))
        .await
        .ok();
    assert_eq!(
        (&deleted["kind"], deleted["items"].as_array().unwrap().len()),
        (&json!("ConfigMapList"), 1)
    );
    assert!(!exists(&client, "a").await && exists(&client, "b").await);
}
