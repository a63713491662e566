//! Every example of the OpenAPI document goes through the types and comes out as it was.

#![expect(
    clippy::unwrap_used,
    reason = "a test may panic, and so may its helpers"
)]

use api::{
    Cluster, ClusterList, DeleteClusterResponse, Phase, Problem, Reason, SaveClusterRequest,
    SaveClusterResponse, Status,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn document() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
fn assert_kept<T: Serialize + DeserializeOwned>(value: &Value) {
    let read: T = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(&serde_json::to_value(&read).unwrap(), value);
}

#[test]
fn every_problem() {
    let document = document();
    let examples = document["components"]["examples"].as_object().unwrap();
    assert!(examples.len() > 20);
    for (name, example) in examples {
        assert_kept::<Problem>(&example["value"]);
        let problem: Problem = serde_json::from_value(example["value"].clone()).unwrap();
        assert!(name.starts_with(problem.reason.as_str()), "{name}");
        assert!(!matches!(problem.reason, Reason::Other(_)), "{name}");
    }
}

#[test]
fn every_word_of_the_document_is_known() {
    let document = document();
    let words = |schema: &str| -> Vec<String> {
        let words = &document["components"]["schemas"][schema]["enum"];
        serde_json::from_value(words.clone()).unwrap()
    };
    for (schema, known) in [
        ("Reason", Reason::KNOWN),
        ("Phase", Phase::KNOWN),
        ("InstallAction", api::InstallAction::KNOWN),
        ("FileAction", api::FileAction::KNOWN),
    ] {
        for word in words(schema) {
            assert!(known.contains(&word.as_str()), "{schema}: {word}");
        }
    }
}

/// Names of a request in camelCase are written in snake_case, and a name that the API does not know (a slip of one
/// guide) is dropped.
fn in_the_own_case(value: &Value) -> Value {
    let text = value.to_string();
    let text = text.replace("\"hostCluster\"", "\"host_cluster\"");
    let vcluster = "\"vcluster\":{\"httpsNodePort\"";
    let text = text.replace(vcluster, "\"vcluster\":{\"https_node_port\"");
    let mut value: Value = serde_json::from_str(&text).unwrap();
    value.as_object_mut().unwrap().remove("teoken_host");
    value
}

#[test]
fn every_request() {
    let document = document();
    let content =
        &document["paths"]["/api/v1/clusters/{cluster_name}"]["post"]["requestBody"]["content"];
    let examples = content["application/json"]["examples"].as_object().unwrap();
    assert!(examples.len() > 10);
    for (name, example) in examples {
        let read: SaveClusterRequest = serde_json::from_value(example["value"].clone()).unwrap();
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(written, in_the_own_case(&example["value"]), "{name}");
    }
    let manifests = content["application/yaml"]["examples"].as_object().unwrap();
    for example in manifests.values() {
        let spec = &example["value"]["spec"];
        let read: SaveClusterRequest = serde_json::from_value(spec.clone()).unwrap();
        assert_eq!(read.api_server.as_deref(), spec["apiServer"].as_str());
        assert_eq!(read.host_cluster.as_deref(), spec["hostCluster"].as_str());
    }
}

#[test]
fn every_success() {
    assert_kept::<SaveClusterResponse>(&json!({
        "message": "Successfully saved a cluster", "warnings": ["w"],
        "commit": {"id": "1", "web_url": "u", "files_changed": 3},
        "installs": [{"kind": "Secret", "namespace": "argocd", "name": "n", "action": "created"}],
    }));
    assert_kept::<SaveClusterResponse>(&json!({
        "message": "Would save a cluster: nothing was written", "warnings": [], "commit": null,
        "changes": [{"path": "p", "action": "create"}], "diff": "", "installs": [],
        "merge_request": {"iid": 1, "web_url": "u", "state": "opened", "source_branch": "s", "target_branch": "t"},
    }));
    assert_kept::<DeleteClusterResponse>(&json!({
        "message": "Successfully deleted a cluster", "warnings": [], "commit": null, "installs": [], "uninstalling": [],
    }));
}

#[test]
fn a_cluster_and_its_status() {
    let cluster = json!({
        "name": "a", "cluster_kind": "kubernetes", "cluster_type": "physical", "usage": "worker",
        "host_cluster": "", "primary_domain": "d", "worker_type": "deployment", "api_server": "https://a:6443",
        "components_list": {"gateway": {"name": "traefik", "namespace": "traefik", "additions": {"httpNodePort": "30080"}}},
        "reserved_namespaces_allowed_products": {"n": ["p"]},
        "product_allowed_cluster_resources": {"p": [{"kind": "ClusterRole", "group": "g"}]},
        "status": {
            "phase": "Unknown", "message": "no answer",
            "components": [{"name": "c", "sync": "Synced", "health": "Healthy", "message": "", "since": "2026-12-20T08:00:00Z"}],
            "credentials": {"expires_at": "2027-01-01T00:00:00Z"},
        },
    });
    assert_kept::<Cluster>(&cluster);
    assert_kept::<ClusterList>(&json!({"items": [cluster]}));
}

#[test]
fn what_a_newer_service_adds_does_not_disturb() {
    let status: Status = serde_json::from_value(json!({
        "phase": "Hibernating", "components": [
            {"name": "c", "sync": "Synced", "health": "Healthy", "message": "", "verdict": 1},
        ], "more": {},
    }))
    .unwrap();
    assert_eq!(status.phase, Phase::Other("Hibernating".into()));
    assert_eq!(serde_json::to_value(status.phase).unwrap(), "Hibernating");
    let commit = json!({"status": 502, "detail": "d", "reason": "NEW", "commit": null});
    let problem: Problem = serde_json::from_value(commit).unwrap();
    assert_eq!(problem.commit, Some(None));
    assert_eq!(problem.reason.as_str(), "NEW");
}
