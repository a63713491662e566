//! Every row of GitLab's error table: the answer to the caller, and that nothing was written.

use std::time::Duration;

use registration::ports::{Response, TransportError};
use serde_json::json;

use crate::gitlab_service::answer;
use crate::setting::{gitlab_says, memory, reason, save, text, worker};
use crate::world::{Fate, Memory};

const A: &str = "https://a.example.com:6443";

fn oauth(status: u16, error: &str, description: &str) -> Response {
    answer(
        status,
        &json!({"error": error, "error_description": description, "scope": "api"}),
    )
}

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
fn whoever_is_refused_before_the_commit_has_written_nothing() {
    let rows = [
        (
            gitlab_says(401, "401 Unauthorized"),
            401,
            "UNAUTHENTICATED",
            "not known",
        ),
        (
            oauth(401, "invalid_token", "Token is expired."),
            401,
            "UNAUTHENTICATED",
            "expired",
        ),
        (
            oauth(401, "invalid_token", "Token was revoked."),
            401,
            "UNAUTHENTICATED",
            "revoked",
        ),
        (
            oauth(403, "insufficient_scope", "more"),
            403,
            "PERMISSION_DENIED",
            "scope",
        ),
        (
            gitlab_says(403, "403 Forbidden - blocked"),
            403,
            "PERMISSION_DENIED",
            "blocked",
        ),
        (
            gitlab_says(404, "404 Project Not Found"),
            403,
            "PERMISSION_DENIED",
            "member",
        ),
        (
            text(404, "<html>"),
            502,
            "GITLAB_UNAVAILABLE",
            "nothing was written",
        ),
        (
            text(503, "<html>down</html>"),
            502,
            "GITLAB_UNAVAILABLE",
            "nothing was written",
        ),
        (
            gitlab_says(500, "500 Internal Server Error"),
            502,
            "GITLAB_UNAVAILABLE",
            "nothing was written",
        ),
        (limited("77"), 503, "RATE_LIMITED", "nothing was written"),
        (
            text(429, "Retry later"),
            503,
            "RATE_LIMITED",
            "nothing was written",
        ),
    ];
    for (response, status, expected, words) in rows {
        let (memory, outcome) = with("gitlab GET project", Fate::Answer(response));
        assert_eq!(reason(&outcome), (status, expected), "{}", outcome.1);
        assert!(
            outcome.1["detail"].as_str().unwrap().contains(words),
            "{}",
            outcome.1
        );
        assert_eq!(memory.writes(), [""; 0]);
        assert_eq!(memory.calls_of("kubernetes"), [""; 0]);
    }
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

#[test]
fn a_commit_that_is_refused_is_not_tried_again() {
    let rows = [
        (
            gitlab_says(
                403,
                "403 Forbidden - You are not allowed to push into this branch",
            ),
            403,
            "PERMISSION_DENIED",
        ),
        (
            gitlab_says(400, "You are not allowed to push into this branch"),
            403,
            "PERMISSION_DENIED",
        ),
        (
            gitlab_says(400, "Commit message does not follow the pattern 'x'"),
            403,
            "PERMISSION_DENIED",
        ),
        (
            gitlab_says(400, "Prevented by server hooks"),
            403,
            "PERMISSION_DENIED",
        ),
        (gitlab_says(413, "too large"), 403, "PERMISSION_DENIED"),
        (
            oauth(403, "insufficient_scope", "more"),
            403,
            "PERMISSION_DENIED",
        ),
        (
            gitlab_says(400, "Path cannot include directory traversal"),
            502,
            "GITLAB_UNAVAILABLE",
        ),
    ];
    for (response, status, expected) in rows {
        let (memory, outcome) = with("gitlab POST", Fate::Answer(response));
        assert_eq!(reason(&outcome), (status, expected), "{}", outcome.1);
        assert_eq!(memory.writes(), ["gitlab POST commits"]);
        assert_eq!(memory.0.borrow().gitlab.commits.len(), 1);
        assert_eq!(memory.calls_of("kubernetes"), [""; 0]);
    }
}

#[test]
fn every_way_to_lose_a_race_is_run_again_until_the_time_is_over() {
    let texts = [
        "The file has changed since you started editing it: a",
        "A file with this name already exists",
        "A file with this name doesn't exist",
        "9:reference update: reference does not point to expected object",
        "9:reference update: reference is already locked.",
        "Could not update refs/heads/main. Please refresh and try again.",
    ];
    for words in texts {
        let memory = memory();
        memory.fault("gitlab POST", 0, 3, Fate::Answer(gitlab_says(400, words)));
        assert_eq!(save(&memory, "w1", &worker(A)).0, 200, "{words}");
        assert_eq!(
            memory
                .writes()
                .iter()
                .filter(|call| call.contains("POST"))
                .count(),
            4
        );

        let (memory, outcome) = with("gitlab POST", Fate::Answer(gitlab_says(400, words)));
        assert_eq!(reason(&outcome), (409, "CONCURRENT_CHANGE"));
        let waited: Duration = memory.0.borrow().slept.iter().sum();
        assert!(waited <= Duration::from_secs(30), "{waited:?}");
        assert_eq!(memory.calls_of("kubernetes"), [""; 0]);
    }
}

#[test]
fn a_commit_whose_outcome_stays_unknown_is_reported_as_unknown() {
    let timeout = TransportError::Timeout(Duration::from_secs(15));
    let rows = [
        (Fate::Lost(timeout), 504, "GITLAB_TIMEOUT"),
        (
            Fate::Lost(TransportError::Broken("reset".into())),
            502,
            "GITLAB_UNAVAILABLE",
        ),
        (Fate::Answer(text(504, "")), 504, "GITLAB_TIMEOUT"),
        (Fate::Answer(text(500, "")), 502, "GITLAB_UNAVAILABLE"),
        (
            Fate::Answer(gitlab_says(400, "4:Deadline Exceeded")),
            504,
            "GITLAB_TIMEOUT",
        ),
        (
            Fate::Answer(gitlab_says(400, "14:unavailable")),
            502,
            "GITLAB_UNAVAILABLE",
        ),
    ];
    for (fate, status, expected) in rows {
        let (memory, outcome) = with("gitlab POST", fate);
        assert_eq!(reason(&outcome), (status, expected), "{}", outcome.1);
        assert!(
            outcome.1["detail"].as_str().unwrap().contains("is unknown"),
            "{}",
            outcome.1
        );
        assert_eq!(memory.calls_of("kubernetes"), [""; 0]);
        // Between two commits somebody always looks.
        let calls = memory.calls();
        let commits: Vec<&String> = calls
            .iter()
            .filter(|call| call.ends_with(" commits"))
            .collect();
        assert!(
            !commits.windows(2).any(|pair| pair[0] == pair[1]),
            "{commits:?}"
        );
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
        let saved = registration::save(&memory, &crate::native::Native, &settings, &request);
        let problem = memory.run(saved).unwrap().unwrap_err();
        assert_eq!((problem.status, problem.reason), (503, "RATE_LIMITED"));
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
