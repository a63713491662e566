//! What Git and its tools leave where a file should be, in the place of every file that any operation reads.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::runtime::Memory;
use crate::setting::{delete, host, read, reason, registered, save, truth, virtual_worker, worker};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

/// A stand-in, and a word of the answer.
const STAND_INS: [(&str, &str); 5] = [
    (
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
        "Git LFS",
    ),
    (
        "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n",
        "merge conflict",
    ),
    ("../staging/w1.yaml", "symbolic link"),
    ("\0GITCRYPT\0\u{1}", "git-crypt"),
    (crate::gitlab_service::SUBMODULE, "submodule"),
];

type Operation = (&'static str, fn(&Memory) -> (u16, Value));

const OPERATIONS: [Operation; 8] = [
    ("a save of a worker", |memory| {
        save(memory, "w1", &changed(A))
    }),
    ("a first save", |memory| save(memory, "w2", &worker(B))),
    ("a save of a host", |memory| {
        save(memory, "h1", &host("https://h1.example.com"))
    }),
    ("a save of a virtual cluster", |memory| {
        save(memory, "v2", &virtual_worker("h1", 31444))
    }),
    ("an install", |memory| {
        save(memory, "w1?sync=true", &Value::Null)
    }),
    ("a proposal", |memory| {
        save(memory, "w1?delivery=merge-request", &changed(A))
    }),
    ("a removal", |memory| delete(memory, "v1")),
    ("a read", |memory| read(memory, "w1")),
];

/// Another domain under the same API server, whose claim is read as well.
fn changed(server: &str) -> Value {
    let mut body = worker(server);
    body["primary_domain"] = "new.example.com".into();
    body
}

fn start() -> Memory {
    registered(&[
        ("h1", host("https://h1.example.com")),
        ("v1", virtual_worker("h1", 31443)),
        ("w1", worker(A)),
    ])
}

/// An install takes the cluster as its resource file has it, and a removal takes its claim along, whatever that holds.
fn is_needed(operation: &str, path: &str) -> bool {
    match operation {
        "an install" => path.ends_with("/w1.yaml"),
        "a removal" => !path.contains("/api-servers/"),
        _ => true,
    }
}

#[test]
fn it_is_named_in_the_place_of_every_file_that_is_read() {
    let mut played = 0;
    for (operation, send) in OPERATIONS {
        let undisturbed = start();
        send(&undisturbed);
        let calls = undisturbed.calls();
        let files = calls
            .iter()
            .filter_map(|call| call.strip_prefix("gitlab GET file "));
        let files: BTreeSet<String> = files
            .map(str::to_owned)
            .filter(|path| start().0.borrow().gitlab.text(path).is_some())
            .collect();
        assert!(!files.is_empty(), "{operation}: {calls:#?}");
        for path in files {
            if !is_needed(operation, &path) {
                continue;
            }
            let path: &'static str = path.leak();
            for (content, words) in STAND_INS {
                let memory = start();
                let foreign = vec![(path, Some(content.to_owned()))];
                memory.0.borrow_mut().gitlab.foreign(&foreign);
                let before = truth(&memory);
                let outcome = send(&memory);
                let case = format!("{operation}, {words} at {path}: {}", outcome.1);
                assert_eq!(reason(&outcome), (409, "UNREADABLE_FILE"), "{case}");
                assert_eq!(outcome.1["path"], path, "{case}");
                assert!(
                    outcome.1["detail"].as_str().unwrap().contains(words),
                    "{case}"
                );
                assert_eq!(truth(&memory), before, "{case}");
                played += 1;
            }
        }
    }
    println!("{played} stand-ins");
    assert!(played > 60, "only {played}");
}
