//! Other writers on a proposal's branch, and the end of the process at every call.

use serde_json::Value;

use crate::gitlab_service::Files;
use crate::proposing::propose;
use crate::runtime::{Fate, Memory};
use crate::setting::{KUSTOMIZATION, gitlab_says, registered, save, try_delete, try_save, worker};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";
const BRANCH: &str = "nautes/register-w1";
const WAY: &str = "w1?delivery=merge-request";

fn other(body: &Value) -> Value {
    let mut body = body.clone();
    body["primary_domain"] = "example.org".into();
    body
}

fn tip(memory: &Memory) -> Files {
    memory.0.borrow().gitlab.tip(BRANCH)
}

fn readme(text: &str) -> Vec<(&'static str, Option<String>)> {
    vec![("README.md", Some(text.to_owned()))]
}

#[test]
fn a_branch_that_somebody_else_makes_in_the_same_moment_is_kept() {
    let memory = registered(&[]);
    memory
        .0
        .borrow_mut()
        .gitlab
        .before
        .push_back(readme("Theirs\n"));
    let answer = propose(&memory, "w1", &worker(A));
    assert!(answer["warnings"].to_string().contains("commits of others"));
    assert_eq!(tip(&memory)["README.md"], b"Theirs\n");
    assert!(tip(&memory).contains_key("nautes/overlays/production/clusters/w1.yaml"));
    assert_eq!(
        memory.writes(),
        [
            "gitlab POST commits",
            "gitlab POST commits",
            "gitlab POST merge_requests"
        ]
    );
}

#[test]
fn two_proposals_of_one_cluster_at_once_end_in_one_branch_and_one_merge_request() {
    let memory = registered(&[]);
    let (settings, native) = (crate::setting::settings(), crate::native::Native);
    let requests =
        [worker(A), other(&worker(A))].map(|body| crate::setting::request("POST", WAY, &body));
    let saves = requests
        .iter()
        .map(|request| service::save(&memory, &native, &settings, request));
    let answers = memory.run(futures::future::join_all(saves)).unwrap();
    for answer in answers {
        let body: Value = serde_json::from_slice(answer.unwrap().body()).unwrap();
        assert_eq!(body["merge_request"]["iid"], 1, "{body}");
        assert!(body["commit"]["id"].is_string(), "{body}");
    }
    let inner = memory.0.borrow();
    assert_eq!(inner.gitlab.branches[BRANCH].len(), 3);
    assert_eq!(inner.gitlab.merge_requests.len(), 1);
    assert_eq!(inner.gitlab.commits.len(), 1);
}

#[test]
fn an_entry_that_was_overwritten_in_the_window_is_repaired_on_the_branch_too() {
    let memory = registered(&[]);
    propose(&memory, "w1", &worker(A));
    let list = String::from_utf8(tip(&memory)[KUSTOMIZATION].clone()).unwrap();
    // The second proposal removes nothing from the list, but it has to write it: another entry is gone.
    let without = list
        .replace("- w1.yaml\n", "")
        .replace("resources:\n", "resources: []\n");
    memory
        .0
        .borrow_mut()
        .gitlab
        .foreign_on(BRANCH, &vec![(KUSTOMIZATION, Some(without))]);
    let theirs = list.replace("- w1.yaml\n", "- theirs.yaml\n");
    memory.0.borrow_mut().gitlab.window.push_back(vec![
        (KUSTOMIZATION, Some(theirs)),
        (
            "nautes/overlays/production/clusters/theirs.yaml",
            Some("kind: Cluster\n".to_owned()),
        ),
    ]);
    propose(&memory, "w1", &other(&worker(A)));
    let list = String::from_utf8(tip(&memory)[KUSTOMIZATION].clone()).unwrap();
    for entry in ["- theirs.yaml\n", "- w1.yaml\n"] {
        assert_eq!(list.matches(entry).count(), 1, "{list}");
    }
}

#[test]
fn a_commit_that_arrives_before_a_branch_begins_anew_is_seen() {
    let memory = registered(&[]);
    propose(&memory, "w1", &worker(A));
    assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
    memory.forget();
    let beside = Fate::BesideOn(BRANCH, readme("Theirs\n"));
    memory.fault("gitlab GET compare", 0, 1, beside);
    // GitLab compares what was asked for: the tip as it was read.
    let answer = propose(&memory, "w1", &other(&worker(A)));
    assert!(
        answer["warnings"].to_string().contains("commits of others"),
        "{answer}"
    );
    assert_eq!(tip(&memory)["README.md"], b"Theirs\n");
    assert_eq!(memory.calls_of("gitlab POST"), ["gitlab POST commits"]);
}

#[test]
fn a_branch_that_went_with_its_merge_request_is_made_again() {
    let memory = registered(&[]);
    propose(&memory, "w1", &worker(A));
    memory.forget();
    let gone = Fate::Gone(BRANCH);
    memory.fault("gitlab POST commits", 0, 1, gone);
    memory.0.borrow_mut().gitlab.merge_requests[0].state = "closed";
    let answer = propose(&memory, "w1", &other(&worker(A)));
    assert_eq!(answer["merge_request"]["iid"], 2, "{answer}");
    let all = registered(&[("w1", other(&worker(A)))]);
    assert_eq!(tip(&memory), all.0.borrow().gitlab.head());
    assert_eq!(memory.0.borrow().gitlab.branches[BRANCH].len(), 2);
}

#[test]
fn a_branch_that_begins_anew_without_answer_is_not_mistaken_for_what_it_was() {
    let id = |memory: &Memory, body: &Value| -> Value {
        let mut request = crate::setting::request("POST", WAY, body);
        let same = "same".parse().unwrap();
        request.headers_mut().insert("x-request-id", same);
        let settings = crate::setting::settings();
        let saved = service::save(memory, &crate::native::Native, &settings, &request);
        serde_json::from_slice(memory.run(saved).unwrap().unwrap().body()).unwrap()
    };
    let memory = registered(&[]);
    id(&memory, &worker(A));
    assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
    memory.forget();
    let says = gitlab_says(400, "14:unavailable");
    memory.fault("gitlab POST commits", 0, 1, Fate::Answer(says));
    let answer = id(&memory, &other(&worker(A)));
    let inner = memory.0.borrow();
    let [_, base, own] = &inner.gitlab.branches[BRANCH][..] else {
        panic!("three commits");
    };
    assert_eq!(answer["commit"]["id"], own.id);
    let paths = base.files.keys().chain(own.files.keys());
    let paths: std::collections::BTreeSet<&String> = paths.collect();
    let changed = paths
        .iter()
        .filter(|path| base.files.get(**path) != own.files.get(**path));
    assert_eq!(answer["commit"]["files_changed"], changed.count());
}

/// Ends the process after each call in turn, then sends the request again.
fn at_every_call(
    branch: &str,
    start: impl Fn() -> Memory,
    request: impl Fn(&Memory) -> Option<(u16, Value)>,
) {
    let undisturbed = start();
    assert_eq!(request(&undisturbed).unwrap().0, 200);
    let calls = undisturbed.calls();
    for number in 1..=calls.len() {
        let memory = start();
        let objects = memory.0.borrow().kubernetes.objects.clone();
        memory.stop_after(Some(number));
        assert_eq!(request(&memory), None, "after {}", calls[number - 1]);
        memory.stop_after(None);
        let (status, body) = request(&memory).unwrap();
        assert_eq!(status, 200, "after {}: {body}", calls[number - 1]);
        let (inner, other) = (memory.0.borrow(), undisturbed.0.borrow());
        assert_eq!(inner.gitlab.tip(branch), other.gitlab.tip(branch));
        let length = |gitlab: &crate::gitlab_service::GitLab| gitlab.branches[branch].len();
        assert_eq!(
            length(&inner.gitlab),
            length(&other.gitlab),
            "after {}",
            calls[number - 1]
        );
        assert_eq!(inner.gitlab.merge_requests.len(), 1);
        assert_eq!(inner.gitlab.head(), other.gitlab.head());
        assert_eq!(inner.kubernetes.objects, objects);
    }
}

#[test]
fn the_end_of_a_first_proposal() {
    let start = || registered(&[]);
    at_every_call(BRANCH, start, |memory| try_save(memory, WAY, &worker(A)));
}

#[test]
fn the_end_of_a_further_proposal() {
    let start = || {
        let memory = registered(&[]);
        propose(&memory, "w1", &worker(A));
        memory.forget();
        memory
    };
    let body = other(&worker(A));
    at_every_call(BRANCH, start, |memory| try_save(memory, WAY, &body));
}

#[test]
fn the_end_of_a_proposal_that_begins_anew() {
    let start = || {
        let memory = registered(&[]);
        propose(&memory, "w1", &worker(A));
        assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
        memory.forget();
        memory
    };
    let body = other(&worker(A));
    at_every_call(BRANCH, start, |memory| try_save(memory, WAY, &body));
}

#[test]
fn the_end_of_a_removal_that_is_proposed() {
    let start = || registered(&[("w1", worker(A)), ("w2", worker(B))]);
    at_every_call("nautes/remove-w1", start, |memory| try_delete(memory, WAY));
}
