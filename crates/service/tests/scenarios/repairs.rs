//! Repairs in a repository that others keep changing, each in their own style.

use crate::gitlab_service::Foreign;
use crate::races::{difference, foreign_save, head};
use crate::runtime::{Fate, Memory};
use crate::setting::{
    HOSTS, KUSTOMIZATION, delete, gitlab_says, host, registered, save, try_delete, try_save, worker,
};
use serde_json::Value;
use service::runtime::TransportError;
use std::time::Duration;

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";
const C: &str = "https://c.example.com:6443";

fn in_the_window(memory: &Memory, foreign: Foreign) {
    memory.0.borrow_mut().gitlab.window.push_back(foreign);
}

fn list(memory: &Memory) -> String {
    memory.0.borrow().gitlab.text(KUSTOMIZATION).unwrap()
}

/// Ends the process right behind the commit that overwrites something; then the request is sent again.
fn ended_before_the_repair(
    memory: &Memory,
    foreign: Foreign,
    request: impl Fn() -> Option<(u16, Value)>,
) {
    ended_and_then(memory, foreign, |_| {}, request);
}

/// The same, and something happens before it is sent again.
fn ended_and_then(
    memory: &Memory,
    foreign: Foreign,
    meanwhile: impl Fn(&Memory),
    request: impl Fn() -> Option<(u16, Value)>,
) {
    ended_behind_a_commit(memory, foreign, &request);
    meanwhile(memory);
    memory.forget();
    let (status, body) = request().unwrap();
    assert_eq!(status, 200, "{body}");
    assert_eq!(memory.calls().iter().filter(is_commit).count(), 1);
}

/// Ends the process right behind a commit that overwrites something.
fn ended_behind_a_commit(
    memory: &Memory,
    foreign: Foreign,
    request: impl Fn() -> Option<(u16, Value)>,
) {
    memory.forget();
    in_the_window(memory, foreign);
    for calls in 1.. {
        memory.stop_after(Some(calls));
        assert_eq!(request(), None);
        if memory.calls().iter().any(|call| is_commit(&call)) {
            break;
        }
        memory.forget();
    }
    memory.stop_after(None);
}

fn is_commit(call: &&String) -> bool {
    call.starts_with("gitlab POST commits")
}

/// Others change the list so often that nothing before is among the newest commits.
fn others_commit<const TIMES: usize>(memory: &Memory) {
    for index in 0..TIMES {
        let list = format!("{}- https://example.com/{index}\n", list(memory));
        let change = vec![(KUSTOMIZATION, Some(list))];
        memory.0.borrow_mut().gitlab.foreign(&change);
    }
}

fn has_once(memory: &Memory, entries: &[&str]) {
    let list = list(memory);
    for entry in entries {
        assert_eq!(list.matches(&format!("- {entry}\n")).count(), 1, "{list}");
    }
}

#[test]
fn a_repair_that_was_not_made_is_made_when_the_request_is_sent_again() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    ended_before_the_repair(&memory, foreign, || try_save(&memory, "w3", &worker(C)));
    let all = registered(&[("w1", worker(A)), ("w2", worker(B)), ("w3", worker(C))]);
    assert_eq!(head(&memory), head(&all));

    // Nothing is left to repair, so what somebody takes away now stays away.
    let after = head(&registered(&[("w1", worker(A)), ("w3", worker(C))]));
    let removal = difference(&head(&memory), &after);
    memory.0.borrow_mut().gitlab.before.push_back(removal);
    assert_eq!(save(&memory, "w4", &worker("https://d.example.com")).0, 200);
    assert_eq!(save(&memory, "w3", &worker(C)).1["commit"], Value::Null);
    let list = memory.0.borrow().gitlab.text(KUSTOMIZATION).unwrap();
    assert!(!list.contains("w2"), "{list}");
}

#[test]
fn a_repair_that_was_not_made_is_made_after_many_commits_of_others() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    ended_and_then(&memory, foreign, others_commit::<120>, || {
        try_save(&memory, "w3", &worker(C))
    });
    has_once(
        &memory,
        &["w1.yaml", "w2.yaml", "w3.yaml", "https://example.com/119"],
    );
}

#[test]
fn a_repair_that_was_overtaken_itself_is_made_after_many_commits_of_others() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    ended_behind_a_commit(&memory, foreign, || try_save(&memory, "w3", &worker(C)));
    // What repairs it overwrites something itself, and ends there as well.
    let foreign = foreign_save(&memory, "w4", &worker("https://d.example.com"));
    let request = || try_save(&memory, "w3", &worker(C));
    ended_and_then(&memory, foreign, others_commit::<1_300>, request);
    has_once(
        &memory,
        &[
            "w1.yaml",
            "w2.yaml",
            "w3.yaml",
            "w4.yaml",
            "https://example.com/1299",
        ],
    );
}

#[test]
fn a_repair_that_was_not_made_is_made_by_the_clusters_removal() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    ended_behind_a_commit(&memory, foreign, || try_save(&memory, "w3", &worker(C)));
    assert_eq!(delete(&memory, "w3").0, 200);
    let others = registered(&[("w1", worker(A)), ("w2", worker(B))]);
    assert_eq!(head(&memory), head(&others));
}

#[test]
fn a_repair_of_a_removal_that_was_not_made_is_made_when_it_is_sent_again() {
    let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
    let foreign = foreign_save(&memory, "w3", &worker(C));
    ended_before_the_repair(&memory, foreign, || try_delete(&memory, "w2"));
    let all = registered(&[("w1", worker(A)), ("w3", worker(C))]);
    assert_eq!(head(&memory), head(&all));
    assert_eq!(delete(&memory, "w2").0, 404);
}

#[test]
fn what_a_late_commit_overwrote_is_repaired_where_others_have_undone_a_part_of_it() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    let before = list(&memory);
    let timeout = TransportError::Timeout(Duration::from_secs(15));
    memory.fault("gitlab POST", 0, 1, Fate::Late(timeout));
    in_the_window(&memory, foreign);
    // Between the late commit and the next one somebody puts an older list back.
    let nothing = vec![("README.md", Some("Changed\n".to_owned()))];
    let older = vec![(KUSTOMIZATION, Some(before))];
    memory.0.borrow_mut().gitlab.before.extend([nothing, older]);
    let (status, body) = save(&memory, "w3", &worker(C));
    assert_eq!(status, 200, "{body}");
    let all = registered(&[("w1", worker(A)), ("w2", worker(B)), ("w3", worker(C))]);
    let mut files = head(&memory);
    files.remove("README.md");
    let mut expected = head(&all);
    expected.remove("README.md");
    assert_eq!(files, expected);
}

#[test]
fn what_an_earlier_try_overwrote_is_repaired_where_the_later_one_is_not_confirmed_either() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    let broken = TransportError::Broken("reset".to_owned());
    memory.fault("gitlab POST", 0, 2, Fate::Stuck(broken));
    // The second try is made from what the first one is going to overwrite.
    memory.fault("gitlab GET project", 1, 1, Fate::Beside(foreign));
    let (status, body) = save(&memory, "w3", &worker(C));
    assert_eq!(status, 200, "{body}");
    let all = registered(&[("w1", worker(A)), ("w2", worker(B)), ("w3", worker(C))]);
    assert_eq!(head(&memory), head(&all));
}

#[test]
fn hosts_that_come_at_the_same_time_need_no_repair() {
    let memory = registered(&[("h1", host(A)), ("c2", worker(B))]);
    // The list of clusters stays as it is, and what makes the hosts' Applications is the same for all.
    let foreign = foreign_save(&memory, "h3", &host(C));
    ended_behind_a_commit(&memory, foreign, || try_save(&memory, "c2", &host(B)));
    let all = registered(&[("h1", host(A)), ("c2", host(B)), ("h3", host(C))]);
    assert_eq!(head(&memory), head(&all));
}

/// The process ends behind the commit with this number, from 0.
fn ended_behind_commit(memory: &Memory, number: usize, request: impl Fn() -> Option<(u16, Value)>) {
    for calls in 1.. {
        let before = memory.0.borrow().gitlab.commits.clone();
        let foreign = memory.0.borrow().gitlab.before.clone();
        memory.stop_after(Some(calls));
        assert_eq!(request(), None);
        memory.stop_after(None);
        let made = memory.0.borrow().gitlab.commits.len() - before.len();
        if made == number + 1 + foreign.len() {
            return;
        }
        let mut inner = memory.0.borrow_mut();
        (inner.gitlab.commits, inner.gitlab.before) = (before, foreign);
        drop(inner);
        memory.forget();
    }
}

/// The list was changed by somebody else, so `w3` commits its own files first, and ends there.
fn ended_between_files_and_list() -> Memory {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    memory.0.borrow_mut().gitlab.before.push_back(foreign);
    ended_behind_commit(&memory, 0, || try_save(&memory, "w3", &worker(C)));
    let files = head(&memory);
    assert!(files.contains_key(&domain::resource::path("w3")));
    assert!(!list(&memory).contains("w3"), "{}", list(&memory));
    memory.forget();
    memory
}

#[test]
fn who_ended_between_files_and_list_is_listed_by_the_next_ones_save() {
    let memory = ended_between_files_and_list();
    let next = worker("https://d.example.com:6443");
    assert_eq!(save(&memory, "w4", &next).0, 200);
    let all = registered(&[
        ("w1", worker(A)),
        ("w2", worker(B)),
        ("w3", worker(C)),
        ("w4", next),
    ]);
    assert_eq!(head(&memory), head(&all));
}

#[test]
fn who_ended_behind_its_files_on_top_of_what_was_read_is_listed_by_the_next_ones_save() {
    let start = || {
        let memory = registered(&[("w1", worker(A))]);
        let moved = "9:reference update: reference does not point to expected object";
        let moved = Fate::Answer(gitlab_says(400, moved));
        memory.fault("gitlab POST commits", 0, 1, moved);
        memory
    };
    let undisturbed = start();
    assert_eq!(save(&undisturbed, "w3", &worker(C)).0, 200);
    let calls = undisturbed.calls().into_iter().enumerate();
    let commits = calls.filter(|(_, call)| is_commit(&call));
    let commits: Vec<usize> = commits.map(|(index, _)| index).collect();
    // What was refused, the same files without the list, and the list.
    assert_eq!(commits.len(), 3);
    let memory = start();
    memory.stop_after(Some(commits[1] + 1));
    assert_eq!(try_save(&memory, "w3", &worker(C)), None);
    memory.stop_after(None);
    assert!(head(&memory).contains_key(&domain::resource::path("w3")));
    assert!(!list(&memory).contains("w3"), "{}", list(&memory));
    let next = worker("https://d.example.com:6443");
    assert_eq!(save(&memory, "w4", &next).0, 200);
    let all = registered(&[("w1", worker(A)), ("w3", worker(C)), ("w4", next)]);
    assert_eq!(head(&memory), head(&all));
}

#[test]
fn who_ended_between_files_and_list_is_listed_by_the_same_request() {
    let memory = ended_between_files_and_list();
    assert_eq!(save(&memory, "w3", &worker(C)).0, 200);
    let all = registered(&[("w1", worker(A)), ("w2", worker(B)), ("w3", worker(C))]);
    assert_eq!(head(&memory), head(&all));
}

#[test]
fn who_ended_between_files_and_list_is_listed_by_the_same_request_behind_somebody_elses_commit() {
    let memory = ended_between_files_and_list();
    let edit = format!("{}- https://example.com/a\n", list(&memory));
    let edit = vec![(KUSTOMIZATION, Some(edit))];
    memory.0.borrow_mut().gitlab.foreign(&edit);
    assert_eq!(save(&memory, "w3", &worker(C)).0, 200);
    has_once(
        &memory,
        &["w1.yaml", "w2.yaml", "w3.yaml", "https://example.com/a"],
    );
}

#[test]
fn a_removal_that_ended_between_files_and_list_is_finished_by_the_next_ones_save() {
    let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
    let foreign = foreign_save(&memory, "w3", &worker(C));
    memory.0.borrow_mut().gitlab.before.push_back(foreign);
    ended_behind_commit(&memory, 0, || try_delete(&memory, "w2"));
    assert!(!head(&memory).contains_key(&domain::resource::path("w2")));
    assert!(list(&memory).contains("w2"), "{}", list(&memory));
    let next = worker("https://d.example.com:6443");
    assert_eq!(save(&memory, "w4", &next).0, 200);
    let all = registered(&[("w1", worker(A)), ("w3", worker(C)), ("w4", next)]);
    assert_eq!(head(&memory), head(&all));
    assert_eq!(delete(&memory, "w2").0, 200);
}

#[test]
fn what_a_person_lists_in_the_window_comes_back_and_what_they_take_away_stays_away() {
    let edited = |memory: &Memory| {
        let edit = list(memory).replace("- old/", "- https://example.com/a");
        vec![(KUSTOMIZATION, Some(edit))]
    };
    let start = || {
        let memory = registered(&[("w1", worker(A))]);
        let with = list(&memory).replace("- w1", "- old/\n- w1");
        let with = vec![(KUSTOMIZATION, Some(with))];
        memory.0.borrow_mut().gitlab.foreign(&with);
        in_the_window(&memory, edited(&memory));
        memory
    };
    let expected = "resources:\n- https://example.com/a\n- w1.yaml\n- w2.yaml\n";
    let memory = start();
    assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
    assert!(list(&memory).ends_with(expected), "{}", list(&memory));

    // The process ends before the repair; the same request makes it, or the next one's.
    for (name, server) in [("w2", B), ("w3", C)] {
        let memory = start();
        memory.forget();
        let foreign = memory.0.borrow_mut().gitlab.window.pop_front().unwrap();
        ended_behind_a_commit(&memory, foreign, || try_save(&memory, "w2", &worker(B)));
        assert_eq!(save(&memory, name, &worker(server)).0, 200);
        let list = list(&memory).replace("- w3.yaml\n", "");
        assert!(list.ends_with(expected), "{list}");
    }
}

#[test]
fn of_ten_thousand_clusters_the_folder_is_listed_in_pages_at_once() {
    let memory = registered(&[("w1", worker(A))]);
    // With the fingerprint of its credentials, which `head` leaves out.
    let mut files = memory
        .0
        .borrow()
        .gitlab
        .commits
        .last()
        .unwrap()
        .files
        .clone();
    let mut entries = String::new();
    for index in 0..10_000 {
        let name = format!("c{index:05}");
        files.insert(domain::resource::path(&name), b"kind: Cluster\n".to_vec());
        entries += &format!("- {name}.yaml\n");
    }
    let complete = list(&memory).replace("- w1", &format!("{entries}- w1"));
    let gappy = complete.replace("- c04711.yaml\n", "");
    files.insert(KUSTOMIZATION.to_owned(), gappy.into_bytes());
    memory.0.borrow_mut().gitlab.push("Multiply\n", files);
    assert_eq!(save(&memory, "w1", &worker(A)).0, 200);
    assert!(list(&memory) == complete, "an entry is missing or too much");
    let pages = format!("gitlab GET tree {}", "nautes/overlays/production/clusters");
    let listed = |memory: &Memory| memory.calls().iter().filter(|call| **call == pages).count();
    assert_eq!(listed(&memory), 101);
    // Who commits one goes by the list.
    memory.forget();
    assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
    assert_eq!((listed(&memory), memory.round_trips("gitlab")), (0, 3));
    memory.forget();
    assert_eq!(save(&memory, "w2", &worker(B)).1["commit"], Value::Null);
    // The right to write is proved in the same round trip.
    assert_eq!((listed(&memory), memory.round_trips("gitlab")), (101, 3));
}

#[test]
fn a_host_that_came_in_the_window_and_has_gone_since_does_not_come_back() {
    let memory = registered(&[("h1", host(A))]);
    let foreign = foreign_save(&memory, "h2", &host(B));
    let own = |path: &str| path.contains("h2") || path.contains("api-servers");
    let removal: Foreign = foreign
        .iter()
        .filter(|(path, _)| own(path))
        .map(|(path, _)| (*path, None))
        .collect();
    assert!(removal.len() > 5);
    in_the_window(&memory, foreign);
    memory.fault("gitlab GET project", 1, 1, Fate::Beside(removal));
    let (status, body) = delete(&memory, "h1");
    assert_eq!(status, 200, "{body}");
    assert_eq!(memory.0.borrow().gitlab.text(HOSTS), None);
    assert!(
        list(&memory).ends_with("resources: []\n"),
        "{}",
        list(&memory)
    );
}

#[test]
fn a_list_in_another_style_loses_no_entry() {
    let entries = |entries: &str| -> Vec<Foreign> {
        let names: Vec<&str> = entries.split(' ').collect();
        let lines = |before: &str, after: &str| -> String {
            let lines = names.iter().map(|it| format!("{before}{it}.yaml{after}\n"));
            lines.collect()
        };
        let files = names.iter().map(|it| {
            let path = format!("nautes/overlays/production/clusters/{it}.yaml");
            (&*path.leak(), Some(format!("# {it}\n")))
        });
        let files: Foreign = files.filter(|(path, _)| path.contains("extra")).collect();
        [
            format!("resources:\n{}", lines("- ", "")),
            format!("resources:\n{}", lines("  - ", "")),
            format!("resources:\n{}", lines("    - \"", "\" # by hand")),
            format!("resources: [{}.yaml]\n", names.join(".yaml, ")),
        ]
        .into_iter()
        .map(|list| {
            let mut change = files.clone();
            change.push((KUSTOMIZATION, Some(list)));
            change
        })
        .collect()
    };
    for before in entries("w1 extra1") {
        for foreign in entries("w1 extra1 extra2") {
            let memory = registered(&[("w1", worker(A))]);
            memory.0.borrow_mut().gitlab.foreign(&before);
            in_the_window(&memory, foreign.clone());
            memory.forget();
            assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
            let list = list(&memory);
            assert!(
                list.ends_with("resources:\n- extra1.yaml\n- extra2.yaml\n- w1.yaml\n- w2.yaml\n"),
                "{list}"
            );
            // Not every entry was in doubt because all lines are other ones.
            let looked_at = |call: &&String| call.ends_with("clusters/extra1.yaml");
            assert_eq!(memory.calls().iter().filter(looked_at).count(), 0);
        }
    }
}

#[test]
fn what_other_runtimes_need_stays_among_many_foreign_folders() {
    let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
    let paths = (0..120).map(|index| format!("runtimes/a{index:03}/a.yaml"));
    let foreign: Foreign = paths
        .map(|path| (&*path.leak(), Some("a\n".to_owned())))
        .collect();
    memory.0.borrow_mut().gitlab.foreign(&foreign);
    assert_eq!(delete(&memory, "w1").0, 200);
    let mut files = head(&memory);
    files.retain(|path, _| !path.starts_with("runtimes/a"));
    assert_eq!(files, head(&registered(&[("w2", worker(B))])));
}

#[test]
fn a_repair_of_a_removal_that_was_overtaken_itself_is_made_when_it_is_sent_again() {
    let start = || {
        let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
        in_the_window(&memory, foreign_save(&memory, "w3", &worker(C)));
        // Into the window of the repair: to the list as the removal left it.
        let removed = list(&memory).replace("- w2.yaml\n", "");
        let added = removed.replace("- w1.yaml", "- extra.yaml\n- w1.yaml");
        let file = "nautes/overlays/production/clusters/extra.yaml";
        let extra = Some("# extra\n".to_owned());
        in_the_window(&memory, vec![(KUSTOMIZATION, Some(added)), (file, extra)]);
        memory
    };
    let undisturbed = start();
    assert_eq!(delete(&undisturbed, "w2").0, 200);
    let calls = undisturbed.calls().into_iter().enumerate();
    let commits = calls.filter(|(_, call)| call.starts_with("gitlab POST commits"));
    let commits: Vec<usize> = commits.map(|(index, _)| index).collect();
    assert_eq!(commits.len(), 3);
    let entries = "resources:\n- extra.yaml\n- w1.yaml\n- w3.yaml\n";
    assert!(
        list(&undisturbed).ends_with(entries),
        "{}",
        list(&undisturbed)
    );
    for commit in commits {
        let memory = start();
        memory.stop_after(Some(commit + 1));
        assert_eq!(try_delete(&memory, "w2"), None);
        memory.stop_after(None);
        assert_eq!(delete(&memory, "w2").0, 200);
        assert_eq!(head(&memory), head(&undisturbed));
        assert_eq!(delete(&memory, "w2").0, 404);
    }
}

#[test]
fn what_goes_while_a_repair_brings_it_back_goes_also_when_the_request_is_sent_again() {
    let start = || {
        let memory = registered(&[("w1", worker(A))]);
        let foreign = foreign_save(&memory, "w3", &worker(C));
        let before = head(&memory);
        let own = foreign
            .iter()
            .filter(|(path, _)| !before.contains_key(*path));
        let removal: Foreign = own.map(|(path, _)| (*path, None)).collect();
        in_the_window(&memory, foreign);
        // The list had lost the entry already, so the removal leaves it alone.
        in_the_window(&memory, removal);
        memory
    };
    let expected = head(&registered(&[("w1", worker(A)), ("w2", worker(B))]));
    let undisturbed = start();
    assert_eq!(save(&undisturbed, "w2", &worker(B)).0, 200);
    assert_eq!(head(&undisturbed), expected);
    let calls = undisturbed.calls().into_iter().enumerate();
    let commits = calls.filter(|(_, call)| call.starts_with("gitlab POST commits"));
    let commits: Vec<usize> = commits.map(|(index, _)| index).collect();
    assert_eq!(commits.len(), 3);
    for commit in commits {
        let memory = start();
        memory.stop_after(Some(commit + 1));
        assert_eq!(try_save(&memory, "w2", &worker(B)), None);
        memory.stop_after(None);
        assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
        assert_eq!(head(&memory), expected);
    }
}

#[test]
fn what_an_earlier_requests_late_commit_overwrote_is_repaired_where_the_later_ones_own_is_not_confirmed()
 {
    let broken = || TransportError::Broken("connection reset".to_owned());
    let start = || registered(&[("w1", worker(A))]);
    let undisturbed = start();
    assert_eq!(save(&undisturbed, "w3", &worker(C)).0, 200);
    let mut calls = undisturbed.calls().into_iter();
    let commit = calls.position(|call| call.starts_with("gitlab POST commits"));

    let memory = start();
    in_the_window(&memory, foreign_save(&memory, "w2", &worker(B)));
    // The first request ends; its commit is made when the second one's next arrives.
    memory.fault("gitlab POST", 0, 1, Fate::Late(broken()));
    memory.stop_after(commit.map(|commit| commit + 1));
    assert_eq!(try_save(&memory, "w3", &worker(C)), None);
    memory.stop_after(None);
    memory.fault("gitlab POST", 0, 1, Fate::Lost(broken()));
    let (status, body) = save(&memory, "w3", &worker(C));
    assert_eq!(status, 200, "{body}");
    let all = registered(&[("w1", worker(A)), ("w2", worker(B)), ("w3", worker(C))]);
    assert_eq!(head(&memory), head(&all));
}
