//! What can happen to a merge request, once its branch is as it should be.

use std::time::Duration;

use serde_json::{Value, json};
use service::runtime::TransportError;

use super::row::Part::{Call, Commit, Open, Read, Rest};
use super::row::{
    Mode, Row, assert_told, assert_written_once, denied, guard, html, limited, play, timed_out,
    too_many, unauthenticated, unavailable,
};
use crate::gitlab_service::answer;
use crate::runtime::{Fate, Memory};
use crate::setting::{gitlab_says, memory, reason, save, text, worker};

const WAY: Mode = Mode::MergeRequest;
const A: &str = "https://a.example.com:6443";
const POST: &str = "gitlab POST merge_requests";
const BRANCH_IS_RIGHT: &str = "the branch to be merged is as it should be";

/// The branch has its commit, nothing else happened, and the same request finishes the work.
fn assert_finished_by_the_same_request(memory: &Memory, outcome: &(u16, Value)) {
    let inner = memory.0.borrow();
    assert_eq!(inner.gitlab.commits.len(), 1);
    let commit = &inner.gitlab.branches["nautes/register-w1"][1].id;
    assert_eq!(outcome.1["commit"]["id"], **commit);
    drop(inner);
    crate::gitlab_table::row::assert_nothing_installed(memory);
    memory.forget();
    let (status, body) = save(memory, WAY.query(), &worker(A));
    assert_eq!((status, &body["commit"]), (200, &Value::Null), "{body}");
    assert_eq!(memory.writes(), [POST]);
    assert_written_once(memory, WAY);
}

#[test]
fn what_gitlab_refuses_leaves_the_branch_and_is_finished_by_the_same_request() {
    let rows = [
        denied(gitlab_says(403, "403 Forbidden"), "GitLab forbids it"),
        denied(
            guard(
                403,
                "insufficient_granular_scope",
                "lacks the required permissions: [Merge Request: Create]",
            ),
            "(Merge Request: Create)",
        ),
        unauthenticated(
            guard(401, "invalid_token", "Token was revoked."),
            "it was revoked",
        ),
        denied(
            answer(
                422,
                &json!({"message": ["You can't use same project/branch for source and target"]}),
            ),
            "same project/branch",
        ),
        denied(
            answer(
                400,
                &json!({"message": {"title": ["is too long (maximum is 255 characters)"]}}),
            ),
            "title: is too long",
        ),
        unavailable(gitlab_says(404, "404 Not Found"), "404 Not Found"),
        unavailable(html(403, "Request blocked"), "Request blocked"),
    ];
    for row in rows {
        let fate = Fate::Answer(row.says.clone());
        let (memory, outcome) = play(WAY, POST, 0, usize::MAX, fate);
        assert_told(&row, &outcome, BRANCH_IS_RIGHT);
        assert_eq!(
            memory.calls(),
            WAY.calls(&[Open, Read, Commit, Rest]),
            "{}",
            row.words
        );
        assert_finished_by_the_same_request(&memory, &outcome);
    }
}

fn passing() -> Vec<Row> {
    vec![
        unavailable(html(502, "502 Bad Gateway"), "502 Bad Gateway"),
        unavailable(
            gitlab_says(500, "500 Internal Server Error"),
            "500 Internal",
        ),
        timed_out(html(504, "504 Gateway Time-out"), "504 Gateway Time-out"),
        unavailable(text(201, "{\"iid\":"), "not JSON"),
        limited(too_many(Some("2"))),
        limited(too_many(None)),
    ]
}

#[test]
fn where_nobody_knows_it_is_looked_for_before_it_is_repeated() {
    const LOOK: super::row::Part = Call("GET merge_requests");
    for row in passing() {
        let (memory, outcome) = play(WAY, POST, 0, 1, Fate::Answer(row.says.clone()));
        assert_eq!(outcome.0, 200, "{}", outcome.1);
        let calls = WAY.calls(&[Open, Read, Commit, Rest, LOOK, Rest]);
        assert_eq!(memory.calls(), calls, "{}", row.words);
        assert_written_once(&memory, WAY);

        let (memory, outcome) = play(WAY, POST, 0, 1, Fate::Answered(row.says.clone()));
        assert_eq!(outcome.1["merge_request"]["iid"], 1, "{}", outcome.1);
        assert_eq!(memory.calls(), WAY.calls(&[Open, Read, Commit, Rest, LOOK]));
        assert_written_once(&memory, WAY);

        let (memory, outcome) = play(WAY, POST, 0, usize::MAX, Fate::Answer(row.says.clone()));
        assert_told(&row, &outcome, BRANCH_IS_RIGHT);
        assert_finished_by_the_same_request(&memory, &outcome);
    }
    let timeout = TransportError::Timeout(Duration::from_secs(15));
    for error in [timeout, TransportError::Broken("reset".into())] {
        let (memory, outcome) = play(WAY, POST, 0, 1, Fate::Outcome(error.clone()));
        assert_eq!(outcome.1["merge_request"]["iid"], 1, "{}", outcome.1);
        assert_eq!(memory.calls(), WAY.calls(&[Open, Read, Commit, Rest, LOOK]));
        let (memory, outcome) = play(WAY, POST, 0, usize::MAX, Fate::Lost(error));
        assert!(
            outcome.1["detail"]
                .as_str()
                .unwrap()
                .contains(BRANCH_IS_RIGHT)
        );
        assert_finished_by_the_same_request(&memory, &outcome);
    }
}

#[test]
fn one_that_somebody_else_opens_in_the_same_moment_is_taken() {
    let text = "Another open merge request already exists for this source branch: !5";
    let says = || Fate::Answered(answer(409, &json!({ "message": [text] })));
    let (memory, outcome) = play(WAY, POST, 0, 1, says());
    assert_eq!(outcome.1["merge_request"]["iid"], 1, "{}", outcome.1);
    let calls = [Open, Read, Commit, Rest, Call("GET merge_requests")];
    assert_eq!(memory.calls(), WAY.calls(&calls));
    // Where it never shows, the retries end.
    let says = Fate::Answer(answer(409, &json!({ "message": [text] })));
    let (memory, outcome) = play(WAY, POST, 0, usize::MAX, says);
    assert_eq!(reason(&outcome), (409, "CONCURRENT_CHANGE"));
    assert_finished_by_the_same_request(&memory, &outcome);
}

#[test]
fn merge_requests_that_cannot_be_read_end_the_request_before_anything_is_written() {
    let rows = [
        denied(gitlab_says(403, "403 Forbidden"), "GitLab forbids it"),
        unavailable(gitlab_says(400, "400 Bad request"), "unexpected answer"),
    ];
    for row in rows {
        let fate = Fate::Answer(row.says.clone());
        let (memory, outcome) = play(WAY, "gitlab GET merge_requests", 0, usize::MAX, fate);
        assert_told(&row, &outcome, "nothing was written");
        assert_eq!(memory.calls(), WAY.calls(&[Open]));
        super::row::assert_untouched(&memory);
    }
}

#[test]
fn one_that_was_merged_while_it_was_updated_gets_a_successor() {
    let memory = memory();
    assert_eq!(save(&memory, WAY.query(), &worker(A)).0, 200);
    memory.forget();
    let mut body = worker(A);
    body["primary_domain"] = "example.org".into();
    let merged = answer(200, &json!({"iid": 1, "web_url": "u", "state": "merged"}));
    memory.0.borrow_mut().gitlab.merge_requests[0].title = "Other words".into();
    memory.fault("gitlab PUT merge_requests/1", 0, 1, Fate::Answer(merged));
    memory.fault(
        "gitlab GET merge_requests",
        1,
        1,
        Fate::Answer(answer(200, &json!([]))),
    );
    memory.fault(
        POST,
        0,
        1,
        Fate::Answer(answer(
            201,
            &json!({"iid": 2, "web_url": "u", "state": "opened"}),
        )),
    );
    let (status, body) = save(&memory, WAY.query(), &body);
    assert_eq!(
        (status, &body["merge_request"]["iid"]),
        (200, &json!(2)),
        "{body}"
    );
    assert_eq!(
        memory.writes(),
        ["gitlab POST commits", "gitlab PUT merge_requests/1", POST]
    );
}
