use serde_json::json;

use super::*;
use crate::fixtures::{settings, worker, worker_applications};

#[test]
fn names_everything_that_is_left_and_what_it_waits_for() {
    let mut applications = worker_applications();
    applications.retain(|application| application["metadata"]["name"] != "worker-1-vault");
    applications[0]["status"]["conditions"] = json!([{"type": "DeletionError", "message": "Get https://u:canary@h.example: i/o timeout"}]);
    let secrets = [
        json!({"metadata": {"name": "cluster-x", "labels": {"cluster.nautes.io/name": "worker-1"}}}),
        json!({"metadata": {"name": names::secret(&worker(), &settings()).name}}),
        json!({"metadata": {"name": "cluster-y", "labels": {"cluster.nautes.io/name": "other"}}}),
    ];
    let remaining = remaining(&worker(), &secrets, &applications, &settings());
    let lines: Vec<String> = remaining.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    Application argocd/worker-1-runtime: Get https://h.example: i/o timeout
    Application argocd/worker-1-runtime-app
    Application argocd/worker-1-runtime-argocd
    Application argocd/worker-1-runtime-initial
    Application argocd/worker-1-tekton
    Secret argocd/cluster-x
    Secret argocd/cluster-10.0.0.2-3628164356
    ");
}

#[test]
fn nothing_is_left() {
    let others = [worker_applications().pop().unwrap()];
    assert_eq!(remaining(&worker(), &[], &others, &settings()), []);
}
