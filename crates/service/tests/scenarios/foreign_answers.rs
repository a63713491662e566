//! Answers that are nobody's: pages, packed bodies and redirects of whatever stands before GitLab, to every call of every
//! operation. Nothing is taken for missing or for done because of them, and nothing is written.

use serde_json::{Value, json};
use service::runtime::Response;

use crate::gitlab_service::answer;
use crate::gitlab_table::row::{html, located, packed};
use crate::native::Native;
use crate::runtime::{Fate, Memory};
use crate::setting::{
    host, outcome, registered, request, settings, text, truth, virtual_worker, worker,
};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

/// Method, and what stands behind `/api/v1/`.
const OPERATIONS: [(&str, &str); 10] = [
    ("POST", "clusters/w1"),
    ("POST", "clusters/w2"),
    ("POST", "clusters/w1?dry_run=true"),
    ("POST", "clusters/w1?sync=true"),
    ("POST", "clusters/w1?delivery=merge-request"),
    ("DELETE", "clusters/w1"),
    ("DELETE", "clusters/w1?dry_run=true"),
    ("GET", "clusters/w1"),
    ("GET", "clusters"),
    ("GET", "merge-requests"),
];

fn start() -> Memory {
    registered(&[
        ("h1", host("https://h1.example.com")),
        ("v1", virtual_worker("h1", 31443)),
        ("w1", worker(A)),
    ])
}

fn send(memory: &Memory, method: &str, path: &str) -> (u16, Value) {
    let mut request = request(method, "", &worker(B));
    *request.uri_mut() = format!("http://localhost/api/v1/{path}").parse().unwrap();
    let settings = settings();
    let result = match method {
        "POST" => memory.run(service::save(memory, &Native, &settings, &request)),
        "DELETE" => memory.run(service::delete(memory, &Native, &settings, &request)),
        _ => memory.run(service::read(memory, &settings, &request)),
    };
    outcome(result).unwrap()
}

fn answers() -> Vec<Response> {
    vec![
        html(200, "Sign in"),
        html(400, "Bad Request"),
        html(401, "Sign in"),
        html(403, "Access denied"),
        html(404, "Not Found"),
        html(502, "Bad Gateway"),
        packed(text(200, "\u{1f}\u{8b}")),
        packed(text(401, "\u{1f}\u{8b}")),
        packed(text(404, "\u{1f}\u{8b}")),
        text(200, ""),
        text(404, "404 page not found"),
        answer(404, &json!({"error": "404 Not Found"})),
        located("https://sign-in.example.com/"),
        located("https://gitlab.example.com/api/v4/projects/group/tenant"),
    ]
}

/// Everything but what is asked for ahead, in case the cluster is a host, and the last commit that a reader is told of.
fn is_needed(method: &str, call: &str) -> bool {
    let is_guess = ["w1", "w2"]
        .iter()
        .any(|name| call == format!("gitlab GET tree host-clusters/{name}/vclusters"));
    let is_extra = method == "GET" && call.starts_with("gitlab GET commits");
    call.starts_with("gitlab GET") && !is_guess && !is_extra
}

#[test]
fn no_answer_of_somebody_else_is_taken_for_gitlabs() {
    let mut played = 0;
    for (method, path) in OPERATIONS {
        let undisturbed = start();
        let (expected_status, expected) = send(&undisturbed, method, path);
        assert!(expected_status < 500, "{method} {path}: {expected}");
        let calls = undisturbed.calls();
        let until_written = calls.iter().position(|it| it.starts_with("gitlab POST"));
        let reads = calls[..until_written.unwrap_or(calls.len())].iter();
        let reads: std::collections::BTreeSet<&String> =
            reads.filter(|it| is_needed(method, it)).collect();
        assert!(!reads.is_empty(), "{method} {path}");
        for call in reads {
            for says in answers() {
                // A file may be empty, and is told as such.
                if says.status() == 200 && says.body().is_empty() && call.contains(" file ") {
                    continue;
                }
                let case = format!("{method} {path}, {call}: {}", says.status());
                let memory = start();
                let before = truth(&memory);
                memory.fault(call, 0, usize::MAX, Fate::Answer(says));
                let (status, body) = send(&memory, method, path);
                assert_eq!(truth(&memory), before, "{case}");
                played += 1;
                // What a refusal says besides, such as the merge request that may help, is left out.
                if status == expected_status
                    && status != 200
                    && body["reason"] == expected["reason"]
                {
                    continue;
                }
                assert_eq!(status, 502, "{case}: {body}");
                assert_eq!(body["reason"], "GITLAB_UNAVAILABLE", "{case}: {body}");
            }
        }
    }
    assert!(played > 400, "only {played} answers were played");
}
