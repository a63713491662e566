//! The main job: a physical deployment cluster is registered, read back and removed.

use serde_json::{Value, json};
use service::incoming::MAX_BODY;
use std::time::Duration;
use tests::{Tenant, guide};

const NAME: &str = "physical-worker-deployment";

fn secret_names(tenant: &Tenant) -> Vec<String> {
    tenant
        .kubernetes
        .store()
        .list("", "secrets", "argocd")
        .iter()
        .map(|secret| secret["metadata"]["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn it_is_registered_read_back_and_removed() {
    let tenant = Tenant::start().await;
    let before = tenant.files();
    let objects_before = tenant.kubernetes.store().dump();

    let saved = tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    assert_eq!(
        saved["message"],
        "Successfully saved physical-worker-deployment cluster"
    );
    let changed = usize::try_from(saved["commit"]["files_changed"].as_u64().unwrap()).unwrap();
    let after = tenant.files();
    let written = after
        .iter()
        .filter(|(path, content)| before.get(*path) != Some(content))
        .count();
    assert_eq!(changed, written);
    assert!(
        after.contains_key("nautes/overlays/production/clusters/physical-worker-deployment.yaml")
    );
    assert!(after.contains_key("runtimes/physical-worker-deployment-runtime/runtime-app.yaml"));
    assert_eq!(secret_names(&tenant).len(), 1);

    let cluster = tenant.get(NAME).await.ok();
    assert_eq!(cluster["name"], NAME);
    assert_eq!(cluster["api_server"], "https://8.217.50.114:6443");
    assert_eq!(cluster["worker_type"], "deployment");
    assert_eq!(cluster["status"]["phase"], "Registered");
    let list = tenant.get("").await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["name"], NAME);
    assert_eq!(list["items"][0].get("status"), None);

    let deleted = tenant.delete(NAME).await.ok();
    assert_eq!(
        deleted["message"],
        "Successfully deleted physical-worker-deployment cluster"
    );
    assert_eq!(tenant.files(), before);
    assert_eq!(secret_names(&tenant), Vec::<String>::new());
    tenant.get(NAME).await.problem(404, "CLUSTER_NOT_FOUND");
    tenant.delete(NAME).await.problem(404, "CLUSTER_NOT_FOUND");
    assert_eq!(
        left_over(&objects_before, &tenant.kubernetes.store().dump()),
        Vec::<String>::new()
    );
}

/// Objects that are there now and were not before, .
fn left_over(before: &Value, now: &Value) -> Vec<String> {
    let keys = |dump: &Value| {
        dump.as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let before = keys(before);
    keys(now)
        .into_iter()
        .filter(|key| !before.contains(key))
        .collect()
}

/// An early guide sends one; nobody reads it, whatever it is.
#[tokio::test]
async fn the_body_of_a_removal_is_ignored() {
    let tenant = Tenant::start().await;
    let token = &tenant.gitlab.tokens().maintainer;
    for body in ["{ no JSON".to_owned(), "a".repeat(MAX_BODY + 1)] {
        tenant.save(NAME, guide("v0.4", NAME)).await.ok();
        let length = body.len();
        let method = reqwest::Method::DELETE;
        let deleted = tenant.send(method, NAME, Some(token), body).await.ok();
        assert_eq!(
            deleted["message"], "Successfully deleted physical-worker-deployment cluster",
            "{length} bytes"
        );
        tenant.get(NAME).await.problem(404, "CLUSTER_NOT_FOUND");
    }
}

#[tokio::test]
async fn saving_it_again_changes_nothing() {
    let tenant = Tenant::start().await;
    tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    let (files, messages) = (tenant.files(), tenant.messages());
    let again = tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    assert_eq!(again["commit"], Value::Null);
    assert_eq!(
        again["message"],
        "Successfully saved physical-worker-deployment cluster"
    );
    assert_eq!((tenant.files(), tenant.messages()), (files, messages));
}

#[tokio::test]
async fn a_save_takes_three_round_trips_to_gitlab_and_says_who_did_what() {
    let tenant = Tenant::start().await;
    tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    let mut calls = tenant.gitlab.calls();
    calls.sort_by_key(|call| call.started);
    // Calls that overlap are one round trip.
    let mut trips: Vec<usize> = Vec::new();
    let mut end: Option<Duration> = None;
    for call in &calls {
        match trips.last_mut() {
            Some(trip) if end.is_none_or(|end| call.started < end) => *trip += 1,
            _ => trips.push(1),
        }
        end = end.max(call.finished);
    }
    // An instance asks one thing alone of a caller whom GitLab has not accepted yet, and hosts end instances when they like.
    let is_membership = calls[0].path.ends_with("/projects/nautes%2Fmanagement");
    if trips.first() == Some(&1) && is_membership {
        trips.remove(0);
    }
    assert!(trips.len() <= 3, "{} round trips: {calls:#?}", trips.len());
    assert_eq!(calls.iter().filter(|call| call.method == "POST").count(), 1);

    let message = &tenant.messages()[0];
    assert!(
        message.starts_with("Register physical deployment cluster physical-worker-deployment\n"),
        "{message}"
    );
    for trailer in [
        "Request-Id: ",
        "Cluster: physical-worker-deployment",
        "Operation: SaveCluster",
        "Tool-Version: ",
    ] {
        assert!(message.contains(trailer), "{message}");
    }
}

#[tokio::test]
async fn a_dry_run_shows_the_change_and_writes_nothing() {
    let tenant = Tenant::start().await;
    let before = tenant.written();
    let url = format!("{NAME}?dry_run=true");
    let answer = tenant.save(&url, guide("v0.4", NAME)).await.ok();
    assert_eq!(answer["commit"], Value::Null);
    let diff = answer["diff"].as_str().unwrap();
    assert!(
        diff.contains("+++ b/nautes/overlays/production/clusters/physical-worker-deployment.yaml"),
        "{diff}"
    );
    assert!(
        diff.contains("--- a/nautes/overlays/production/clusters/kustomization.yaml"),
        "{diff}"
    );
    assert_eq!(tenant.written(), before);

    tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    let before = tenant.written();
    let answer = tenant.delete(&url).await.ok();
    assert!(answer["diff"].as_str().unwrap().contains("+++ /dev/null"));
    assert_eq!(tenant.written(), before);
}

#[tokio::test]
async fn other_peoples_files_and_list_entries_stay() {
    let tenant = Tenant::start().await;
    let list = "nautes/overlays/production/clusters/kustomization.yaml";
    let foreign = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- foreign.yaml\n";
    tenant
        .commit(&[(list, foreign), ("runtimes/README.md", "mine\n")])
        .await;
    let before = tenant.files();
    tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    let text = String::from_utf8(tenant.files()[list].clone()).unwrap();
    assert!(
        text.contains("foreign.yaml") && text.contains("physical-worker-deployment.yaml"),
        "{text}"
    );
    tenant.delete(NAME).await.ok();
    assert_eq!(tenant.files(), before);
}

#[tokio::test]
async fn health_and_index_answer_without_a_token() {
    let tenant = Tenant::start().await;
    for (path, expected) in [("/healthz", json!({"status": "ok"}))] {
        let answer = tests::Answer::read(
            tenant
                .request(reqwest::Method::GET, path)
                .send()
                .await
                .unwrap(),
        )
        .await;
        assert_eq!(answer.ok(), expected);
    }
    let ready = tenant
        .request(reqwest::Method::GET, "/readyz")
        .send()
        .await
        .unwrap();
    assert_eq!(ready.status(), 200);
}
