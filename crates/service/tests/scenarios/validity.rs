//! Names that no cluster can have, files that can't be read, callers that may not write.

use serde_json::Value;

use crate::setting::{
    KUSTOMIZATION, delete, host, read, reason, registered, save, truth, virtual_worker, worker,
};

const A: &str = "https://a.example.com:6443";

#[test]
fn a_name_that_no_cluster_can_have_is_a_broken_rule_and_part_of_no_path() {
    for name in ["kustomization", "UPPER", "a..b", "..%2F..%2Fx", "a%20b"] {
        let memory = registered(&[("w1", worker("https://b.example.com"))]);
        let outcome = save(&memory, name, &worker(A));
        assert_eq!(
            reason(&outcome),
            (422, "VALIDATION_FAILED"),
            "{name}: {}",
            outcome.1
        );
        assert_eq!(memory.writes(), [""; 0]);
        assert_eq!(reason(&read(&memory, name)), (404, "CLUSTER_NOT_FOUND"));
        assert_eq!(reason(&delete(&memory, name)), (404, "CLUSTER_NOT_FOUND"));
        assert_eq!(memory.writes(), [""; 0]);
        let calls = memory.calls();
        assert!(!calls.iter().any(|call| call.contains("..")), "{calls:#?}");
    }
}

#[test]
fn a_resource_file_that_can_not_be_read_is_named() {
    let broken = "nautes/overlays/production/clusters/h1.yaml";
    let cases = [("h1", host(A)), ("v1", virtual_worker("h1", 31443))];
    for (name, body) in cases {
        let memory = registered(&[("h1", host(A))]);
        memory
            .0
            .borrow_mut()
            .gitlab
            .foreign(&vec![(broken, Some("a: [".into()))]);
        let outcome = save(&memory, name, &body);
        assert_eq!(reason(&outcome), (409, "UNREADABLE_FILE"), "{}", outcome.1);
        assert_eq!(outcome.1["path"], broken);
        assert_eq!(reason(&read(&memory, "h1")), (409, "UNREADABLE_FILE"));
        assert_eq!(reason(&delete(&memory, "h1")), (409, "UNREADABLE_FILE"));
        assert_eq!(memory.writes(), [""; 0]);
    }
}

/// A repository that people push to holds what no request could.
#[test]
fn a_pushed_field_that_no_request_could_have_is_named_and_its_value_shown_to_nobody() {
    const FILE: &str = "nautes/overlays/production/clusters/w1.yaml";
    let pushed = [
        ("  primaryDomain: ", "spec.primaryDomain"),
        ("  clusterKind: ", "spec.clusterKind"),
        ("  apiServer: https://", "spec.apiServer"),
        ("      name: ", "spec.componentsList"),
    ];
    for (line, field) in pushed {
        let memory = registered(&[("w1", worker(A))]);
        let text = memory.0.borrow().gitlab.text(FILE).unwrap();
        let end = text.split_once(line).unwrap().1;
        let old = end.split('\n').next().unwrap();
        let text = text.replacen(&format!("{line}{old}"), &format!("{line}canary:of us"), 1);
        let pushed = vec![(FILE, Some(text))];
        memory.0.borrow_mut().gitlab.foreign(&pushed);
        let before = truth(&memory);
        for outcome in [
            read(&memory, "w1"),
            save(&memory, "w1", &worker(A)),
            save(&memory, "w1?dry_run=true", &worker(A)),
            save(&memory, "w1?sync=true", &Value::Null),
            delete(&memory, "w1"),
            delete(&memory, "w1?force=true"),
        ] {
            assert_eq!(reason(&outcome), (409, "UNREADABLE_FILE"), "{}", outcome.1);
            let detail = outcome.1["detail"].as_str().unwrap();
            assert!(detail.contains(field), "{detail}");
        }
        let log = memory.0.borrow().log.join("\n");
        assert!(!log.contains("canary"), "{log}");
        assert_eq!((memory.writes(), truth(&memory)), (Vec::new(), before));
    }
}

/// The Secret of such a cluster would stand in for Argo CD's own connection.
#[test]
fn the_management_clusters_own_name_is_refused_of_a_pushed_file_as_well() {
    const FOLDER: &str = "nautes/overlays/production/clusters";
    let memory = registered(&[("h1", host(A)), ("v1", virtual_worker("h1", 31443))]);
    let path: &'static str = format!("{FOLDER}/in-cluster.yaml").leak();
    let text = memory.0.borrow().gitlab.text(&format!("{FOLDER}/v1.yaml"));
    let text = text.unwrap().replace("name: v1\n", "name: in-cluster\n");
    assert!(text.contains("name: in-cluster"), "{text}");
    memory
        .0
        .borrow_mut()
        .gitlab
        .foreign(&vec![(path, Some(text))]);
    let before = truth(&memory);
    let body = virtual_worker("h1", 31444);
    for outcome in [
        save(&memory, "in-cluster?sync=true", &Value::Null),
        save(&memory, "in-cluster?sync=true", &body),
        save(&memory, "in-cluster", &body),
        read(&memory, "in-cluster"),
        delete(&memory, "in-cluster"),
        delete(&memory, "in-cluster?force=true"),
    ] {
        assert_eq!(reason(&outcome), (409, "UNREADABLE_FILE"), "{}", outcome.1);
        assert_eq!(outcome.1["path"], path);
        let detail = outcome.1["detail"].as_str().unwrap();
        assert!(detail.contains("metadata.name"), "{detail}");
    }
    assert_eq!((memory.writes(), truth(&memory)), (Vec::new(), before));
}

#[test]
fn a_resource_file_of_another_cluster_is_named() {
    let memory = registered(&[("h1", host(A))]);
    let path = "nautes/overlays/production/clusters/h2.yaml";
    let text = memory
        .0
        .borrow()
        .gitlab
        .text("nautes/overlays/production/clusters/h1.yaml");
    memory.0.borrow_mut().gitlab.foreign(&vec![(path, text)]);
    let outcome = save(&memory, "h2", &host("https://c.example.com"));
    assert_eq!(reason(&outcome), (409, "UNREADABLE_FILE"), "{}", outcome.1);
}

#[test]
fn a_shared_list_that_can_not_be_read_is_named() {
    let memory = registered(&[("w1", worker(A))]);
    memory
        .0
        .borrow_mut()
        .gitlab
        .foreign(&vec![(KUSTOMIZATION, Some("a: [".into()))]);
    let outcome = save(&memory, "w2", &worker("https://b.example.com"));
    assert_eq!(reason(&outcome), (409, "UNREADABLE_FILE"));
    assert_eq!(outcome.1["path"], KUSTOMIZATION);
    assert_eq!(memory.writes(), [""; 0]);
}

#[test]
fn who_may_not_push_learns_nothing_about_the_body() {
    let memory = registered(&[]);
    memory.0.borrow_mut().gitlab.may_not_push = true;
    for body in [Value::Null, worker(A)] {
        let outcome = save(&memory, "w1", &body);
        assert_eq!(reason(&outcome), (403, "PERMISSION_DENIED"));
    }
    assert_eq!(reason(&delete(&memory, "w1")), (403, "PERMISSION_DENIED"));
    assert_eq!(memory.writes(), [""; 0]);
}
