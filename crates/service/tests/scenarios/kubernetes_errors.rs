//! Every way in which the API server refuses: before the commit nothing is written, after it the same
//! request finishes the work.

use std::time::Duration;

use serde_json::{Value, json};
use service::runtime::{Response, TransportError};

use crate::gitlab_service::answer;
use crate::runtime::Fate;
use crate::setting::{delete, reason, registered, save, text, truth, without_kubeconfig, worker};

const A: &str = "https://a.example.com:6443";

fn status(code: u16, reason: &str, causes: Value) -> Response {
    answer(
        code,
        &json!({"kind": "Status", "status": "Failure", "code": code, "reason": reason,
            "message": "no", "details": {"causes": causes}}),
    )
}

fn field_conflict() -> Value {
    json!([{"reason": "FieldManagerConflict", "message": "conflict with \"kubectl\" using v1", "field": ".spec"}])
}

/// Each row of the table, with the number of times such a call is sent.
fn rows() -> Vec<(Fate, usize)> {
    let answers = [
        (status(401, "Unauthorized", json!([])), 1),
        (status(403, "Forbidden", json!([])), 1),
        (status(404, "NotFound", json!([])), 1),
        // What has to be new stays refused.
        (status(409, "Conflict", json!([])), 1),
        (status(409, "AlreadyExists", json!([])), 1),
        (status(409, "Conflict", field_conflict()), 1),
        (status(415, "UnsupportedMediaType", json!([])), 1),
        (
            status(
                422,
                "Invalid",
                json!([{"reason": "x", "message": "y", "field": "spec"}]),
            ),
            1,
        ),
        (text(429, "Too many requests, please try again later."), 3),
        (status(500, "InternalError", json!([])), 3),
        (text(503, "<html>down</html>"), 3),
    ];
    let timeout = TransportError::Timeout(Duration::from_secs(15));
    let lost = [
        (Fate::Lost(timeout), 1),
        (Fate::Lost(TransportError::Broken("refused".into())), 3),
    ];
    let answers = answers.map(|(answer, times)| (Fate::Answer(answer), times));
    answers.into_iter().chain(lost).collect()
}

#[test]
fn after_the_commit_the_install_is_reported_as_not_triggered_and_finished_by_the_same_save() {
    let undisturbed = registered(&[("w1", worker(A))]);
    for (fate, times) in rows() {
        let memory = registered(&[]);
        let status = match &fate {
            Fate::Lost(TransportError::Timeout(_)) => 504,
            _ => 502,
        };
        memory.fault("kubernetes PATCH secrets", 0, usize::MAX, fate);
        let outcome = save(&memory, "w1", &worker(A));
        assert_eq!(
            reason(&outcome),
            (status, "INSTALL_TRIGGER_FAILED"),
            "{}",
            outcome.1
        );
        assert_eq!(
            outcome.1["commit"]["id"],
            memory.0.borrow().gitlab.commits[1].id
        );
        let calls = memory.calls();
        let sent = calls
            .iter()
            .filter(|call| call.contains("PATCH secrets"))
            .count();
        assert_eq!(sent, times, "{}", outcome.1);

        memory.forget();
        let (status, body) = save(&memory, "w1", &worker(A));
        assert_eq!((status, &body["commit"]), (200, &Value::Null));
        assert_eq!(truth(&memory), truth(&undisturbed));
    }
}

#[test]
fn before_the_commit_the_management_cluster_is_unavailable_and_nothing_is_written() {
    for (fate, _) in rows() {
        let is_timeout = matches!(fate, Fate::Lost(TransportError::Timeout(_)));
        let expected = match is_timeout {
            true => (504, "KUBERNETES_TIMEOUT"),
            false => (502, "KUBERNETES_UNAVAILABLE"),
        };
        let memory = registered(&[("w1", worker(A))]);
        memory.fault("kubernetes GET secrets", 0, usize::MAX, fate.clone());
        let outcome = save(&memory, "w1", &without_kubeconfig(worker(A)));
        assert_eq!(reason(&outcome), expected, "{}", outcome.1);
        assert!(
            outcome.1["detail"]
                .as_str()
                .unwrap()
                .contains("nothing was written")
        );
        assert_eq!(memory.writes(), [""; 0]);

        memory.forget();
        memory.fault("kubernetes GET environments", 0, usize::MAX, fate);
        let outcome = delete(&memory, "w1");
        assert_eq!(reason(&outcome), expected, "{}", outcome.1);
        assert_eq!(memory.writes(), [""; 0]);
    }
}

#[test]
fn a_missing_crd_is_a_warning_for_the_cluster_resource_and_no_dependant_for_products() {
    let memory = registered(&[]);
    let missing = [
        "clusters",
        "environments",
        "deploymentruntimes",
        "projectpipelineruntimes",
    ];
    memory.0.borrow_mut().kubernetes.missing.extend(missing);
    let (status, body) = save(&memory, "w1", &worker(A));
    assert_eq!(status, 200, "{body}");
    assert!(body["warnings"].to_string().contains("Cluster"), "{body}");
    assert_eq!(delete(&memory, "w1").0, 200);
}

#[test]
fn what_an_operator_has_taken_over_stays_his_with_a_warning() {
    let memory = registered(&[]);
    let conflict = Fate::Answer(status(409, "Conflict", field_conflict()));
    memory.fault("kubernetes PATCH appprojects", 0, 1, conflict);
    let (status, body) = save(&memory, "w1", &worker(A));
    assert_eq!(status, 200);
    assert!(body["warnings"].to_string().contains("kubectl"), "{body}");
    assert_eq!(body["installs"][0]["kind"], "Application");
}

#[test]
fn a_removal_of_what_is_not_in_the_repository_has_no_commit_to_tell_of() {
    for (fate, _) in rows() {
        let memory = registered(&[("w2", worker(A))]);
        memory.fault("kubernetes GET secrets", 0, usize::MAX, fate);
        let outcome = delete(&memory, "w1");
        assert!(
            outcome.1["reason"]
                .as_str()
                .unwrap()
                .starts_with("KUBERNETES_"),
            "{}",
            outcome.1
        );
        assert_eq!(outcome.1["commit"], Value::Null);
        assert_eq!(memory.writes(), [""; 0]);
    }
}

/// As some proxies say it, counted from the answer's own date.
#[test]
fn a_rate_limit_until_a_date_is_waited_for() {
    let memory = registered(&[]);
    let mut limited = text(429, "Too many requests");
    for (name, value) in [
        ("date", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ("retry-after", "Wed, 21 Oct 2026 07:28:03 GMT"),
    ] {
        limited.headers_mut().insert(name, value.parse().unwrap());
    }
    memory.fault("kubernetes PATCH secrets", 0, 1, Fate::Answer(limited));
    let (status, body) = save(&memory, "w1", &worker(A));
    assert_eq!(status, 200, "{body}");
    let slept = memory.0.borrow().slept.clone();
    assert!(
        slept.iter().any(|it| *it >= Duration::from_secs(3)),
        "{slept:?}"
    );
}
