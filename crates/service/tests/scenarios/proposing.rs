//! Changes by merge request: what is sent, and what becomes of the branch.

use serde_json::{Value, json};

use crate::runtime::{Memory, PROOF};
use crate::setting::{delete, reason, registered, save, truth, worker};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";
const C: &str = "https://c.example.com:6443";
pub const BRANCH: &str = "nautes/register-w1";
const FILE: &str = "nautes/overlays/production/clusters/w1.yaml";

/// `POST …/{name}?delivery=merge-request`
pub fn propose(memory: &Memory, name: &str, body: &Value) -> Value {
    let (status, answer) = save(memory, &format!("{name}?delivery=merge-request"), body);
    assert_eq!(status, 200, "{answer}");
    answer
}

pub fn commits(memory: &Memory, branch: &str) -> usize {
    memory.0.borrow().gitlab.lineage(branch).map_or(0, Vec::len)
}

pub fn url(iid: usize) -> String {
    format!("https://gitlab.example.com/group/tenant/-/merge_requests/{iid}")
}

#[test]
fn a_first_proposal_sends_these_calls_in_this_order_and_installs_nothing() {
    let memory = registered(&[]);
    let answer = propose(&memory, "w1", &worker(A));
    assert_eq!(
        memory.calls(),
        [
            "gitlab GET project group%2Ftenant",
            "gitlab GET branches/main",
            "gitlab GET file nautes/overlays/production/clusters/w1.yaml",
            "gitlab GET branches/nautes/register-w1",
            "gitlab GET merge_requests",
            "gitlab GET file nautes/overlays/production/api-servers/cluster-a.example.com-3769251235.yaml",
            "gitlab GET file nautes/overlays/production/clusters/kustomization.yaml",
            "gitlab GET tree host-clusters",
            "gitlab GET tree host-clusters/w1",
            "gitlab GET tree runtimes",
            "gitlab GET tree runtimes/w1-runtime",
            "gitlab GET tree tenant/production",
            "kubernetes GET secrets",
            "kubernetes GET clusters/w1",
            "kubernetes GET jobs/w1-kubeconfig",
            "kubernetes GET applications",
            "kubernetes GET applications/w1",
            "kubernetes GET applications/w1-runtime",
            "kubernetes GET secrets/cluster-a.example.com-3769251235",
            "kubernetes GET secrets",
            "gitlab POST commits",
            "gitlab POST merge_requests",
        ]
    );
    assert_eq!(memory.round_trips("gitlab"), 4);
    let inner = memory.0.borrow();
    assert_eq!(inner.gitlab.commits.len(), 1);
    assert!(inner.kubernetes.objects.is_empty());
    let commit = inner.gitlab.branches[BRANCH].last().unwrap();
    assert_eq!(
        inner.gitlab.tip(BRANCH),
        registered(&[("w1", worker(A))]).0.borrow().gitlab.head()
    );
    let message =
        "Proposed w1 cluster in merge request !1: nothing is installed before it is merged";
    assert_eq!(answer["message"], message);
    assert_eq!(answer["commit"]["id"], commit.id);
    assert_eq!(
        answer["merge_request"],
        json!({"iid": 1, "web_url": url(1), "state": "opened", "source_branch": BRANCH,
            "target_branch": "main"})
    );
    assert_eq!(answer["installs"], json!([]));
    let trailers = commit.message.rsplit("\n\n").next().unwrap();
    for trailer in [
        "Request-Id: ",
        "Cluster: w1",
        "Operation: SaveCluster",
        "Tool-Version: ",
    ] {
        assert!(trailers.contains(trailer), "{}", commit.message);
    }
    let merge_request = &inner.gitlab.merge_requests[0];
    assert_eq!(
        merge_request.title,
        "Register physical deployment cluster w1"
    );
    assert!(!merge_request.description.contains("canary"));
    let files = commit.files.len() - 1;
    let difference = format!("Files against `main`: {files} created, 0 changed, 0 deleted.");
    assert!(
        merge_request.description.contains(&difference),
        "{merge_request:?}"
    );
}

#[test]
fn the_same_proposal_again_changes_nothing() {
    let memory = registered(&[]);
    propose(&memory, "w1", &worker(A));
    memory.forget();
    let answer = propose(&memory, "w1", &worker(A));
    assert_eq!(answer["commit"], Value::Null);
    assert_eq!(answer["merge_request"]["iid"], 1);
    assert_eq!(memory.writes(), [""; 0]);
    assert_eq!(memory.round_trips("gitlab"), 3);
}

#[test]
fn another_proposal_goes_on_top_and_keeps_the_merge_request() {
    let memory = registered(&[]);
    propose(&memory, "w1", &worker(A));
    memory.forget();
    let mut body = worker(A);
    body["primary_domain"] = "example.org".into();
    body["teoken_host"] = "@all\n/merge".into();
    let answer = propose(&memory, "w1", &body);
    assert_eq!(answer["merge_request"]["iid"], 1);
    assert_eq!(
        memory.writes(),
        ["gitlab POST commits", "gitlab PUT merge_requests/1"]
    );
    assert_eq!(memory.round_trips("gitlab"), 5);
    assert_eq!(commits(&memory, BRANCH), 3);
    let inner = memory.0.borrow();
    assert_eq!(
        inner.gitlab.tip(BRANCH),
        registered(&[("w1", body)]).0.borrow().gitlab.head()
    );
    let description = &inner.gitlab.merge_requests[0].description;
    assert!(description.contains("```text\n"), "{description}");
    assert!(!description.contains("\n/merge"), "{description}");
}

#[test]
fn a_branch_that_the_target_has_left_behind_begins_anew() {
    let memory = registered(&[]);
    propose(&memory, "w1", &worker(A));
    assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
    memory.forget();
    let answer = propose(&memory, "w1", &worker(A));
    assert_eq!(answer["merge_request"]["iid"], 1);
    assert_eq!(
        memory.writes(),
        ["gitlab POST commits", "gitlab PUT merge_requests/1"]
    );
    assert_eq!(memory.round_trips("gitlab"), 5);
    assert_eq!(commits(&memory, BRANCH), 3);
    let inner = memory.0.borrow();
    let both = registered(&[("w2", worker(B)), ("w1", worker(A))]);
    assert_eq!(inner.gitlab.tip(BRANCH), both.0.borrow().gitlab.head());
    let looks = |call: &&String| call.as_str() == "gitlab GET branches/nautes/register-w1";
    assert_eq!(inner.calls.iter().filter(looks).count(), 2);
}

#[test]
fn commits_of_others_are_kept_wherever_the_target_is() {
    for target_moves in [false, true] {
        let memory = registered(&[]);
        propose(&memory, "w1", &worker(A));
        let foreign = vec![("README.md", Some("Mended\n".to_owned()))];
        memory.0.borrow_mut().gitlab.foreign_on(BRANCH, &foreign);
        if target_moves {
            assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
        }
        memory.forget();
        let answer = propose(&memory, "w1", &worker(C));
        assert!(answer["warnings"].to_string().contains("commits of others"));
        assert_eq!(commits(&memory, BRANCH), 4);
        let inner = memory.0.borrow();
        let tip = inner.gitlab.tip(BRANCH);
        assert_eq!(tip["README.md"], b"Mended\n");
        let file = String::from_utf8(tip[FILE].clone()).unwrap();
        assert!(file.contains("c.example.com"));
    }
}

#[test]
fn a_merged_proposal_is_installed_by_the_next_save() {
    let memory = registered(&[]);
    propose(&memory, "w1", &worker(A));
    memory.0.borrow_mut().gitlab.merge(1);
    memory.forget();
    let answer = propose(&memory, "w1", &worker(A));
    assert_eq!(answer["message"], "Successfully saved w1 cluster");
    assert_eq!(answer["commit"], Value::Null);
    assert_eq!(answer["merge_request"]["state"], "merged");
    assert!(
        memory
            .writes()
            .iter()
            .all(|call| call.starts_with("kubernetes"))
    );
    assert_eq!(truth(&memory), truth(&registered(&[("w1", worker(A))])));
}

#[test]
fn a_proposal_that_the_target_has_overtaken_is_told_of() {
    let memory = registered(&[("w1", worker(A))]);
    propose(&memory, "w1", &worker(B));
    memory.forget();
    let answer = propose(&memory, "w1", &worker(A));
    assert_eq!(answer["message"], "Successfully saved w1 cluster");
    assert!(answer["warnings"].to_string().contains(&url(1)), "{answer}");
    assert!(memory.calls_of("gitlab POST").iter().all(|it| it == PROOF));
}

#[test]
fn after_a_merge_request_was_closed_there_is_a_new_one() {
    let memory = registered(&[]);
    propose(&memory, "w1", &worker(A));
    memory.0.borrow_mut().gitlab.merge_requests[0].state = "closed";
    memory.forget();
    let answer = propose(&memory, "w1", &worker(A));
    assert_eq!(answer["merge_request"]["iid"], 2);
    assert_eq!(answer["commit"], Value::Null);
    assert_eq!(memory.writes(), ["gitlab POST merge_requests"]);
}

#[test]
fn a_merge_request_from_a_fork_is_none_of_ours() {
    let memory = registered(&[]);
    propose(&memory, "w1", &worker(A));
    memory.0.borrow_mut().gitlab.merge_requests[0].project = 43;
    memory.forget();
    assert_eq!(
        propose(&memory, "w1", &worker(A))["merge_request"]["iid"],
        2
    );
}

#[test]
fn a_dry_run_of_a_proposal_writes_nothing_and_shows_the_whole_difference() {
    let memory = registered(&[]);
    let path = "w1?delivery=merge-request&dry_run=true";
    for _ in 0..2 {
        memory.forget();
        let (status, body) = save(&memory, path, &worker(A));
        assert_eq!(status, 200);
        assert_eq!(
            body["message"],
            "Would propose w1 cluster: nothing was written"
        );
        assert!(
            body["diff"].as_str().unwrap().contains("+- w1.yaml"),
            "{body}"
        );
        assert_eq!(memory.writes(), [""; 0]);
        propose(&memory, "w1", &worker(A));
    }
}

#[test]
fn a_removal_is_proposed_merged_and_carried_out() {
    let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
    let objects = truth(&memory).1;
    let path = "w1?delivery=merge-request";
    let (status, body) = delete(&memory, &format!("{path}&dry_run=true"));
    assert_eq!((status, memory.writes()), (200, vec![]), "{body}");
    for _ in 0..2 {
        let (status, body) = delete(&memory, path);
        assert_eq!(status, 200, "{body}");
        let message = "Proposed the removal of w1 cluster in merge request !1: nothing is uninstalled before it \
                       is merged";
        assert_eq!(body["message"], message);
        assert_eq!(body["merge_request"]["source_branch"], "nautes/remove-w1");
        assert_eq!(body["installs"], json!([]));
        assert_eq!(truth(&memory).1, objects);
    }
    assert_eq!(commits(&memory, "nautes/remove-w1"), 4);
    let message = memory.0.borrow().gitlab.branches["nautes/remove-w1"][3]
        .message
        .clone();
    assert!(
        message.contains("\nOperation: DeleteCluster\n"),
        "{message}"
    );
    memory.0.borrow_mut().gitlab.merge(1);
    let (status, body) = delete(&memory, path);
    assert_eq!((status, &body["uninstalling"]), (200, &json!([])), "{body}");
    assert_eq!(truth(&memory), truth(&registered(&[("w2", worker(B))])));
    assert_eq!(reason(&delete(&memory, path)), (404, "CLUSTER_NOT_FOUND"));
}

#[test]
fn an_unknown_delivery_is_refused() {
    let memory = registered(&[("w1", worker(A))]);
    for outcome in [
        save(&memory, "w1?delivery=mr", &worker(A)),
        delete(&memory, "w1?delivery=mr"),
    ] {
        assert_eq!(reason(&outcome), (422, "VALIDATION_FAILED"));
        let violation = &outcome.1["violations"][0];
        assert_eq!(violation["field"], "?delivery");
        assert!(
            violation["hint"]
                .as_str()
                .unwrap()
                .contains("delivery=commit")
        );
    }
    assert_eq!(memory.calls(), [""; 0]);
}

#[test]
fn an_empty_repository_has_nothing_to_merge_into() {
    let memory = Memory::default();
    let outcome = save(&memory, "w1?delivery=merge-request", &worker(A));
    assert_eq!(reason(&outcome), (422, "VALIDATION_FAILED"));
    assert_eq!(outcome.1["violations"][0]["field"], "?delivery");
    assert_eq!(memory.writes(), [""; 0]);
}

#[test]
fn a_name_that_no_cluster_can_have_becomes_no_branch() {
    let memory = registered(&[]);
    let outcome = save(&memory, "..%2Fa?delivery=merge-request", &worker(A));
    assert_eq!(reason(&outcome), (422, "VALIDATION_FAILED"));
    let asked = memory
        .calls()
        .iter()
        .any(|call| call.contains("nautes/register"));
    assert!(!asked, "{:?}", memory.calls());
    assert_eq!(memory.writes(), [""; 0]);
}

#[test]
fn the_number_of_calls_of_a_proposal_does_not_grow_with_the_number_of_clusters() {
    let memory = registered(&[]);
    let mut numbers = Vec::new();
    for index in 0..12 {
        let server = format!("https://c{index}.example.com");
        memory.forget();
        propose(&memory, &format!("w{index}"), &worker(&server));
        numbers.push(memory.calls().len());
        memory.0.borrow_mut().gitlab.merge(index + 1);
        memory.forget();
        propose(&memory, &format!("w{index}"), &worker(&server));
        assert_eq!(memory.calls_of("gitlab").len(), 13);
    }
    // Eight of them look at the management cluster.
    assert_eq!(numbers, [22; 12]);
}
