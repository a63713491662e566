//! Discovery, health, version, OpenAPI.

use serde_json::{Value, json};

use crate::support::*;

fn names(list: &Value) -> Vec<&str> {
    list["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| resource["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn health_and_version_are_public() {
    let cluster = Cluster::start().await;
    for path in ["/healthz", "/livez", "/readyz", "/readyz/ping"] {
        let answer = cluster.anonymous().get(path).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "ok"), "{path}");
    }
    assert_eq!(cluster.anonymous().get("/version").await.ok()["major"], "1");
    let status = cluster
        .anonymous()
        .get("/apis")
        .await
        .fails(403, "Forbidden");
    assert_eq!(
        status["message"],
        "forbidden: User \"system:anonymous\" cannot get path \"/apis\""
    );
}

#[tokio::test]
async fn groups_versions_and_resources() {
    let cluster = Cluster::start().await;
    let client = cluster.client();
    assert_eq!(client.get("/api").await.ok()["versions"], json!(["v1"]));
    let groups = client.get("/apis").await.ok();
    let argo = groups["groups"]
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["name"] == "argoproj.io")
        .unwrap();
    assert_eq!(
        argo["preferredVersion"],
        json!({"groupVersion": "argoproj.io/v1alpha1", "version": "v1alpha1"})
    );
    let core = client.get("/api/v1").await.ok();
    assert!(names(&core).contains(&"secrets") && names(&core).contains(&"namespaces/status"));
    let argo = client.get("/apis/argoproj.io/v1alpha1").await.ok();
    assert_eq!(
        names(&argo),
        [
            "applications",
            "applicationsets",
            "applicationsets/status",
            "appprojects"
        ]
    );
    let nautes = client
        .get("/apis/nautes.resource.nautes.io/v1alpha1")
        .await
        .ok();
    assert!(names(&nautes).contains(&"clusters/status"));
    assert_eq!(client.get("/apis/example.com").await.status, 404);
    assert_eq!(client.get("/apis/apps/v2").await.status, 404);
    assert!(
        client.get("/").await.ok()["paths"]
            .as_array()
            .unwrap()
            .contains(&json!("/apis/apps/v1"))
    );
}

#[tokio::test]
async fn aggregated_discovery_on_request() {
    let cluster = Cluster::start().await;
    let accept =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    let answer = cluster.client().get_as("/apis", accept).await;
    assert!(
        answer
            .header("content-type")
            .contains("as=APIGroupDiscoveryList")
    );
    let document = answer.ok();
    assert_eq!(document["kind"], "APIGroupDiscoveryList");
    let argo = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["metadata"]["name"] == "argoproj.io")
        .unwrap();
    assert_eq!(
        argo["versions"][0]["resources"][0]["resource"],
        "applications"
    );
    assert_eq!(argo["versions"][0]["resources"][0]["scope"], "Namespaced");
}

#[tokio::test]
async fn open_api_tells_of_field_validation() {
    let cluster = Cluster::start().await;
    let client = cluster.client();
    let index = client.get("/openapi/v3").await.ok();
    let url = index["paths"]["apis/argoproj.io/v1alpha1"]["serverRelativeURL"]
        .as_str()
        .unwrap();
    let document = client.get(url).await.ok();
    let path = "/apis/argoproj.io/v1alpha1/namespaces/{namespace}/applications/{name}";
    let parameters = document["paths"][path]["patch"]["parameters"]
        .as_array()
        .unwrap();
    assert!(
        parameters
            .iter()
            .any(|parameter| parameter["name"] == "fieldValidation")
    );
    let schema = &document["components"]["schemas"]["io.argoproj.v1alpha1.Application"];
    assert_eq!(
        schema["x-kubernetes-group-version-kind"][0]["kind"],
        "Application"
    );
}
