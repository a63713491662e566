//! What GitLab's failures have in common; `gitlab_table` plays each of them.

use std::time::Duration;

use crate::runtime::{Fate, Memory};
use crate::setting::{delete, memory, reason, registered, save, text, truth, worker};
use service::runtime::{Response, TransportError};

const A: &str = "https://a.example.com:6443";

fn limited(seconds: &str) -> Response {
    let mut response = text(429, "Retry later");
    response
        .headers_mut()
        .insert("retry-after", seconds.parse().unwrap());
    response
}

/// Saves where every call that begins so gets this answer.
fn with(call: &str, fate: Fate) -> (Memory, (u16, serde_json::Value)) {
    let memory = memory();
    memory.fault(call, 0, usize::MAX, fate);
    let outcome = save(&memory, "w1", &worker(A));
    (memory, outcome)
}

#[test]
fn no_answer_before_the_commit_is_reported_as_such() {
    let limit = Duration::from_secs(15);
    let rows = [
        (TransportError::Timeout(limit), 504, "GITLAB_TIMEOUT"),
        (
            TransportError::Broken("refused".into()),
            502,
            "GITLAB_UNAVAILABLE",
        ),
    ];
    for (error, status, expected) in rows {
        for call in [
            "gitlab GET branches",
            "gitlab GET tree runtimes",
            "gitlab GET file",
        ] {
            let (memory, outcome) = with(call, Fate::Lost(error.clone()));
            assert_eq!(reason(&outcome), (status, expected));
            assert!(
                outcome.1["detail"]
                    .as_str()
                    .unwrap()
                    .contains("nothing was written")
            );
            assert_eq!(memory.writes(), [""; 0]);
        }
    }
}

/// A request's time can run out at any call. After the last removal the list is looked at once more.
#[test]
fn no_answer_after_the_commit_is_reported_with_the_commit() {
    let start = || registered(&[("w1", worker(A))]);
    let undisturbed = start();
    assert_eq!(delete(&undisturbed, "w1").0, 200);
    let calls = undisturbed.calls();
    let commit = calls.iter().position(|it| it.starts_with("gitlab POST"));
    let reads = |calls: &[String]| {
        let reads = calls.iter().filter(|it| it.starts_with("gitlab GET"));
        reads.count()
    };
    let (before, all) = (reads(&calls[..commit.unwrap()]), reads(&calls));
    assert!(before < all, "{calls:#?}");
    for skip in before..all {
        let memory = start();
        let timeout = TransportError::Timeout(Duration::from_secs(15));
        memory.fault("gitlab GET", skip, usize::MAX, Fate::Lost(timeout));
        let outcome = delete(&memory, "w1");
        assert_eq!(reason(&outcome), (504, "GITLAB_TIMEOUT"), "{}", outcome.1);
        assert!(outcome.1["commit"]["id"].is_string(), "{}", outcome.1);
        let detail = outcome.1["detail"].as_str().unwrap();
        assert!(detail.contains("send the same request again"), "{detail}");
        memory.forget();
        delete(&memory, "w1");
        assert_eq!(truth(&memory), truth(&undisturbed), "{skip}");
    }
}

#[test]
fn a_rate_limit_is_waited_for_and_else_passed_on() {
    let memory = memory();
    memory.fault("gitlab POST", 0, 1, Fate::Answer(limited("3")));
    memory.fault("gitlab GET branches", 0, 1, Fate::Answer(limited("2")));
    assert_eq!(save(&memory, "w1", &worker(A)).0, 200);
    let slept = memory.0.borrow().slept.clone();
    assert_eq!(slept[0], Duration::from_secs(2));
    assert!(slept[1] >= Duration::from_secs(3), "{slept:?}");

    for call in ["gitlab GET branches", "gitlab POST"] {
        let memory = crate::setting::memory();
        memory.fault(call, 0, usize::MAX, Fate::Answer(limited("77")));
        let request = crate::setting::request("POST", "w1", &worker(A));
        let settings = crate::setting::settings();
        let saved = service::save(&memory, &crate::native::Native, &settings, &request);
        let problem = memory.run(saved).unwrap().unwrap_err();
        assert_eq!(
            (problem.status, problem.reason.as_str()),
            (503, "RATE_LIMITED")
        );
        assert_eq!(problem.headers, [("retry-after", "77".to_owned())]);
        assert!(problem.detail.contains("nothing was written"));
        assert!(memory.0.borrow().slept.is_empty());
    }
}

#[test]
fn no_token_shows_in_the_log() {
    let (memory, _) = with("gitlab POST", Fate::Answer(text(500, "")));
    let log = memory.0.borrow().log.join("\n");
    assert!(log.contains("/repository/commits"));
    assert!(!log.contains("canary"));
}
