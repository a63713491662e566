//! The process ends after any call; the same request again leads to the same end.

use serde_json::Value;

use crate::runtime::Memory;
use crate::setting::{host, registered, truth, try_delete, try_save, virtual_worker, worker};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

/// Ends the process after each call in turn, then sends the request again.
fn at_every_call(start: impl Fn() -> Memory, request: impl Fn(&Memory) -> Option<(u16, Value)>) {
    let undisturbed = start();
    let (status, body) = request(&undisturbed).unwrap();
    assert_eq!(status, 200, "{body}");
    let calls = undisturbed.calls();
    assert!(calls.len() > 10);
    let commits = undisturbed.0.borrow().gitlab.commits.len();
    for number in 1..=calls.len() {
        let memory = start();
        memory.stop_after(Some(number));
        assert_eq!(request(&memory), None, "after {}", calls[number - 1]);
        assert_eq!(memory.calls().len(), number);
        memory.stop_after(None);
        // A removal that has nothing left to do finds no cluster.
        let gone = truth(&memory) == truth(&undisturbed);
        let (status, body) = request(&memory).unwrap();
        let fine = status == 200 || (status == 404 && gone);
        assert!(fine, "after {}: {body}", calls[number - 1]);
        assert_eq!(
            truth(&memory),
            truth(&undisturbed),
            "after {}",
            calls[number - 1]
        );
        assert_eq!(
            memory.0.borrow().gitlab.commits.len(),
            commits,
            "after {}",
            calls[number - 1]
        );
    }
}

#[test]
fn of_a_first_save() {
    at_every_call(
        || registered(&[]),
        |memory| try_save(memory, "w1", &worker(A)),
    );
}

#[test]
fn of_a_save_of_a_virtual_cluster() {
    let start = || registered(&[("h1", host(A))]);
    at_every_call(start, |memory| {
        try_save(memory, "v1", &virtual_worker("h1", 31443))
    });
}

#[test]
fn of_a_save_with_a_new_api_server() {
    let start = || registered(&[("w1", worker(A))]);
    at_every_call(start, |memory| try_save(memory, "w1", &worker(B)));
}

#[test]
fn of_a_removal() {
    let start = || registered(&[("h1", host(A)), ("w1", worker(B))]);
    at_every_call(start, |memory| try_delete(memory, "w1"));
}

#[test]
fn of_a_removal_of_a_virtual_cluster() {
    let start = || registered(&[("h1", host(A)), ("v1", virtual_worker("h1", 31443))]);
    at_every_call(start, |memory| try_delete(memory, "v1"));
}

#[test]
fn of_the_last_removal() {
    at_every_call(
        || registered(&[("w1", worker(A))]),
        |memory| try_delete(memory, "w1"),
    );
}

#[test]
fn of_a_removal_where_the_cluster_resource_has_no_crd() {
    let start = || {
        let memory = registered(&[("h1", host(A))]);
        memory.0.borrow_mut().kubernetes.missing.insert("clusters");
        assert_eq!(
            try_save(&memory, "v1", &virtual_worker("h1", 31443))
                .unwrap()
                .0,
            200
        );
        memory.forget();
        memory
    };
    at_every_call(start, |memory| try_delete(memory, "v1"));
}
