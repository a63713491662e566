//! Tables and metadata.

use serde_json::json;

use crate::support::*;

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

#[tokio::test]
async fn tables_have_the_columns_of_the_definition() {
    let cluster = Cluster::start().await;
    let client = cluster.client();
    let mut app = application("a");
    app["status"] =
        json!({"sync": {"status": "Synced", "revision": "abc"}, "health": {"status": "Healthy"}});
    client.post(APPLICATIONS, app).await.ok();
    let table = client.get_as(APPLICATIONS, TABLE).await.ok();
    let columns: Vec<&str> = table["columnDefinitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        columns,
        [
            "Name",
            "Sync Status",
            "Health Status",
            "Revision",
            "Project"
        ]
    );
    assert_eq!(table["columnDefinitions"][3]["priority"], 1);
    assert_eq!(
        table["rows"][0]["cells"],
        json!(["a", "Synced", "Healthy", "abc", "default"])
    );
    assert_eq!(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
    let whole = client
        .get_as(&format!("{APPLICATIONS}/a?includeObject=Object"), TABLE)
        .await
        .ok();
    assert_eq!(whole["rows"][0]["object"]["kind"], "Application");
    let none = client
        .get_as(&format!("{APPLICATIONS}?includeObject=None"), TABLE)
        .await
        .ok();
    assert!(none["rows"][0].get("object").is_none());
}

#[tokio::test]
async fn built_in_kinds_have_their_columns() {
    let cluster = Cluster::start().await;
    let client = cluster.client();
    client.post(SECRETS, secret("s")).await.ok();
    let table = client.get_as(SECRETS, TABLE).await.ok();
    let cells = &table["rows"][0]["cells"];
    assert_eq!(
        (&cells[0], &cells[1], &cells[2]),
        (&json!("s"), &json!("Opaque"), &json!(1))
    );
    assert!(cells[3].as_str().unwrap().ends_with('s'), "age: {cells}");
}

#[tokio::test]
async fn metadata_alone() {
    let cluster = Cluster::start().await;
    let client = cluster.client();
    client.post(SECRETS, secret("s")).await.ok();
    let accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    let list = client.get_as(SECRETS, accept).await.ok();
    assert_eq!(list["kind"], "PartialObjectMetadataList");
    assert_eq!(list["items"][0]["metadata"]["name"], "s");
    assert!(list["items"][0].get("data").is_none());
    let one = client
        .get_as(
            &format!("{SECRETS}/s"),
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        )
        .await
        .ok();
    assert_eq!(one["kind"], "PartialObjectMetadata");
}
