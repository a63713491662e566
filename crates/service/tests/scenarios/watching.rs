//! One cluster, watched: what is told, when, and how it ends.

use std::time::Duration;

use serde_json::{Value, json};
use service::problem::Problem;
use service::{Watch, watch};

use crate::gitlab_service::answer;
use crate::history::{head, synced};
use crate::runtime::{Fate, Memory};
use crate::setting::{
    delete, gitlab_says, host, read, reason, registered, request, save, settings, text, worker,
};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

fn begin(memory: &Memory, path: &str) -> Result<Option<Watch>, Problem> {
    let request = request("GET", path, &Value::Null);
    memory.run(watch(memory, &settings(), &request)).unwrap()
}

fn watched(memory: &Memory, path: &str) -> Watch {
    let watch = begin(memory, path).unwrap_or_else(|problem| panic!("{problem:?}"));
    watch.unwrap()
}

fn next(memory: &Memory, watch: &mut Watch) -> Option<Vec<(String, Value)>> {
    let text = memory.run(watch.next(memory)).unwrap()?;
    assert!(!text.contains("canary"), "{text}");
    Some(events(&text))
}

/// Name and data of each event; comments and the time to reconnect are none.
fn events(text: &str) -> Vec<(String, Value)> {
    let blocks = text.split("\n\n").filter(|block| !block.is_empty());
    blocks
        .filter(|block| !block.starts_with(':') && !block.starts_with("retry: "))
        .map(|block| {
            let lines: Vec<&str> = block.lines().collect();
            assert!(lines[0].starts_with("id: ") && lines.len() == 3, "{block}");
            let name = lines[1].strip_prefix("event: ").unwrap();
            let data = lines[2].strip_prefix("data: ").unwrap();
            (name.to_owned(), serde_json::from_str(data).unwrap())
        })
        .collect()
}

/// The reason of the last event.
fn ended(events: &[(String, Value)]) -> &str {
    let (name, data) = events.last().unwrap();
    assert_eq!(name, "end");
    data["reason"].as_str().unwrap()
}

#[test]
fn it_begins_with_what_a_read_answers_and_ends_when_the_cluster_is_ready() {
    let memory = registered(&[("w1", worker(A))]);
    let mut watch = watched(&memory, "w1?watch=true");
    let first = next(&memory, &mut watch).unwrap();
    assert_eq!(first, [("cluster".to_owned(), read(&memory, "w1").1)]);
    assert_eq!(first[0].1["status"]["phase"], "Registered");

    // Nothing new: a comment.
    assert_eq!(next(&memory, &mut watch).unwrap(), []);

    synced(&memory, "w1", "before");
    let change = next(&memory, &mut watch).unwrap();
    assert_eq!(change.len(), 1);
    assert_eq!(change[0].0, "status");
    assert_eq!(change[0].1, read(&memory, "w1").1["status"]);
    assert_eq!(change[0].1["phase"], "Installing");

    synced(&memory, "w1", &head(&memory));
    let last = next(&memory, &mut watch).unwrap();
    assert_eq!(last[0].1["phase"], "Ready");
    assert_eq!(ended(&last), "ready");
    assert_eq!(next(&memory, &mut watch), None);
    assert_eq!(memory.writes(), [""; 0]);
    assert!(
        memory
            .0
            .borrow()
            .log
            .join("")
            .contains("\"step\":\"watch\"")
    );
}

#[test]
fn ids_count_the_events() {
    let memory = registered(&[("w1", worker(A))]);
    synced(&memory, "w1", &head(&memory));
    let mut watch = watched(&memory, "w1?watch=true");
    let text = memory.run(watch.next(&memory)).unwrap().unwrap();
    assert!(
        text.starts_with("retry: 2000\n\nid: 1\nevent: cluster\ndata: {"),
        "{text}"
    );
    assert!(text.contains("\n\nid: 2\nevent: end\ndata: {"), "{text}");
    assert!(text.ends_with("}\n\n"), "{text}");
}

#[test]
fn a_component_that_failed_ends_it() {
    let memory = registered(&[("w1", worker(A))]);
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    synced(&memory, "w1", &head(&memory));
    let key = "applications/w1-runtime-argocd";
    memory
        .0
        .borrow_mut()
        .kubernetes
        .objects
        .get_mut(key)
        .unwrap()["status"]["health"] = json!({"status": "Degraded"});
    let last = next(&memory, &mut watch).unwrap();
    assert_eq!(last[0].1["phase"], "Degraded");
    assert_eq!(ended(&last), "degraded");
}

#[test]
fn its_time_limit_ends_it() {
    let memory = registered(&[("w1", worker(A))]);
    let mut watch = watched(&memory, "w1?watch=true&timeout_seconds=20");
    let mut told = Vec::new();
    while let Some(events) = next(&memory, &mut watch) {
        told.extend(events);
    }
    assert_eq!(ended(&told), "time_limit");
    assert_eq!(told.len(), 2);
    let slept = memory.0.borrow().slept.clone();
    assert_eq!(slept.iter().sum::<Duration>(), Duration::from_secs(20));
    assert_eq!(slept[0], Duration::from_secs(1));
}

#[test]
fn a_change_of_the_cluster_is_told_and_its_removal_ends_it() {
    let memory = registered(&[("h1", host(B)), ("w1", worker(A))]);
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    // Somebody else's cluster is no news.
    assert_eq!(save(&memory, "w2", &worker("https://c.example.com")).0, 200);
    assert_eq!(next(&memory, &mut watch).unwrap(), []);
    let mut changed = worker(A);
    changed["primary_domain"] = json!("new.example.com");
    assert_eq!(save(&memory, "w1", &changed).0, 200);
    let events = next(&memory, &mut watch).unwrap();
    assert_eq!(events[0].0, "cluster");
    assert_eq!(events[0].1["primary_domain"], "new.example.com");
    assert_eq!(delete(&memory, "w1").0, 200);
    assert_eq!(ended(&next(&memory, &mut watch).unwrap()), "removed");
    assert_eq!(next(&memory, &mut watch), None);
}

#[test]
fn while_the_branch_stays_only_the_branch_and_the_applications_are_asked_for() {
    let memory = registered(&[("w1", worker(A))]);
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    memory.forget();
    next(&memory, &mut watch);
    let calls = memory.calls();
    assert_eq!(calls.len(), 5, "{calls:#?}");
    assert_eq!(memory.round_trips(""), 2);
}

#[test]
fn a_management_cluster_that_is_away_for_a_while_is_a_phase() {
    let memory = registered(&[("w1", worker(A))]);
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    let away = Fate::Answer(text(503, "<html>"));
    // The list and the Application by which an old install would show, three times each.
    memory.fault("kubernetes GET applications", 0, 6, away);
    let events = next(&memory, &mut watch).unwrap();
    assert_eq!(events[0].1["phase"], "Unknown");
    let events = next(&memory, &mut watch).unwrap();
    assert_eq!(events[0].1["phase"], "Registered");
}

#[test]
fn gitlab_may_be_away_for_a_moment_and_no_longer() {
    let away = || Fate::Answer(text(502, ""));
    for (looks, expected) in [(2, None), (3, Some("GITLAB_UNAVAILABLE"))] {
        let memory = registered(&[("w1", worker(A))]);
        let mut watch = watched(&memory, "w1?watch=true");
        next(&memory, &mut watch);
        // Each look asks three times.
        memory.fault("gitlab GET branches", 0, looks * 3, away());
        let told: Vec<_> = (0..looks)
            .flat_map(|_| next(&memory, &mut watch).unwrap())
            .collect();
        let Some(expected) = expected else {
            assert_eq!(told, []);
            synced(&memory, "w1", &head(&memory));
            assert_eq!(ended(&next(&memory, &mut watch).unwrap()), "ready");
            continue;
        };
        assert_eq!(
            (told[0].0.as_str(), &told[0].1["reason"]),
            ("error", &json!(expected))
        );
        assert_eq!(told[0].1["instance"], "/api/v1/clusters/w1");
        assert_eq!(ended(&told), "error");
        assert_eq!(next(&memory, &mut watch), None);
    }
}

#[test]
fn a_token_that_is_revoked_ends_it_at_once() {
    let memory = registered(&[("w1", worker(A))]);
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    let revoked = answer(
        401,
        &json!({"error": "invalid_token", "error_description": "Token was revoked."}),
    );
    memory.fault("gitlab GET project", 0, 1, Fate::Answer(revoked));
    let told = next(&memory, &mut watch).unwrap();
    assert_eq!(told[0].1["reason"], "UNAUTHENTICATED");
    assert_eq!(ended(&told), "error");
}

#[test]
fn what_goes_wrong_before_it_begins_is_an_ordinary_answer() {
    let memory = registered(&[("w1", worker(A))]);
    let refused = |path: &str| {
        let problem = begin(&memory, path).err().unwrap();
        (problem.status, problem.reason)
    };
    assert_eq!(refused("w2?watch=true"), (404, "CLUSTER_NOT_FOUND"));
    assert_eq!(refused("w1?watch=maybe"), (422, "VALIDATION_FAILED"));
    for limit in ["0", "-1", "1.5", "301", "soon", ""] {
        let path = format!("w1?watch=true&timeout_seconds={limit}");
        assert_eq!(refused(&path), (422, "VALIDATION_FAILED"), "{limit}");
    }
    memory.fault(
        "gitlab GET project",
        0,
        1,
        Fate::Answer(gitlab_says(401, "401 Unauthorized")),
    );
    assert_eq!(refused("w1?watch=true"), (401, "UNAUTHENTICATED"));
    assert_eq!(memory.writes(), [""; 0]);
}

#[test]
fn only_one_cluster_can_be_watched_and_only_with_get() {
    let memory = registered(&[("w1", worker(A))]);
    assert!(begin(&memory, "?watch=true").unwrap().is_none());
    assert_eq!(
        reason(&read(&memory, "?watch=true")),
        (422, "VALIDATION_FAILED")
    );
    let body = worker(A);
    assert_eq!(
        reason(&save(&memory, "w1?watch=true", &body)),
        (422, "VALIDATION_FAILED")
    );
    assert_eq!(
        reason(&delete(&memory, "w1?watch=true")),
        (422, "VALIDATION_FAILED")
    );
    assert_eq!(memory.calls(), [""; 0]);
    for path in ["w1", "w1?watch=false"] {
        assert!(begin(&memory, path).unwrap().is_none());
    }
    let head = request("HEAD", "w1?watch=true", &Value::Null);
    assert!(
        memory
            .run(watch(&memory, &settings(), &head))
            .unwrap()
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_client_that_leaves_shows_in_the_log() {
    let memory = registered(&[("w1", worker(A))]);
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    watch.abandoned(&memory);
    let log = memory.0.borrow().log.join("\n");
    assert!(log.contains("\"reason\":\"client_left\""), "{log}");
    let headers = Watch::headers();
    assert_eq!(headers["content-type"], "text/event-stream");
    assert!(!headers.contains_key("content-length"));
}
