//! Creating, reading and replacing objects.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_created_object_has_what_the_server_sets() {
    let cluster = ClusterFixture::start().await;
    let answer = cluster
        .client()
        .post(CLUSTERS, crate::support::cluster("a"))
        .await;
    assert_eq!(answer.status, 201);
    let object = answer.json();
    let metadata = &object["metadata"];
    assert_eq!(metadata["namespace"], "nautes");
    assert_eq!(metadata["generation"], 1);
    assert_eq!(metadata["uid"].as_str().unwrap().len(), 36);
    assert!(
        metadata["resourceVersion"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 0
    );
    assert!(
        metadata["creationTimestamp"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    assert_eq!(metadata["managedFields"][0]["manager"], "rest-test");
    assert_eq!(
        object["spec"]["clusterKind"], "kubernetes",
        "the schema's default"
    );
    assert_eq!(
        cluster.client().get(&format!("{CLUSTERS}/a")).await.ok(),
        object
    );
}

#[tokio::test]
async fn an_existing_name_is_refused() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client
        .post(CONFIG_MAPS, config_map("a", json!({})))
        .await
        .ok();
    let status = client
        .post(CONFIG_MAPS, config_map("a", json!({})))
        .await
        .fails(409, "AlreadyExists");
    assert_eq!(status["message"], "configmaps \"a\" already exists");
    assert_eq!(
        status["details"],
        json!({"name": "a", "kind": "configmaps"})
    );
}

#[tokio::test]
async fn a_missing_namespace_is_not_found() {
    let cluster = ClusterFixture::start().await;
    let path = "/api/v1/namespaces/nowhere/configmaps";
    let status = cluster
        .client()
        .post(path, config_map("a", json!({})))
        .await
        .fails(404, "NotFound");
    assert_eq!(status["message"], "namespaces \"nowhere\" not found");
    let applied = cluster
        .client()
        .apply(&format!("{path}/a"), "m", config_map("a", json!({})))
        .await;
    applied.fails(404, "NotFound");
}

#[tokio::test]
async fn missing_objects_and_groups() {
    let cluster = ClusterFixture::start_with(|options| options.cluster_crds = false).await;
    let client = cluster.client();
    let status = client
        .get(&format!("{APPLICATIONS}/a"))
        .await
        .fails(404, "NotFound");
    assert_eq!(
        status["message"],
        "applications.argoproj.io \"a\" not found"
    );
    assert_eq!(
        status["details"],
        json!({"name": "a", "group": "argoproj.io", "kind": "applications"})
    );
    for answer in [
        client.get(&format!("{CLUSTERS}/a")).await,
        client
            .apply(&format!("{CLUSTERS}/a"), "m", crate::support::cluster("a"))
            .await,
        client.get("/apis/example.com/v1/things").await,
        client.get("/nonsense").await,
    ] {
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (404, "404 page not found\n")
        );
        assert!(answer.header("content-type").starts_with("text/plain"));
    }
}

#[tokio::test]
async fn names_and_labels_are_checked() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let mut body = config_map("Bad_Name", json!({}));
    body["metadata"]["labels"] = json!({"good": "not good", "-bad": "x"});
    let status = client.post(CONFIG_MAPS, body).await.fails(422, "Invalid");
    assert_eq!(
        cause_fields(&status),
        ["metadata.name", "metadata.labels", "metadata.labels"]
    );
    assert!(status["message"].as_str().unwrap().starts_with("ConfigMap \"Bad_Name\" is invalid: [metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 subdomain"));
    assert_eq!(
        status["details"]["causes"][0]["reason"],
        "FieldValueInvalid"
    );
    let unnamed = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}});
    let status = client
        .post(CONFIG_MAPS, unnamed)
        .await
        .fails(422, "Invalid");
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .contains("name or generateName is required")
    );
}

#[tokio::test]
async fn a_replacement_needs_the_current_version() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let path = format!("{APPLICATIONS}/a");
    let first = client.post(APPLICATIONS, application("a")).await.ok();
    let mut second = first.clone();
    second["spec"]["project"] = json!("other");
    let stored = client.put(&path, second).await.ok();
    assert_ne!(
        stored["metadata"]["resourceVersion"],
        first["metadata"]["resourceVersion"]
    );
    assert_eq!(stored["metadata"]["generation"], 2);

    let status = client.put(&path, first).await.fails(409, "Conflict");
    assert_eq!(
        status["message"],
        "Operation cannot be fulfilled on applications.argoproj.io \"a\": the object has been modified; please apply your changes to the latest version and try again"
    );
    let status = client
        .put(&path, application("a"))
        .await
        .fails(422, "Invalid");
    assert_eq!(cause_fields(&status), ["metadata.resourceVersion"]);
    client
        .put(&path, application("b"))
        .await
        .fails(400, "BadRequest");
}

#[tokio::test]
async fn a_write_that_changes_nothing_makes_no_revision() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let first = client
        .post(CONFIG_MAPS, config_map("a", json!({"x": "1"})))
        .await
        .ok();
    let same = client
        .put(&format!("{CONFIG_MAPS}/a"), first.clone())
        .await
        .ok();
    assert_eq!(same, first);
    let patched = client
        .patch(
            &format!("{CONFIG_MAPS}/a"),
            MERGE,
            json!({"data": {"x": "1"}}),
        )
        .await
        .ok();
    assert_eq!(patched, first);
}

#[tokio::test]
async fn status_is_a_separate_endpoint_where_declared() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let mut body = crate::support::cluster("a");
    body["status"] = json!({"warnings": []});
    let created = client.post(CLUSTERS, body).await.ok();
    assert!(created.get("status").is_none());
    let path = format!("{CLUSTERS}/a");
    let main = client
        .patch(&path, MERGE, json!({"status": {"x": 1}}))
        .await
        .ok();
    assert!(main.get("status").is_none());
    let patch =
        json!({"status": {"x": 1}, "spec": {"usage": "host"}, "metadata": {"labels": {"a": "b"}}});
    let status = client
        .patch(&format!("{path}/status"), MERGE, patch)
        .await
        .ok();
    assert_eq!(status["status"], json!({"x": 1}));
    assert_eq!(status["spec"]["usage"], "worker");
    assert_eq!(status["metadata"]["generation"], 1);
    let entry = &status["metadata"]["managedFields"][1];
    assert_eq!(
        (&entry["subresource"], &entry["fieldsV1"]),
        (&json!("status"), &json!({"f:status": {"f:x": {}}}))
    );
}

#[tokio::test]
async fn an_application_has_its_status_on_the_main_resource() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client.post(APPLICATIONS, application("a")).await.ok();
    let path = format!("{APPLICATIONS}/a");
    let patch = json!({"status": {"sync": {"status": "Synced"}}, "operation": {"sync": {}}});
    let patched = client.patch(&path, MERGE, patch).await.ok();
    assert_eq!(patched["status"]["sync"]["status"], "Synced");
    assert_eq!(patched["operation"], json!({"sync": {}}));
    assert_eq!(
        client
            .patch(&format!("{path}/status"), MERGE, json!({}))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn jobs_belong_to_their_pods() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let path = "/apis/batch/v1/namespaces/default/jobs";
    let job = |policy: &str| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": {"template": {
            "spec": {"restartPolicy": policy, "containers": [{"name": "c", "image": "i"}]}}}})
    };
    let status = client.post(path, job("Always")).await.fails(422, "Invalid");
    assert_eq!(cause_fields(&status), ["spec.template.spec.restartPolicy"]);
    let stored = client.post(path, job("Never")).await.ok();
    let labels = &stored["spec"]["template"]["metadata"]["labels"];
    assert_eq!(
        labels["batch.kubernetes.io/controller-uid"],
        stored["metadata"]["uid"]
    );
    assert_eq!(labels["job-name"], "j");
    assert_eq!(stored["spec"]["backoffLimit"], 6);
    let patch = json!({"spec": {"template": {"spec": {"serviceAccountName": "x"}}}});
    let status = client
        .patch(&format!("{path}/j"), MERGE, patch)
        .await
        .fails(422, "Invalid");
    assert_eq!(cause_fields(&status), ["spec.template"]);
}
