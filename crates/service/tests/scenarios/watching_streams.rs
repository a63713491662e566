//! Where a watch has its news from: a watch of the management cluster that goes on from the last event, and where there
//! can be none, a look every now and then.

use std::time::Duration;

use serde_json::json;

use crate::gitlab_service::answer;
use crate::history::{head, labelled, synced};
use crate::runtime::{Fate, Memory, NOW, Script};
use crate::setting::{delete, read, registered, text, worker};
use crate::watching::{Watch, ended, installing, look, next, watched};

const A: &str = "https://a.example.com:6443";

fn change(memory: &Memory, key: &str, pointer: &str, member: &str, value: &str) {
    let mut inner = memory.0.borrow_mut();
    let object = inner.kubernetes.objects.get_mut(key).unwrap();
    object.pointer_mut(pointer).unwrap()[member] = value.into();
}

fn humantime(seconds: u64) -> String {
    let time = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
    humantime::format_rfc3339_seconds(time).to_string()
}

#[test]
fn while_the_branch_stays_only_the_branch_and_the_credentials_are_asked_for() {
    let memory = installing();
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    memory.forget();
    assert_eq!(look(&memory, &mut watch).unwrap(), []);
    assert_eq!(look(&memory, &mut watch).unwrap(), []);
    let secret = memory.calls_of("kubernetes GET secrets/")[0].clone();
    let look = ["gitlab GET branches/main", &secret];
    let mut expected = vec!["kubernetes WATCH applications"];
    expected.extend([look, look].concat());
    assert_eq!(memory.calls(), expected);
}

/// The figure of docs/performance.md.
#[test]
fn a_quiet_cluster_takes_a_list_a_watch_and_two_calls_each_15_seconds() {
    let memory = installing();
    memory.forget();
    let mut watch = watched(&memory, "w1?watch=true");
    let mut told = Vec::new();
    while let Some(events) = next(&memory, &mut watch) {
        told.extend(events);
    }
    assert_eq!(ended(&told), "time_limit");
    assert_eq!(told.len(), 2);
    assert_eq!(
        memory.0.borrow().slept.iter().sum::<Duration>(),
        Duration::from_mins(5)
    );
    let count = |call: &str| memory.calls_of(call).len();
    assert_eq!(
        [
            count("kubernetes GET applications"),
            count("kubernetes WATCH applications"),
            count("gitlab GET branches"),
            count("kubernetes GET secrets/")
        ],
        // The list, the Application by which an old install would show, and the root Application.
        [3, 1, 20, 20]
    );
    // What a read takes, the watch, and nineteen looks after the first.
    assert_eq!(memory.calls().len(), 6 + 5 + 1 + 2 * 19);
}

#[test]
fn what_changes_in_one_moment_is_one_event_and_only_a_new_status_is_told() {
    let memory = installing();
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    // Argo CD writes when it has looked.
    change(
        &memory,
        "applications/w1-runtime",
        "/status",
        "reconciledAt",
        "now",
    );
    assert_eq!(next(&memory, &mut watch).unwrap(), []);
    assert_eq!(memory.0.borrow().slept, [Duration::from_secs(5)]);
    for name in ["w1-runtime", "w1-runtime-app"] {
        let key = format!("applications/{name}");
        change(&memory, &key, "/status/health", "status", "Progressing");
    }
    memory
        .0
        .borrow_mut()
        .kubernetes
        .objects
        .remove("applications/w1-runtime-initial");
    let events = next(&memory, &mut watch).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].1, read(&memory, "w1").1["status"]);
    let waiting = events[0].1["components"].as_array().unwrap();
    let healths: Vec<&str> = waiting
        .iter()
        .map(|it| it["health"].as_str().unwrap())
        .collect();
    assert_eq!(healths.iter().filter(|it| **it == "Progressing").count(), 2);
    assert_eq!(healths.iter().filter(|it| **it == "Missing").count(), 1);
}

#[test]
fn what_lasts_two_minutes_has_failed_though_nothing_changes() {
    let memory = installing();
    let since = humantime(NOW - 60);
    let health = json!({"status": "Degraded", "lastTransitionTime": since});
    for name in ["w1-runtime", "w1-runtime-app"] {
        let key = format!("applications/{name}");
        memory
            .0
            .borrow_mut()
            .kubernetes
            .objects
            .get_mut(&key)
            .unwrap()["status"]["health"] = health.clone();
    }
    let mut watch = watched(&memory, "w1?watch=true");
    assert_eq!(
        next(&memory, &mut watch).unwrap()[0].1["status"]["phase"],
        "Installing"
    );
    let mut looks = 0;
    let last = loop {
        let events = look(&memory, &mut watch).unwrap();
        looks += 1;
        if !events.is_empty() {
            break events;
        }
    };
    assert_eq!(last[0].1["phase"], "Degraded");
    assert_eq!(ended(&last), "failed");
    assert_eq!(looks, 4);
}

fn is_polled(memory: &Memory, watch: &mut Watch) {
    memory.0.borrow_mut().slept.clear();
    assert_eq!(next(memory, watch).unwrap(), []);
    assert_eq!(next(memory, watch).unwrap(), []);
    let slept = memory.0.borrow().slept.clone();
    assert!(
        slept.iter().all(|it| *it <= Duration::from_secs(5)),
        "{slept:?}"
    );
    labelled(memory, "w1", &head(memory));
    assert_eq!(ended(&next(memory, watch).unwrap()), "ready");
}

#[test]
fn without_the_right_to_watch_it_looks() {
    let memory = installing();
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    let refused = answer(
        403,
        &json!({"kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403,
            "message": "applications.argoproj.io is forbidden: User \"u\" cannot watch resource \"applications\""}),
    );
    memory.fault("kubernetes WATCH applications", 0, 9, Fate::Answer(refused));
    is_polled(&memory, &mut watch);
    assert_eq!(memory.calls_of("kubernetes WATCH").len(), 1);
    let log = memory.0.borrow().log.join("\n");
    assert!(
        log.contains("kubernetes.watch") && log.contains("verbs: [\\\"watch\\\"]"),
        "{log}"
    );
}

#[test]
fn an_install_that_is_older_than_the_label_is_looked_at() {
    let memory = registered(&[("w1", worker(A))]);
    synced(&memory, "w1", "before");
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    assert_eq!(next(&memory, &mut watch).unwrap(), []);
    synced(&memory, "w1", &head(&memory));
    assert_eq!(ended(&next(&memory, &mut watch).unwrap()), "ready");
    assert_eq!(memory.calls_of("kubernetes WATCH"), [""; 0]);

    // Also where its first Application comes while it is watched already.
    let memory = registered(&[("w1", worker(A))]);
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    synced(&memory, "w1", &head(&memory));
    assert_eq!(ended(&look(&memory, &mut watch).unwrap()), "ready");
}

#[test]
fn a_cluster_that_is_removed_is_looked_at_until_nothing_is_left() {
    let memory = registered(&[("w1", worker(A))]);
    labelled(&memory, "w1", &head(&memory));
    let (status, _) = delete(&memory, "w1");
    assert_eq!(status, 200);
    let mut watch = watched(&memory, "w1?watch=true");
    let first = next(&memory, &mut watch).unwrap();
    assert_eq!(first[0].1["status"]["phase"], "Removing");
    memory.forget();
    for _ in 0..3 {
        assert_eq!(next(&memory, &mut watch).unwrap(), []);
    }
    memory
        .0
        .borrow_mut()
        .kubernetes
        .objects
        .remove("applications/w1-runtime-initial");
    let event = next(&memory, &mut watch).unwrap();
    assert_eq!(event[0].1["phase"], "Removing");
    let is_left = |key: &String| !key.contains("/w1") && !key.contains("/cluster-");
    memory
        .0
        .borrow_mut()
        .kubernetes
        .objects
        .retain(|key, _| is_left(key));
    assert_eq!(ended(&next(&memory, &mut watch).unwrap()), "removed");
    assert_eq!(memory.calls_of("kubernetes WATCH"), [""; 0]);
}

fn expired() -> service::runtime::Response {
    let status = json!({"kind": "Status", "status": "Failure", "reason": "Expired", "code": 410, "message": "too old"});
    answer(410, &status)
}

fn lists(memory: &Memory) -> usize {
    let calls = memory.calls_of("kubernetes GET applications");
    calls.iter().filter(|call| !call.contains('/')).count()
}

#[test]
fn a_version_that_is_too_old_is_listed_anew() {
    let error = String::from_utf8(expired().into_body()).unwrap();
    let line = format!("{{\"type\":\"ERROR\",\"object\":{error}}}\n");
    let by_event = |memory: &Memory| {
        let piece = Script::Piece(line.clone().into_bytes());
        memory.0.borrow_mut().script.push_back(piece);
    };
    let by_status = |memory: &Memory| {
        memory.fault("kubernetes WATCH", 0, 1, Fate::Answer(expired()));
    };
    for prepare in [&by_event as &dyn Fn(&Memory), &by_status] {
        let memory = installing();
        let mut watch = watched(&memory, "w1?watch=true");
        next(&memory, &mut watch);
        memory.forget();
        prepare(&memory);
        assert_eq!(next(&memory, &mut watch).unwrap(), []);
        assert_eq!(memory.0.borrow().slept, [Duration::from_secs(1)]);
        assert_eq!(lists(&memory), 1);
        assert_eq!(next(&memory, &mut watch).unwrap(), []);
        assert_eq!(memory.calls_of("kubernetes WATCH").len(), 2);
        labelled(&memory, "w1", &head(&memory));
        assert_eq!(ended(&next(&memory, &mut watch).unwrap()), "ready");
    }
}

#[test]
fn a_watch_that_ends_goes_on_from_the_last_event() {
    for end in [Script::End, Script::Break] {
        let memory = installing();
        let mut watch = watched(&memory, "w1?watch=true");
        next(&memory, &mut watch);
        memory.forget();
        // A bookmark in two pieces, of a version that somebody else's list has made.
        read(&memory, "w1");
        memory.forget();
        let version = memory.0.borrow().kubernetes.listed();
        let bookmark = json!({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": version.to_string()}}});
        let line = format!("{bookmark}\n").into_bytes();
        let (first, second) = line.split_at(30);
        let pieces = [first, second].map(|piece| Script::Piece(piece.to_vec()));
        memory
            .0
            .borrow_mut()
            .script
            .extend(pieces.into_iter().chain([end]));
        assert_eq!(next(&memory, &mut watch).unwrap(), []);
        labelled(&memory, "w1", &head(&memory));
        assert_eq!(ended(&next(&memory, &mut watch).unwrap()), "ready");
        assert_eq!(lists(&memory), 0);
        let from = memory.0.borrow().kubernetes.watched_from.clone();
        assert_eq!(from.len(), 2);
        assert_eq!(from[1], version);
    }
}

#[test]
fn a_watch_that_ends_without_a_word_is_listed_anew() {
    let memory = installing();
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    memory.forget();
    let ends = (0..4).map(|_| Script::End);
    memory.0.borrow_mut().script.extend(ends);
    for _ in 0..4 {
        assert_eq!(next(&memory, &mut watch).unwrap(), []);
    }
    assert_eq!(lists(&memory), 4);
    // Not in a hurry.
    let slept = memory.0.borrow().slept.clone();
    assert_eq!(
        slept,
        [1_000, 1_500, 2_250, 3_375].map(Duration::from_millis)
    );
}

#[test]
fn a_line_that_is_too_long_is_never_held() {
    let memory = installing();
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    memory.forget();
    let pieces = (0..65).map(|_| Script::Piece(vec![b'x'; 16 * 1024]));
    memory.0.borrow_mut().script.extend(pieces);
    is_polled(&memory, &mut watch);
    assert_eq!(memory.calls_of("kubernetes WATCH").len(), 1);
}

#[test]
fn whoever_leaves_ends_the_watch_of_the_management_cluster() {
    let memory = installing();
    let running = || std::rc::Rc::strong_count(&memory.0.borrow().watches) - 1;
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    next(&memory, &mut watch);
    assert_eq!(running(), 1);
    drop(watch);
    assert_eq!(running(), 0);
}

#[test]
fn a_management_cluster_that_is_away_for_a_while_is_a_phase() {
    let memory = registered(&[("w1", worker(A))]);
    let mut watch = watched(&memory, "w1?watch=true");
    next(&memory, &mut watch);
    memory.0.borrow_mut().script.push_back(Script::Break);
    let away = || Fate::Answer(text(503, "<html>"));
    // The list, the Application by which an old install would show, and the root Application, three times each.
    memory.fault("kubernetes GET applications", 0, 9, away());
    let events = next(&memory, &mut watch).unwrap();
    assert_eq!(events[0].1["phase"], "Unknown");
    memory.fault("kubernetes WATCH applications", 0, 1, away());
    let events = next(&memory, &mut watch).unwrap();
    assert_eq!(events[0].1["phase"], "Registered");
    assert_eq!(next(&memory, &mut watch).unwrap(), []);
    labelled(&memory, "w1", &head(&memory));
    assert_eq!(ended(&next(&memory, &mut watch).unwrap()), "ready");
    assert_eq!(memory.calls_of("kubernetes WATCH").len(), 3);
}
