//! CustomResourceDefinitions.

use serde_json::{Value, json};

use crate::support::*;

const THINGS: &str = "/apis/example.com/v1/namespaces/default/things";

fn definition(schema: Value) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": {"plural": "things", "kind": "Thing", "shortNames": ["th"]},
            "versions": [
                {"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema.clone()},
                 "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}]},
                {"name": "v1beta1", "served": true, "storage": false, "schema": {"openAPIV3Schema": schema}},
            ],
        },
    })
}

fn schema() -> Value {
    json!({"type": "object", "properties": {"spec": {"type": "object", "required": ["size"], "properties": {
        "size": {"type": "integer", "minimum": 1}, "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
        "code": {"type": "string", "pattern": "^[a-z]+$"},
        "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
        "parts": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"],
            "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "v": {"type": "integer"}}}},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}})
}

fn thing(name: &str, spec: Value) -> Value {
    json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": name}, "spec": spec})
}

#[tokio::test]
async fn a_definition_serves_its_group_until_it_is_deleted() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    assert_eq!(client.get(THINGS).await.status, 404);
    let stored = client.post(DEFINITIONS, definition(schema())).await.ok();
    assert_eq!(stored["spec"]["names"]["listKind"], "ThingList");
    assert_eq!(stored["status"]["conditions"][1]["type"], "Established");
    client
        .post(THINGS, thing("a", json!({"size": 1})))
        .await
        .ok();
    let beta = client
        .get(&format!("{}/a", THINGS.replace("v1/n", "v1beta1/n")))
        .await
        .ok();
    assert_eq!(beta["apiVersion"], "example.com/v1beta1");
    let group = client.get("/apis/example.com").await.ok();
    assert_eq!(group["preferredVersion"]["version"], "v1");

    let mut held = thing("held", json!({"size": 1}));
    held["metadata"]["finalizers"] = json!(["x/y"]);
    client.post(THINGS, held).await.ok();
    client
        .delete(&format!("{DEFINITIONS}/things.example.com"))
        .await
        .ok();
    assert_eq!(client.get(&format!("{THINGS}/a")).await.status, 404);
    client
        .get(&format!("{DEFINITIONS}/things.example.com"))
        .await
        .ok();
    client
        .patch(
            &format!("{THINGS}/held"),
            MERGE,
            json!({"metadata": {"finalizers": []}}),
        )
        .await
        .ok();
    client
        .get(&format!("{DEFINITIONS}/things.example.com"))
        .await
        .fails(404, "NotFound");
    assert_eq!(client.get(THINGS).await.text, "404 page not found\n");
}

#[tokio::test]
async fn objects_are_pruned_completed_and_checked() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client.post(DEFINITIONS, definition(schema())).await.ok();
    let spec = json!({"size": 1, "other": 1, "free": {"any": [1]}});
    let stored = client.post(THINGS, thing("a", spec)).await.ok();
    assert_eq!(
        stored["spec"],
        json!({"size": 1, "color": "red", "free": {"any": [1]}})
    );
    let bad = json!({"size": "1", "color": "green", "code": "A1", "parts": [{"v": 1}]});
    let status = client
        .post(THINGS, thing("b", bad))
        .await
        .fails(422, "Invalid");
    let reasons: Vec<(&str, &str)> = status["details"]["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cause| {
            (
                cause["field"].as_str().unwrap(),
                cause["reason"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        reasons,
        [
            ("spec.code", "FieldValueInvalid"),
            ("spec.color", "FieldValueNotSupported"),
            ("spec.parts[0].id", "FieldValueRequired"),
            ("spec.size", "FieldValueTypeInvalid"),
        ]
    );
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .starts_with("Thing.example.com \"b\" is invalid: [")
    );
}

#[tokio::test]
async fn list_types_of_the_schema_are_honoured_by_apply() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client.post(DEFINITIONS, definition(schema())).await.ok();
    let path = format!("{THINGS}/a");
    let spec =
        |tags: Value, parts: Value| thing("a", json!({"size": 1, "tags": tags, "parts": parts}));
    client
        .apply(
            &path,
            "one",
            spec(json!(["x"]), json!([{"id": "p", "v": 1}])),
        )
        .await
        .ok();
    let both = client
        .apply(
            &path,
            "two",
            spec(json!(["y"]), json!([{"id": "q", "v": 2}])),
        )
        .await
        .ok();
    assert_eq!(both["spec"]["tags"], json!(["x", "y"]));
    assert_eq!(both["spec"]["parts"].as_array().unwrap().len(), 2);
    let status = client
        .apply(
            &path,
            "two",
            spec(json!(["y"]), json!([{"id": "p", "v": 9}])),
        )
        .await
        .fails(409, "Conflict");
    assert_eq!(cause_fields(&status), [".spec.parts[id=\"p\"].v"]);
}

#[tokio::test]
async fn a_changed_definition_changes_what_is_served() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client.post(DEFINITIONS, definition(schema())).await.ok();
    let patch =
        json!([{"op": "add", "path": "/spec/versions/0/subresources", "value": {"status": {}}}]);
    client
        .patch(
            &format!("{DEFINITIONS}/things.example.com"),
            JSON_PATCH,
            patch,
        )
        .await
        .ok();
    client
        .post(THINGS, thing("a", json!({"size": 1})))
        .await
        .ok();
    client
        .patch(&format!("{THINGS}/a/status"), MERGE, json!({}))
        .await
        .ok();
}
