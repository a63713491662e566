//! What was merged is installed: on whose request, and by which.

use serde_json::{Value, json};

use crate::proposing::{BRANCH, commits, propose, url};
use crate::runtime::PROOF;
use crate::setting::{
    host, reason, registered, save, settings_with, truth, try_delete_with, try_save_with,
    virtual_worker, without_kubeconfig, worker,
};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";
const FILE: &str = "nautes/overlays/production/clusters/w1.yaml";

#[test]
fn who_may_not_push_to_the_target_may_propose() {
    let memory = registered(&[]);
    memory.0.borrow_mut().gitlab.may_not_push = true;
    let outcome = save(&memory, "w1", &worker(A));
    assert_eq!(reason(&outcome), (403, "PERMISSION_DENIED"));
    assert!(
        outcome.1["detail"].as_str().unwrap().contains("main"),
        "{}",
        outcome.1
    );
    assert_eq!(memory.writes(), [""; 0]);
    propose(&memory, "w1", &worker(A));
}

/// A kubeconfig comes with the request and shows in no merge request.
#[test]
fn who_may_have_a_merged_proposal_installed() {
    let by_merge_request = settings_with(&[("delivery", "merge-request")]);
    let by_commit = settings_with(&[]);
    let rows = [
        (&by_merge_request, 30, 200),
        (&by_merge_request, 20, 403),
        (&by_commit, 30, 403),
        (&by_commit, 20, 403),
    ];
    for (settings, role, expected) in rows {
        let memory = registered(&[("w1", worker(A))]);
        let before = truth(&memory);
        memory.0.borrow_mut().gitlab.may_not_push = true;
        memory.0.borrow_mut().gitlab.role = Some(role);
        let body = worker(A);
        for query in ["?delivery=merge-request", "?sync=true"] {
            let outcome = try_save_with(settings, &memory, &format!("w1{query}"), &body).unwrap();
            assert_eq!(outcome.0, expected, "{}", outcome.1);
        }
        let outcome = try_save_with(settings, &memory, "w1?sync=true", &Value::Null).unwrap();
        assert_eq!(outcome.0, expected, "{}", outcome.1);
        // Nothing is left of it in the repository: only its uninstall is asked for.
        memory.0.borrow_mut().gitlab.foreign(&vec![(FILE, None)]);
        let path = "w1?delivery=merge-request";
        let outcome = try_delete_with(settings, &memory, path).unwrap();
        assert_eq!(outcome.0, expected, "{}", outcome.1);
        if expected == 403 {
            assert_eq!(truth(&memory).1, before.1);
            assert_eq!(memory.writes(), [""; 0]);
        }
    }
}

#[test]
fn a_reporter_proposes_nothing() {
    let memory = registered(&[]);
    memory.0.borrow_mut().gitlab.role = Some(20);
    let outcome = save(&memory, "w1?delivery=merge-request", &worker(A));
    assert_eq!(reason(&outcome), (403, "PERMISSION_DENIED"));
    assert_eq!(commits(&memory, BRANCH), 0);
    assert_eq!(memory.writes(), [""; 0]);
}

#[test]
fn sync_installs_what_the_target_has_and_commits_nothing() {
    let memory = registered(&[]);
    let outcome = save(&memory, "w1?sync=true", &worker(A));
    assert_eq!(reason(&outcome), (409, "NOT_MERGED"));
    assert_eq!(outcome.1.get("merge_request"), None);
    assert_eq!(
        reason(&save(&memory, "w1?sync=true", &Value::Null)),
        (404, "CLUSTER_NOT_FOUND")
    );
    assert_eq!(memory.writes(), [""; 0]);

    propose(&memory, "w1", &worker(A));
    memory.forget();
    for body in [worker(A), Value::Null] {
        let outcome = save(&memory, "w1?sync=true", &body);
        assert_eq!(reason(&outcome), (409, "NOT_MERGED"));
        assert!(outcome.1["detail"].as_str().unwrap().contains(&url(1)));
        assert_eq!(outcome.1["merge_request"]["iid"], 1);
    }
    assert_eq!(memory.writes(), [""; 0]);

    memory.0.borrow_mut().gitlab.merge(1);
    let outcome = save(&memory, "w1?sync=true", &Value::Null);
    assert_eq!(reason(&outcome), (422, "VALIDATION_FAILED"));
    assert_eq!(outcome.1["violations"][0]["field"], "/kubeconfig");
    assert_eq!(memory.writes(), [""; 0]);
    let (status, body) = save(&memory, "w1?sync=true", &worker(A));
    assert_eq!((status, &body["commit"]), (200, &Value::Null), "{body}");
    let all = registered(&[("w1", worker(A))]);
    assert_eq!(truth(&memory), truth(&all));
    assert!(memory.calls_of("gitlab POST").iter().all(|it| it == PROOF));
}

#[test]
fn sync_without_a_body_repairs_the_management_cluster_with_the_credentials_it_has() {
    let clusters = [
        ("h1", host(A)),
        ("v1", virtual_worker("h1", 31443)),
        ("v2", virtual_worker("h1", 31444)),
        ("w1", worker(B)),
    ];
    for (name, body) in &clusters {
        let memory = registered(&clusters);
        let before = truth(&memory);
        let gone = format!("clusters/{name}");
        memory.0.borrow_mut().kubernetes.objects.remove(&gone);
        let (status, answer) = save(&memory, &format!("{name}?sync=true"), &Value::Null);
        assert_eq!(status, 200, "{answer}");
        assert_eq!(truth(&memory), before, "{name}");
        let body = without_kubeconfig(body.clone());
        assert_eq!(save(&memory, &format!("{name}?sync=true"), &body).0, 200);
        assert_eq!(truth(&memory), before, "{name}");
        assert!(memory.calls_of("gitlab POST").iter().all(|it| it == PROOF));
    }
}

#[test]
fn a_dry_run_of_sync_writes_nothing() {
    let memory = registered(&[("w1", worker(A))]);
    let (status, body) = save(&memory, "w1?sync=true&dry_run=true", &worker(A));
    assert_eq!((status, &body["changes"]), (200, &json!([])), "{body}");
    assert_eq!(memory.writes(), [""; 0]);
}
