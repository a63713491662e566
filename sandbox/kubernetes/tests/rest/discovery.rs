//! Discovery, health, version, and what `kubectl apply` and `kubectl get` look for.

use serde_json::{Value, json};

use crate::support::*;

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

fn names(list: &Value) -> Vec<&str> {
    let resources = list["resources"].as_array().unwrap().iter();
    resources
        .map(|resource| resource["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn health_and_version_are_public() {
    let cluster = ClusterFixture::start().await;
    for path in ["/healthz", "/livez", "/readyz", "/readyz/ping"] {
        let answer = cluster.anonymous().get(path).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "ok"), "{path}");
    }
    assert_eq!(cluster.anonymous().get("/version").await.ok()["major"], "1");
    let refused = cluster.anonymous().get("/apis").await;
    let status = refused.fails(403, "Forbidden");
    assert_eq!(
        status["message"],
        "forbidden: User \"system:anonymous\" cannot get path \"/apis\""
    );
}

#[tokio::test]
async fn groups_versions_and_resources() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let groups = client.get("/apis").await.ok();
    let groups = groups["groups"].as_array().unwrap();
    let argo = groups.iter().find(|group| group["name"] == "argoproj.io");
    assert_eq!(
        argo.unwrap()["preferredVersion"],
        json!({"groupVersion": "argoproj.io/v1alpha1", "version": "v1alpha1"})
    );
    let core = client.get("/api/v1").await.ok();
    for name in ["secrets", "namespaces/status", "serviceaccounts/token"] {
        assert!(names(&core).contains(&name), "{name}");
    }
    let argo = client.get("/apis/argoproj.io/v1alpha1").await.ok();
    let expected = [
        "applications",
        "applicationsets",
        "applicationsets/status",
        "appprojects",
    ];
    assert_eq!(names(&argo), expected);
    assert_eq!(client.get("/apis/example.com").await.status, 404);
    assert_eq!(client.get("/apis/apps/v2").await.status, 404);
}

#[tokio::test]
async fn open_api_tells_of_field_validation() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let index = client.get("/openapi/v3").await.ok();
    let url = &index["paths"]["apis/argoproj.io/v1alpha1"]["serverRelativeURL"];
    let document = client.get(url.as_str().unwrap()).await.ok();
    let path = "/apis/argoproj.io/v1alpha1/namespaces/{namespace}/applications/{name}";
    let patch = &document["paths"][path]["patch"];
    let mut parameters = patch["parameters"].as_array().unwrap().iter();
    assert!(parameters.any(|parameter| parameter["name"] == "fieldValidation"));
    assert_eq!(
        patch["x-kubernetes-group-version-kind"]["kind"],
        "Application"
    );
}

#[tokio::test]
async fn tables_have_the_columns_of_the_definition() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let mut app = application("a");
    app["status"] =
        json!({"sync": {"status": "Synced", "revision": "abc"}, "health": {"status": "Healthy"}});
    client.post(APPLICATIONS, app).await.ok();
    let table = client.get_as(APPLICATIONS, TABLE).await.ok();
    let columns = table["columnDefinitions"].as_array().unwrap().iter();
    let columns: Vec<&str> = columns
        .map(|column| column["name"].as_str().unwrap())
        .collect();
    let expected = [
        "Name",
        "Sync Status",
        "Health Status",
        "Revision",
        "Project",
    ];
    assert_eq!(columns, expected);
    assert_eq!(table["columnDefinitions"][3]["priority"], 10);
    assert_eq!(
        table["rows"][0]["cells"],
        json!(["a", "Synced", "Healthy", "abc", "default"])
    );
    assert_eq!(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
    let whole = format!("{APPLICATIONS}/a?includeObject=Object");
    let whole = client.get_as(&whole, TABLE).await.ok();
    assert_eq!(whole["rows"][0]["object"]["kind"], "Application");
}

#[tokio::test]
async fn metadata_alone() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client.post(SECRETS, secret("s")).await.ok();
    let accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    let list = client.get_as(SECRETS, accept).await.ok();
    assert_eq!(list["kind"], "PartialObjectMetadataList");
    assert_eq!(list["items"][0]["metadata"]["name"], "s");
    assert!(list["items"][0].get("data").is_none());
    let accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    let one = client.get_as(&format!("{SECRETS}/s"), accept).await.ok();
    assert_eq!(one["kind"], "PartialObjectMetadata");
}
