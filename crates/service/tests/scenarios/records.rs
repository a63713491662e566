//! What a request leaves behind for its operator: log lines, traces, `Server-Timing`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use service::request_log::{self, RequestLog};
use service::runtime::{Request, Response, TransportError};

use crate::native::Native;
use crate::runtime::{Fate, Memory};
use crate::setting::{host, memory, registered, request, settings, text, without_kubeconfig};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const SERVER: &str = "https://host.example.com:6443";

/// A clock on which every round trip takes ten milliseconds and nothing else takes any time.
fn ticking(memory: Memory) -> Memory {
    memory.0.borrow_mut().latency = Duration::from_millis(10);
    memory
}

fn traced(method: &str, path: &str, body: &Value) -> Request {
    let mut request = request(method, path, body);
    let headers = request.headers_mut();
    headers.insert("x-request-id", "id1".parse().unwrap());
    let parent = format!("00-{TRACE}-{PARENT}-01");
    headers.insert("traceparent", parent.parse().unwrap());
    request
}

/// As a function answers it.
fn serve(memory: &Memory, mut request: Request) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let journal = RequestLog::open(memory, &method, &path, request.headers());
    request.extensions_mut().insert(journal.clone());
    let settings = settings();
    let answered = match method.as_str() {
        "POST" => memory.run(service::save(memory, &Native, &settings, &request)),
        "DELETE" => memory.run(service::delete(memory, &Native, &settings, &request)),
        _ => memory.run(service::read(memory, &settings, &request)),
    };
    let response = answered
        .unwrap()
        .unwrap_or_else(|problem| problem.response(&path));
    request_log::close(&journal, memory, "total", response)
}

fn timing(response: &Response) -> &str {
    response.headers()["server-timing"].to_str().unwrap()
}

fn lines(memory: &Memory) -> Vec<Value> {
    let log = memory.0.borrow().log.clone();
    log.iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn server_timing_has_the_steps_of_a_save_in_their_order() {
    let memory = ticking(memory());
    let saved = serve(&memory, traced("POST", "a", &host(SERVER)));
    assert_eq!(saved.status(), 200);
    assert_eq!(
        timing(&saved),
        "parse;dur=0.000, gitlab.open;dur=10.000, validate;dur=0.000, gitlab.read;dur=10.000, kubernetes.read;dur=10.000, \
         kubernetes.apply;dur=20.000, render;dur=0.000, gitlab.commit;dur=10.000, total;dur=40.000"
    );
}

#[test]
fn server_timing_tells_of_reads_and_removals() {
    let memory = ticking(registered(&[("a", host(SERVER))]));
    let of = |method: &str, path: &str| {
        memory.forget();
        timing(&serve(&memory, traced(method, path, &Value::Null))).to_owned()
    };
    assert_eq!(
        of("GET", ""),
        "gitlab.open;dur=10.000, gitlab.read;dur=10.000, kubernetes.read;dur=10.000, total;dur=30.000"
    );
    assert_eq!(
        of("GET", "a"),
        "gitlab.open;dur=10.000, gitlab.read;dur=10.000, kubernetes.read;dur=10.000, total;dur=20.000"
    );
    let removed = of("DELETE", "a");
    let names: Vec<&str> = removed
        .split(", ")
        .map(|it| it.split_once(';').unwrap().0)
        .collect();
    assert_eq!(
        names,
        [
            "gitlab.open",
            "parse",
            "gitlab.read",
            "kubernetes.read",
            "validate",
            "render",
            "gitlab.commit",
            "kubernetes.delete",
            "kubernetes.apply",
            "total"
        ]
    );
}

#[test]
fn a_problem_has_the_steps_up_to_it() {
    let memory = ticking(memory());
    let refused = serve(
        &memory,
        traced("POST", "a", &without_kubeconfig(host(SERVER))),
    );
    assert_eq!(refused.status(), 422);
    assert_eq!(
        timing(&refused),
        "parse;dur=0.000, gitlab.open;dur=10.000, validate;dur=0.000, gitlab.read;dur=10.000, kubernetes.read;dur=10.000, \
         total;dur=20.000"
    );
    memory.forget();
    let mut nobody = traced("GET", "a", &Value::Null);
    nobody.headers_mut().remove("authorization");
    let refused = serve(&memory, nobody);
    assert_eq!(
        (refused.status().as_u16(), timing(&refused)),
        (401, "total;dur=0.000")
    );
    assert_eq!(memory.calls(), Vec::<String>::new());
}

#[test]
fn every_line_says_which_request_it_belongs_to() {
    let memory = ticking(memory());
    serve(&memory, traced("POST", "a", &host(SERVER)));
    let lines = lines(&memory);
    let trials = memory.0.borrow().trials.len();
    assert_eq!(lines.len(), memory.calls().len() + trials + 1);
    for line in &lines {
        for (member, expected) in [
            ("request_id", "id1"),
            ("trace_id", TRACE),
            ("operation", "SaveCluster"),
            ("cluster", "a"),
            ("timestamp", "2026-09-21T14:13:20.000Z"),
        ] {
            assert_eq!(line[member], expected, "{line}");
        }
        assert!(line["duration_ms"].is_number(), "{line}");
        assert_eq!(line["level"], "info", "{line}");
    }
    let (last, steps) = lines.split_last().unwrap();
    for line in steps {
        let upstream = line["upstream"].as_str().unwrap();
        assert!(!upstream.contains('?') && upstream.contains(" /"), "{line}");
        assert_eq!(line["attempt"], 1, "{line}");
        assert!(line["status"].is_number(), "{line}");
        assert_eq!(line["parent_span_id"], last["span_id"], "{line}");
    }
    assert_eq!(last["step"], "request");
    assert_eq!(last["method"], "POST");
    assert_eq!(last["route"], "/api/v1/clusters/{cluster_name}");
    assert_eq!(last["status"], 200);
    assert_eq!(last["parent_span_id"], PARENT);
    assert_eq!(last["duration_ms"], 40);
    assert_eq!(last.get("reason"), None);
}

#[test]
fn every_call_is_a_span_of_its_own_in_the_callers_trace() {
    let memory = memory();
    serve(&memory, traced("POST", "a", &host(SERVER)));
    let traces = memory.0.borrow().traces.clone();
    let logged: BTreeSet<String> = lines(&memory)
        .iter()
        .filter(|line| line["step"] != "request")
        .map(|line| format!("00-{TRACE}-{}-01", line["span_id"].as_str().unwrap()))
        .collect();
    let sent: BTreeSet<String> = traces.iter().cloned().collect();
    assert_eq!(sent, logged);
    assert_eq!(sent.len(), traces.len(), "a span id twice");
}

#[test]
fn without_a_trace_one_begins_and_holds_all_calls() {
    let memory = memory();
    let mut untraced = traced("GET", "", &Value::Null);
    untraced.headers_mut().remove("traceparent");
    serve(&memory, untraced);
    let lines = lines(&memory);
    let ids: BTreeSet<&str> = lines
        .iter()
        .map(|line| line["trace_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(lines.last().unwrap().get("parent_span_id"), None);
    let id = ids.first().unwrap();
    let traces = memory.0.borrow().traces.clone();
    assert!(traces.iter().all(|it| it.starts_with(&format!("00-{id}-"))));
}

#[test]
fn repeated_calls_are_counted_and_failures_explained() {
    let memory = ticking(registered(&[("a", host(SERVER))]));
    memory.fault("gitlab GET branch", 0, 1, Fate::Answer(text(502, "")));
    let lost = TransportError::Broken("connection refused".into());
    memory.fault("kubernetes GET", 0, 9, Fate::Lost(lost));
    let answer = serve(&memory, traced("GET", "a", &Value::Null));
    assert_eq!(answer.status(), 200);
    let lines = lines(&memory);
    let attempts: Vec<(u64, &str, u64)> = lines
        .iter()
        .filter(|line| {
            line["upstream"]
                .as_str()
                .is_some_and(|it| it.contains("/branches/"))
        })
        .map(|line| {
            let attempt = line["attempt"].as_u64().unwrap();
            let level = line["level"].as_str().unwrap();
            (attempt, level, line["status"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(attempts, [(1, "warn", 502), (2, "info", 200)]);
    let unanswered = lines.iter().find(|line| line["step"] == "kubernetes.read");
    let unanswered = unanswered.unwrap();
    assert_eq!(
        unanswered["error"],
        "could not list applications in argocd: connection refused"
    );
    assert_eq!(unanswered.get("status"), None);
    assert_eq!(unanswered["level"], "warn");
}

#[test]
fn what_is_looked_up_and_not_there_is_no_warning() {
    let memory = registered(&[("a", host(SERVER))]);
    let removed = serve(&memory, traced("DELETE", "b", &Value::Null));
    assert_eq!(removed.status(), 404);
    let lines = lines(&memory);
    assert!(
        lines
            .iter()
            .any(|line| line["step"] == "kubernetes.read" && line["status"] == 404)
    );
    assert!(
        lines.iter().all(|line| line["level"] == "info"),
        "{lines:#?}"
    );
    let last = lines.last().unwrap();
    assert_eq!(last["reason"], "CLUSTER_NOT_FOUND");
}

#[test]
fn a_request_that_fails_through_no_fault_of_the_caller_is_an_error() {
    let memory = memory();
    memory.fault("gitlab", 0, 99, Fate::Answer(text(500, "")));
    let failed = serve(&memory, traced("GET", "", &Value::Null));
    assert_eq!(failed.status(), 502);
    let lines = lines(&memory);
    let last = lines.last().unwrap();
    assert_eq!(
        (last["level"].as_str(), last["reason"].as_str()),
        (Some("error"), Some("GITLAB_UNAVAILABLE"))
    );
}

#[test]
fn no_line_holds_a_secret() {
    let memory = memory();
    serve(&memory, traced("POST", "a", &host(SERVER)));
    serve(
        &memory,
        traced("GET", "a?private_token=canary-query", &Value::Null),
    );
    serve(&memory, traced("DELETE", "a", &Value::Null));
    let log = memory.0.borrow().log.join("\n");
    assert!(
        log.contains("DeleteCluster") && !log.contains("canary"),
        "{log}"
    );
}
