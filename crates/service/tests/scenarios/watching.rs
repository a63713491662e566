//! One cluster, watched: what is told, when, and how it ends.

use api::Reason;
use std::time::Duration;

use serde_json::{Value, json};
use service::problem::Problem;
use service::watch::headers;
use service::{Seats, watch};

use crate::gitlab_service::answer;
use crate::history::{head, labelled};
use crate::runtime::{Fate, Memory, WatchBody};
use crate::setting::{
    delete, gitlab_says, host, read, reason, registered, request, save, settings, text, worker,
};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

pub type Watch = service::Watch<WatchBody>;

/// With places that nobody else takes.
fn begin(memory: &Memory, path: &str) -> Result<Option<Watch>, Problem> {
    begin_on(Box::leak(Box::default()), memory, path)
}

fn begin_on(seats: &'static Seats, memory: &Memory, path: &str) -> Result<Option<Watch>, Problem> {
    let request = request("GET", path, &Value::Null);
    let settings = settings();
    let begun = watch(memory, seats, &settings, &request);
    memory.run(begun).unwrap()
}

pub fn watched(memory: &Memory, path: &str) -> Watch {
    let watch = begin(memory, path).unwrap_or_else(|problem| panic!("{problem:?}"));
    watch.unwrap()
}

/// A worker whose Applications are there, as of an earlier commit.
pub fn installing() -> Memory {
    let memory = registered(&[("w1", worker(A))]);
    labelled(&memory, "w1", "before");
    memory
}

pub fn next(memory: &Memory, watch: &mut Watch) -> Option<Vec<(String, Value)>> {
    let text = memory.run(watch.next(memory)).unwrap()?;
    assert!(!text.contains("canary"), "{text}");
    Some(events(&text))
}

/// What comes until the branch is looked at again, or until the end.
pub fn look(memory: &Memory, watch: &mut Watch) -> Option<Vec<(String, Value)>> {
    let looks = || memory.calls_of("gitlab GET branches").len();
    let before = looks();
    let mut told = next(memory, watch)?;
    while looks() == before {
        told.extend(next(memory, watch)?);
    }
    Some(told)
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
pub fn ended(events: &[(String, Value)]) -> &str {
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

    labelled(&memory, "w1", "before");
    let change = next(&memory, &mut watch).unwrap();
    assert_eq!(change.len(), 1);
    assert_eq!(change[0].0, "status");
    assert_eq!(change[0].1, read(&memory, "w1").1["status"]);
    assert_eq!(change[0].1["phase"], "Installing");

    labelled(&memory, "w1", &head(&memory));
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
    labelled(&memory, "w1", &head(&memory));
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
    labelled(&memory, "w1", &head(&memory));
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
    assert_eq!(ended(&last), "failed");
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
    // Somebody may be waiting for a sign of life.
    assert_eq!(slept, [5; 4].map(Duration::from_secs));
}

#[test]
fn a_change_of_the_cluster_is_told_and_its_removal_ends_it() {
    let memory = registered(&[("h1", host(B)), ("w1", worker(A))]);
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    // Somebody else's cluster is no news.
    assert_eq!(save(&memory, "w2", &worker("https://c.example.com")).0, 200);
    assert_eq!(look(&memory, &mut watch).unwrap(), []);
    let mut changed = worker(A);
    changed["primary_domain"] = json!("new.example.com");
    assert_eq!(save(&memory, "w1", &changed).0, 200);
    let events = look(&memory, &mut watch).unwrap();
    assert_eq!(events[0].0, "cluster");
    assert_eq!(events[0].1["primary_domain"], "new.example.com");
    assert_eq!(delete(&memory, "w1").0, 200);
    assert_eq!(ended(&look(&memory, &mut watch).unwrap()), "removed");
    assert_eq!(next(&memory, &mut watch), None);
}

#[test]
fn a_caller_has_four_watches_and_the_fifth_waits_for_one_to_end() {
    let memory = installing();
    let seats: &'static Seats = Box::leak(Box::default());
    let begin = |path: &str| begin_on(seats, &memory, path);
    let watch = || begin("w1?watch=true").map(Option::unwrap);
    let mut running: Vec<Watch> = (0..4).map(|_| watch().unwrap()).collect();
    memory.forget();
    let problem = watch().err().unwrap();
    assert_eq!(
        (problem.status, problem.reason.as_str()),
        (429, "TOO_MANY_REQUESTS")
    );
    let answer = problem.response("/");
    assert_eq!(answer.headers()["retry-after"], "5");
    assert!(!String::from_utf8_lossy(answer.body()).contains("canary"));
    assert_eq!(memory.calls(), [""; 0]);
    // A read is none.
    assert!(begin("w1").unwrap().is_none());
    running.pop();
    running.push(watch().unwrap());
    assert!(watch().is_err());
    drop(running);
    // Whom GitLab does not know takes no place.
    let unknown = || Fate::Answer(gitlab_says(401, "401 Unauthorized"));
    memory.fault("gitlab GET project", 0, 9, unknown());
    for _ in 0..9 {
        assert_eq!(watch().err().unwrap().status, 401);
    }
    assert!(watch().is_ok());
}

#[test]
fn whom_gitlab_does_not_know_is_told_that_and_not_how_many_watch() {
    let memory = installing();
    let seats: &'static Seats = Box::leak(Box::default());
    let _taken: Vec<_> = (0..32)
        .map(|it| seats.take(&format!("token-{}", it / 4)).unwrap())
        .collect();
    memory.0.borrow_mut().callers = Some(service::KnownCallers::new());
    let unknown = Fate::Answer(gitlab_says(401, "401 Unauthorized"));
    memory.fault("gitlab GET project", 0, 1, unknown);
    let watch = || begin_on(seats, &memory, "w1?watch=true").err().unwrap();
    let problem = watch();
    let told = (problem.status, problem.reason.as_str());
    assert_eq!(told, (401, "UNAUTHENTICATED"));
    for _ in 0..2 {
        let problem = watch();
        let told = (problem.status, problem.reason.as_str());
        assert_eq!(told, (429, "TOO_MANY_REQUESTS"));
    }
    assert_eq!(memory.writes(), [""; 0]);
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
            .flat_map(|_| look(&memory, &mut watch).unwrap())
            .collect();
        let Some(expected) = expected else {
            assert_eq!(told, []);
            labelled(&memory, "w1", &head(&memory));
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
    memory.fault("gitlab GET branches", 0, 1, Fate::Answer(revoked));
    let told = look(&memory, &mut watch).unwrap();
    assert_eq!(told[0].1["reason"], "UNAUTHENTICATED");
    assert_eq!(ended(&told), "error");
}

#[test]
fn what_goes_wrong_before_it_begins_is_an_ordinary_answer() {
    let memory = registered(&[("w1", worker(A))]);
    let refused = |path: &str| {
        let problem = begin(&memory, path).err().unwrap();
        (problem.status, problem.reason.clone())
    };
    assert_eq!(refused("w2?watch=true"), (404, Reason::ClusterNotFound));
    assert_eq!(refused("w1?watch=maybe"), (422, Reason::ValidationFailed));
    for limit in ["0", "-1", "1.5", "301", "soon", ""] {
        let path = format!("w1?watch=true&timeout_seconds={limit}");
        assert_eq!(refused(&path), (422, Reason::ValidationFailed), "{limit}");
    }
    memory.fault(
        "gitlab GET project",
        0,
        1,
        Fate::Answer(gitlab_says(401, "401 Unauthorized")),
    );
    assert_eq!(refused("w1?watch=true"), (401, Reason::Unauthenticated));
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
            .run(watch(
                &memory,
                Box::leak(Box::default()),
                &settings(),
                &head
            ))
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
    let headers = headers();
    assert_eq!(headers["content-type"], "text/event-stream");
    assert!(!headers.contains_key("content-length"));
}
