//! Other writers, before, in between and after.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use service::runtime::TransportError;

use crate::gitlab_service::Files;
use crate::runtime::{Fate, Memory};
use crate::setting::{
    HOSTS, KUSTOMIZATION, delete, gitlab_says, host, reason, registered, save, text,
    virtual_worker, worker,
};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";
const C: &str = "https://c.example.com:6443";

/// What a foreign save of a cluster changes.
pub fn foreign_save(of: &Memory, name: &str, body: &Value) -> Vec<(&'static str, Option<String>)> {
    let copy = Memory::default();
    copy.0.borrow_mut().gitlab.commits = of.0.borrow().gitlab.commits.clone();
    let before = copy.0.borrow().gitlab.head();
    assert_eq!(save(&copy, name, body).0, 200);
    difference(&before, &copy.0.borrow().gitlab.head())
}

/// The changes that lead from one state of the files to another.
pub fn difference(before: &Files, after: &Files) -> Vec<(&'static str, Option<String>)> {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = paths
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path));
    changed
        .map(|path| {
            let content = after
                .get(path)
                .map(|it| String::from_utf8(it.clone()).unwrap());
            (&*path.clone().leak(), content)
        })
        .collect()
}

pub fn head(memory: &Memory) -> Files {
    memory.0.borrow().gitlab.head()
}

#[test]
fn who_loses_a_race_for_the_list_commits_its_own_files_and_then_the_list() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    memory.0.borrow_mut().gitlab.before.push_back(foreign);
    let (status, body) = save(&memory, "w3", &worker(C));
    assert_eq!(status, 200, "{body}");
    let all = registered(&[("w1", worker(A)), ("w2", worker(B)), ("w3", worker(C))]);
    assert_eq!(head(&memory), head(&all));
    assert_eq!(commit_calls(&memory), 3);
    // What was refused, its own files, and the list with the other's entry as well.
    let inner = memory.0.borrow();
    let [.., before, files, list] = &inner.gitlab.commits[..] else {
        panic!("three commits");
    };
    let changed = |from: &Files, to: &Files| -> Vec<&str> {
        let changes = difference(from, to).into_iter();
        changes.map(|(path, _)| path).collect()
    };
    assert!(!changed(&before.files, &files.files).contains(&KUSTOMIZATION));
    assert_eq!(changed(&files.files, &list.files), [KUSTOMIZATION]);
}

#[test]
fn who_has_overwritten_something_brings_it_back_although_somebody_else_has_brought_the_list() {
    let memory = registered(&[("w1", worker(A))]);
    let list = |clusters: &[(&str, Value)], entry: &str| {
        let list = registered(clusters).0.borrow().gitlab.text(KUSTOMIZATION);
        let list = list.unwrap();
        vec![(KUSTOMIZATION, Some(format!("{list}- {entry}\n")))]
    };
    let two = [("w1", worker(A)), ("w2", worker(B))];
    let three = [("w1", worker(A)), ("w2", worker(B)), ("w3", worker(C))];
    // The list is refused, its own files go first, the list overwrites a person's edit, and is refused when it brings that back.
    let foreign = foreign_save(&memory, "w2", &worker(B));
    memory.fault("gitlab POST commits", 0, 1, Fate::Beside(foreign));
    let window = [Vec::new(), list(&two, "https://example.com/a")];
    memory.0.borrow_mut().gitlab.window.extend(window);
    let brought = list(&three, "https://example.com/b");
    memory.fault("gitlab POST commits", 2, 1, Fate::Beside(brought));
    let (status, body) = save(&memory, "w3", &worker(C));
    assert_eq!(status, 200, "{body}");
    assert_eq!(commit_calls(&memory), 5);
    let list = memory.0.borrow().gitlab.text(KUSTOMIZATION).unwrap();
    let entries = "resources:\n- https://example.com/a\n- https://example.com/b\n- w1.yaml\n- w2.yaml\n- w3.yaml\n";
    assert!(list.ends_with(entries), "{list}");
}

fn commit_calls(memory: &Memory) -> usize {
    let calls = memory.writes().into_iter();
    calls.filter(|call| call.contains("POST commits")).count()
}

#[test]
fn a_cluster_that_has_to_do_with_others_is_decided_anew_where_the_list_has_changed() {
    let memory = registered(&[("h1", host(A))]);
    let removal = {
        let without = head(&registered(&[]));
        difference(&head(&memory), &without)
    };
    memory.0.borrow_mut().gitlab.before.push_back(removal);
    let outcome = save(&memory, "v1", &virtual_worker("h1", 31443));
    assert_eq!(outcome.0, 422, "{}", outcome.1);
    assert_eq!(commit_calls(&memory), 1);
    assert!(!head(&memory).contains_key(&domain::resource::path("v1")));
}

#[test]
fn the_last_worker_leaves_what_a_new_one_needs_where_its_own_files_go_first() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    memory.0.borrow_mut().gitlab.before.push_back(foreign);
    assert_eq!(delete(&memory, "w1").0, 200);
    let all = head(&registered(&[("w2", worker(B))]));
    assert_eq!(head(&memory), all);
    // Not for a moment: Argo CD would uninstall everything.
    let inner = memory.0.borrow();
    let sets = |files: &Files| files.contains_key("tenant/production/runtime-appset.yaml");
    let last = inner.gitlab.commits.iter().rev().take(3);
    assert!(last.into_iter().all(|commit| sets(&commit.files)));
}

#[test]
fn a_foreign_commit_in_the_window_that_touched_other_files_needs_no_repair() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = vec![("README.md", Some("Changed\n".to_owned()))];
    memory.0.borrow_mut().gitlab.window.push_back(foreign);
    let (status, body) = save(&memory, "w2", &worker(B));
    assert_eq!(status, 200);
    let mut all = head(&registered(&[("w1", worker(A)), ("w2", worker(B))]));
    all.insert("README.md".into(), b"Changed\n".to_vec());
    assert_eq!(head(&memory), all);
    let inner = memory.0.borrow();
    assert_eq!(
        body["commit"]["id"],
        inner.gitlab.commits.last().unwrap().id
    );
    assert_eq!(
        inner
            .calls
            .iter()
            .filter(|call| call.contains("POST"))
            .count(),
        1
    );
}

#[test]
fn an_entry_that_was_overwritten_in_the_window_is_repaired() {
    let cases = [
        (
            vec![("w1", worker(A))],
            ("w2", worker(B)),
            ("w3", worker(C)),
        ),
        (vec![("h1", host(A))], ("h2", host(B)), ("h3", host(C))),
        (
            vec![("h1", host(A))],
            ("v1", virtual_worker("h1", 31443)),
            ("v2", virtual_worker("h1", 31444)),
        ),
    ];
    for (before, first, second) in cases {
        let memory = registered(&before);
        let foreign = foreign_save(&memory, first.0, &first.1);
        memory.0.borrow_mut().gitlab.window.push_back(foreign);
        let (status, body) = save(&memory, second.0, &second.1);
        assert_eq!(status, 200, "{body}");
        let all: Vec<_> = before.into_iter().chain([first, second]).collect();
        assert_eq!(head(&memory), head(&registered(&all)));
    }
}

#[test]
fn a_repair_that_is_overtaken_as_well_is_repaired() {
    let memory = registered(&[("w1", worker(A))]);
    let first = foreign_save(&memory, "w2", &worker(B));
    memory.0.borrow_mut().gitlab.window.push_back(first);
    let second = KUSTOMIZATION;
    // Into the window of the repair: somebody adds an entry to the list as the first commit left it.
    let list = memory.0.borrow().gitlab.text(second).unwrap();
    let list = list.replace("- w1.yaml", "- foreign.yaml\n- w1.yaml\n- w3.yaml");
    memory.0.borrow_mut().gitlab.window.push_back(vec![
        (second, Some(list)),
        (
            "nautes/overlays/production/clusters/foreign.yaml",
            Some("kind: Cluster\n".to_owned()),
        ),
    ]);
    let (status, body) = save(&memory, "w3", &worker(C));
    assert_eq!(status, 200, "{body}");
    let list = memory.0.borrow().gitlab.text(second).unwrap();
    for entry in ["foreign", "w1", "w2", "w3"] {
        assert_eq!(
            list.matches(&format!("- {entry}.yaml\n")).count(),
            1,
            "{list}"
        );
    }
}

#[test]
fn a_removal_does_not_take_an_entry_along_that_came_in_the_window() {
    let memory = registered(&[("h1", host(A))]);
    let foreign = foreign_save(&memory, "h2", &host(B));
    memory.0.borrow_mut().gitlab.window.push_back(foreign);
    let (status, body) = delete(&memory, "h1");
    assert_eq!(status, 200, "{body}");
    assert_eq!(head(&memory), head(&registered(&[("h2", host(B))])));
    assert!(memory.0.borrow().gitlab.text(HOSTS).is_some());
}

#[test]
fn the_last_worker_does_not_take_along_what_a_new_one_needs() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    memory.0.borrow_mut().gitlab.window.push_back(foreign);
    assert_eq!(delete(&memory, "w1").0, 200);
    assert_eq!(head(&memory), head(&registered(&[("w2", worker(B))])));
    // The other cluster needs what the tenant has once.
    assert!(
        memory
            .0
            .borrow()
            .kubernetes
            .objects
            .contains_key("appprojects/tenant1")
    );
}

#[test]
fn an_entry_that_was_removed_in_the_window_does_not_come_back() {
    let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
    let before = head(&memory);
    let after = head(&registered(&[("w1", worker(A))]));
    let foreign = difference(&before, &after);
    memory.0.borrow_mut().gitlab.window.push_back(foreign);
    assert_eq!(save(&memory, "w3", &worker(C)).0, 200);
    assert_eq!(
        head(&memory),
        head(&registered(&[("w1", worker(A)), ("w3", worker(C))]))
    );
}

#[test]
fn foreign_commits_without_end_are_reported_with_the_commit() {
    let memory = registered(&[("w1", worker(A))]);
    for index in 0..20 {
        let entry = format!("resources:\n- https://example.com/f{index}\n");
        memory
            .0
            .borrow_mut()
            .gitlab
            .window
            .push_back(vec![(KUSTOMIZATION, Some(entry))]);
    }
    let outcome = save(&memory, "w2", &worker(B));
    assert_eq!(reason(&outcome), (409, "CONCURRENT_CHANGE"));
    assert!(outcome.1["commit"]["id"].is_string());
}

#[test]
fn a_commit_without_answer_is_found_by_its_trailer_and_not_repeated() {
    let fates = [
        Fate::Outcome(TransportError::Timeout(Duration::from_secs(15))),
        Fate::Outcome(TransportError::Broken("reset".into())),
        Fate::Answered(text(502, "<html>")),
        Fate::Answered(gitlab_says(400, "4:Deadline Exceeded")),
        Fate::Answered(text(201, "{\"id\":")),
    ];
    for fate in fates {
        let memory = registered(&[]);
        memory.fault("gitlab POST", 0, 1, fate);
        let (status, body) = save(&memory, "w1", &worker(A));
        assert_eq!(status, 200, "{body}");
        let inner = memory.0.borrow();
        assert_eq!(inner.gitlab.commits.len(), 2);
        assert_eq!(body["commit"]["id"], inner.gitlab.commits[1].id);
        let files = inner.gitlab.commits[1].files.len() - 1;
        assert_eq!(body["commit"]["files_changed"], files);
        assert_eq!(
            inner
                .calls
                .iter()
                .filter(|call| call.contains("POST"))
                .count(),
            1
        );
    }
}

#[test]
fn a_commit_that_was_not_made_is_repeated_after_looking_for_it() {
    let memory = registered(&[]);
    let lost = Fate::Lost(TransportError::Broken("reset".into()));
    memory.fault("gitlab POST", 0, 1, lost);
    let (status, body) = save(&memory, "w1", &worker(A));
    assert_eq!(status, 200, "{body}");
    assert_eq!(memory.0.borrow().gitlab.commits.len(), 2);
    let calls = memory.calls();
    let gitlab = calls
        .iter()
        .filter(|call| ["gitlab POST commits", "gitlab GET commits"].contains(&call.as_str()));
    let order: Vec<&String> = gitlab.collect();
    assert_eq!(
        order,
        [
            "gitlab POST commits",
            "gitlab GET commits",
            "gitlab POST commits"
        ]
    );
}

#[test]
fn a_commit_found_that_overwrote_a_foreign_one_is_repaired() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    memory.0.borrow_mut().gitlab.window.push_back(foreign);
    memory.fault("gitlab POST", 0, 1, Fate::Answered(text(504, "")));
    assert_eq!(save(&memory, "w3", &worker(C)).0, 200);
    let all = registered(&[("w1", worker(A)), ("w2", worker(B)), ("w3", worker(C))]);
    assert_eq!(head(&memory), head(&all));
}

#[test]
fn a_branch_that_was_rewritten_while_it_was_read_is_read_again() {
    let memory = registered(&[("w1", worker(A))]);
    let gone = Fate::Answer(gitlab_says(404, "404 Commit Not Found"));
    memory.fault("gitlab GET file nautes", 0, 1, gone);
    assert_eq!(save(&memory, "w1", &worker(A)).0, 200);
}

#[test]
fn a_commit_that_arrives_after_it_was_looked_for_is_not_doubled_and_is_told_of() {
    let memory = registered(&[("w1", worker(A))]);
    let timeout = TransportError::Timeout(Duration::from_secs(15));
    memory.fault("gitlab POST", 0, 1, Fate::Late(timeout));
    let before = memory.0.borrow().gitlab.commits.len();
    let (status, body) = save(&memory, "w2", &worker(B));
    assert_eq!(status, 200, "{body}");
    let inner = memory.0.borrow();
    assert_eq!(inner.gitlab.commits.len(), before + 1);
    assert_eq!(body["commit"]["id"], inner.gitlab.commits[before].id);
}

/// The bits by which the newest commits are told apart, oldest first.
fn attempts(memory: &Memory, number: usize) -> Vec<String> {
    let inner = memory.0.borrow();
    let newest = inner.gitlab.commits.iter().rev().take(number).rev();
    let attempt = |message: &str| {
        let mut lines = message.lines();
        lines.find_map(|line| Some(line.strip_prefix("Attempt: ")?.to_owned()))
    };
    newest.filter_map(|it| attempt(&it.message)).collect()
}

#[test]
fn every_commit_that_is_sent_has_bits_of_its_own() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    memory.0.borrow_mut().gitlab.before.push_back(foreign);
    assert_eq!(save(&memory, "w3", &worker(C)).0, 200);
    let [files, list] = &attempts(&memory, 2)[..] else {
        panic!("two commits of one request");
    };
    assert_ne!(files, list);
}

/// Whoever reads the branch knows what the first commit of a request said, while the request goes on.
#[test]
fn a_copy_of_a_requests_first_commit_does_not_pass_for_its_second() {
    let memory = registered(&[("w1", worker(A))]);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    memory.0.borrow_mut().gitlab.before.push_back(foreign);
    let broken = Fate::Lost(TransportError::Broken("reset".into()));
    // What was refused, its own files, and then the list: not made, and not answered.
    memory.fault("gitlab POST commits", 2, 1, broken);
    let copy = vec![("README.md", Some("Copied\n".to_owned()))];
    memory.fault("gitlab GET commits", 0, 1, Fate::Beside(copy));
    memory.0.borrow_mut().gitlab.foreign_copies = true;
    let (status, body) = save(&memory, "w3", &worker(C));
    assert_eq!(status, 200, "{body}");
    let list = memory.0.borrow().gitlab.text(KUSTOMIZATION).unwrap();
    assert!(list.contains("- w3.yaml\n"), "{list}");
}

#[test]
fn what_others_made_of_the_cluster_after_a_late_commit_is_not_undone() {
    let memory = registered(&[("w1", worker(A))]);
    let timeout = TransportError::Timeout(Duration::from_secs(15));
    memory.fault("gitlab POST commits", 0, 1, Fate::Late(timeout));
    // The second try has the late commit arrive, and is refused; then somebody removes the cluster.
    let removed = {
        let both = registered(&[("w1", worker(A)), ("w2", worker(B))]);
        difference(&head(&both), &head(&memory))
    };
    memory.fault("gitlab GET project", 2, 1, Fate::Beside(removed));
    let before = head(&memory);
    let objects = memory.0.borrow().kubernetes.objects.clone();
    let outcome = save(&memory, "w2", &worker(B));
    assert_eq!(
        reason(&outcome),
        (409, "CONCURRENT_CHANGE"),
        "{}",
        outcome.1
    );
    let commits = memory.0.borrow().gitlab.commits.clone();
    let ours = &commits[commits.len() - 2];
    assert_eq!(outcome.1["commit"]["id"], ours.id);
    assert_eq!(head(&memory), before);
    assert_eq!(memory.0.borrow().kubernetes.objects, objects);
}

#[test]
fn a_request_id_that_was_used_before_finds_no_former_commit() {
    let memory = registered(&[]);
    let save = |name: &str, server: &str| {
        let mut request = crate::setting::request("POST", name, &worker(server));
        request
            .headers_mut()
            .insert("x-request-id", "same".parse().unwrap());
        let settings = crate::setting::settings();
        let saved = service::save(&memory, &crate::native::Native, &settings, &request);
        let response = memory.run(saved).unwrap().unwrap();
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        usize::try_from(body["commit"]["files_changed"].as_u64().unwrap()).unwrap()
    };
    save("w1", A);
    let lost = Fate::Lost(TransportError::Broken("reset".into()));
    memory.fault("gitlab POST", 0, 1, lost);
    let files_changed = save("w2", B);
    let inner = memory.0.borrow();
    assert_eq!(inner.gitlab.commits.len(), 3);
    let [_, before, after] = &inner.gitlab.commits[..] else {
        panic!("three commits");
    };
    assert_eq!(files_changed, difference(&before.files, &after.files).len());
    let list = memory.0.borrow().gitlab.text(KUSTOMIZATION).unwrap();
    assert!(list.contains("w1.yaml") && list.contains("w2.yaml"));
}

#[test]
fn a_list_that_was_empty_is_repaired_as_well() {
    let memory = registered(&[("w1", worker(A))]);
    assert_eq!(delete(&memory, "w1").0, 200);
    let foreign = foreign_save(&memory, "w2", &worker(B));
    memory.0.borrow_mut().gitlab.window.push_back(foreign);
    assert_eq!(save(&memory, "w3", &worker(C)).0, 200);
    let list = memory.0.borrow().gitlab.text(KUSTOMIZATION).unwrap();
    assert!(
        list.ends_with("resources:\n- w2.yaml\n- w3.yaml\n"),
        "{list}"
    );
}
