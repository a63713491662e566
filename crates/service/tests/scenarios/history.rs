//! Which commits a status accepts.

use serde_json::{Value, json};

use crate::runtime::{Fate, Memory};
use crate::setting::{gitlab_says, host, read, registered, save, virtual_worker, worker};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

/// What an Application of a worker is called behind its name.
const APPLICATIONS: [&str; 5] = [
    "-runtime",
    "-runtime-argocd",
    "-runtime-initial",
    "-runtime-app",
    "",
];

/// The same with the label by which the Applications of a cluster are found.
pub fn labelled(memory: &Memory, cluster: &str, revision: &str) {
    for rest in APPLICATIONS {
        let name = format!("{cluster}{rest}");
        let mut application = application(&name, revision);
        application["metadata"]["labels"] = json!({"cluster.nautes.io/name": cluster});
        let mut inner = memory.0.borrow_mut();
        let key = format!("applications/{name}");
        inner.kubernetes.put(&key, application);
    }
}

/// In order, as of a commit.
pub fn application(name: &str, revision: &str) -> Value {
    let source = json!({"repoURL": "https://gitlab.example.com/group/tenant.git", "path": "x"});
    json!({"metadata": {"name": name, "uid": format!("uid of {name}")}, "spec": {"source": source},
        "status": {"sync": {"status": "Synced", "revision": revision}, "health": {"status": "Healthy"}}})
}

/// Argo CD has everything of a worker in order, as of a commit. Its Applications are older than the label.
pub fn synced(memory: &Memory, name: &str, revision: &str) {
    for rest in APPLICATIONS {
        let name = format!("{name}{rest}");
        let application = application(&name, revision);
        let mut inner = memory.0.borrow_mut();
        inner
            .kubernetes
            .put(&format!("applications/{name}"), application);
    }
}

pub fn head(memory: &Memory) -> String {
    memory.0.borrow().gitlab.commits.last().unwrap().id.clone()
}

#[test]
fn a_cluster_stays_ready_when_another_one_is_registered() {
    let memory = registered(&[("h1", host(A)), ("v1", virtual_worker("h1", 31443))]);
    synced(&memory, "v1", &head(&memory));
    assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
    assert_eq!(read(&memory, "v1").1["status"]["phase"], "Ready");
}

#[test]
fn a_cluster_is_installing_until_its_own_last_change_was_seen() {
    let memory = registered(&[("w1", worker(A))]);
    synced(&memory, "w1", &head(&memory));
    memory.0.borrow_mut().gitlab.foreign(&vec![(
        "runtimes/w1-runtime/new.yaml",
        Some("a: b\n".into()),
    )]);
    assert_eq!(read(&memory, "w1").1["status"]["phase"], "Installing");
    synced(&memory, "w1", &head(&memory));
    assert_eq!(read(&memory, "w1").1["status"]["phase"], "Ready");
}

#[test]
fn without_history_the_head_alone_counts() {
    let memory = registered(&[("w1", worker(A))]);
    synced(&memory, "w1", &head(&memory));
    memory.fault(
        "gitlab GET commits",
        0,
        99,
        Fate::Answer(gitlab_says(403, "no")),
    );
    assert_eq!(read(&memory, "w1").1["status"]["phase"], "Ready");
    assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
    assert_eq!(read(&memory, "w1").1["status"]["phase"], "Installing");
}

#[test]
fn a_status_takes_two_round_trips() {
    let memory = registered(&[("w1", worker(A))]);
    assert_eq!(read(&memory, "w1").0, 200);
    assert_eq!(memory.round_trips(""), 2);
    assert_eq!(memory.writes(), [""; 0]);
}
