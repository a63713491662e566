//! Every call that a request sends to the management cluster, met by every way in which an API server
//! refuses: what the caller is told, that nothing is written where nothing may be, and that the same request
//! finishes the work.

mod refusal;

use serde_json::{Value, json};

use crate::runtime::Memory;
use crate::setting::{
    host, read, registered, truth, try_delete, try_save, virtual_worker, without_kubeconfig, worker,
};
use refusal::REFUSALS;
use refusal::Refusal::{self, *};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

/// One call of an undisturbed run.
struct Call {
    /// `kubernetes PATCH secrets/a`.
    text: String,
    /// Calls before it with the same text.
    skip: usize,
    merges: bool,
    after_commit: bool,
}

impl Call {
    fn all(memory: &Memory) -> Vec<Self> {
        // A dry run proves the right to write and commits nothing.
        let is_dry = memory.writes().is_empty();
        let inner = memory.0.borrow();
        let numbered = inner.calls.iter().enumerate();
        let kubernetes = numbered.filter(|(_, text)| text.starts_with("kubernetes "));
        kubernetes
            .map(|(number, text)| {
                let before = &inner.calls[..number];
                Self {
                    text: text.clone(),
                    skip: before.iter().filter(|it| it.starts_with(text)).count(),
                    merges: inner.merges[number],
                    after_commit: !is_dry && before.iter().any(|it| it.starts_with("gitlab POST")),
                }
            })
            .collect()
    }

    fn method(&self) -> &str {
        self.text.split(' ').nth(1).unwrap()
    }

    fn plural(&self) -> &str {
        let object = self.text.split(' ').nth(2).unwrap();
        object.split('/').next().unwrap()
    }

    fn is_list(&self) -> bool {
        !self.text.contains('/')
    }

    /// As the detail names it.
    fn verb(&self) -> &str {
        match self.method() {
            "GET" if self.is_list() => "list",
            "GET" => "read",
            "PATCH" if self.merges => "patch",
            "PATCH" => "apply",
            _ => "delete",
        }
    }

    /// Whether the request goes on regardless: what is to go or to be looked at may be gone, a kind
    /// without definition has no objects, and what an operator has taken over stays theirs.
    fn goes_on(&self, refusal: Refusal) -> bool {
        let optional = [
            "applications",
            "environments",
            "deploymentruntimes",
            "projectpipelineruntimes",
        ];
        match self.verb() {
            "list" => refusal == KindMissing && optional.contains(&self.plural()),
            "patch" => refusal.is_missing(),
            // What has taken its name is another's.
            "delete" => refusal.is_missing() || refusal == Changed,
            "apply" => match self.plural() {
                "appprojects" | "applications" => refusal == FieldConflict,
                "clusters" => refusal == KindMissing,
                _ => false,
            },
            _ => false,
        }
    }
}

type Start = fn() -> Memory;
type Send = fn(&Memory) -> Option<(u16, Value)>;

/// Runs the request undisturbed, then once for each of its calls and each refusal.
fn meet_every_refusal(start: Start, send: Send) {
    let undisturbed = start();
    assert_eq!(send(&undisturbed).unwrap().0, 200);
    let calls = Call::all(&undisturbed);
    assert!(calls.len() > 5);
    for call in &calls {
        for refusal in REFUSALS {
            // Whether an object is there decides what happens next: other tests.
            if call.verb() != "read" || !refusal.is_missing() {
                meet(call, refusal, start(), send, &undisturbed);
            }
        }
    }
}

fn meet(call: &Call, refusal: Refusal, memory: Memory, send: Send, undisturbed: &Memory) {
    let case = format!("{} ({}) {refusal:?}", call.text, call.skip);
    let before = truth(&memory);
    // Where it goes on, later calls of the same text pass.
    let times = if call.goes_on(refusal) { 1 } else { usize::MAX };
    memory.fault(&call.text, call.skip, times, refusal.fate());
    let (status, body) = send(&memory).unwrap();
    if call.goes_on(refusal) {
        assert_eq!(status, 200, "{case}: {body}");
        return;
    }
    let reason = match (call.after_commit, refusal) {
        (true, _) => "INSTALL_TRIGGER_FAILED",
        (false, Hang) => "KUBERNETES_TIMEOUT",
        (false, _) => "KUBERNETES_UNAVAILABLE",
    };
    assert_eq!(body["reason"], reason, "{case}: {body}");
    assert_eq!(
        status,
        if matches!(refusal, Hang) { 504 } else { 502 },
        "{case}"
    );
    let detail = body["detail"].as_str().unwrap();
    for words in refusal.words(call.plural()) {
        assert!(detail.contains(&words), "{case}: no {words:?} in {detail}");
    }
    // What was not there is created by the same call.
    let words = [call.verb(), "create"].map(|verb| format!("could not {verb} "));
    let words = &words[..if call.verb() == "apply" { 2 } else { 1 }];
    let is_named = words.iter().any(|words| detail.contains(words));
    assert!(is_named, "{case}: {detail}");
    if let Some((_, name)) = call.text.split_once('/') {
        assert!(detail.contains(&format!("/{name}")), "{case}: {detail}");
    }
    if call.after_commit {
        assert!(body["commit"]["id"].is_string(), "{case}: {body}");
        let way_out = match refusal {
            Invalid => "; change that in the request and save again",
            Unauthorized | Forbidden | NotFound | KindMissing | FieldConflict
            | UnsupportedMediaType => {
                "; when that is mended, send the same request again to finish the work"
            }
            _ => "; send the same request again to finish the work",
        };
        assert!(detail.ends_with(way_out), "{case}: {detail}");
    } else {
        assert!(detail.contains("nothing was written"), "{case}: {detail}");
        assert_eq!(truth(&memory), before, "{case}");
    }
    memory.forget();
    let (status, body) = send(&memory).unwrap();
    let gone = status == 404 && truth(&memory) == truth(undisturbed);
    assert!(status == 200 || gone, "{case}: {body}");
    assert_eq!(truth(&memory), truth(undisturbed), "{case}");
}

#[test]
fn a_first_save() {
    meet_every_refusal(
        || registered(&[]),
        |memory| try_save(memory, "w1", &worker(A)),
    );
}

#[test]
fn a_save_that_keeps_the_credentials() {
    meet_every_refusal(
        || registered(&[("w1", worker(A))]),
        |memory| {
            let mut body = without_kubeconfig(worker(A));
            body["primary_domain"] = json!("new.example.com");
            try_save(memory, "w1", &body)
        },
    );
}

#[test]
fn a_save_with_a_new_api_server() {
    meet_every_refusal(
        || registered(&[("w1", worker(A))]),
        |memory| try_save(memory, "w1", &worker(B)),
    );
}

#[test]
fn a_save_of_a_virtual_cluster() {
    meet_every_refusal(
        || registered(&[("h1", host(A))]),
        |memory| try_save(memory, "v1", &virtual_worker("h1", 31443)),
    );
}

#[test]
fn a_removal() {
    let start = || {
        let memory = registered(&[("h1", host(A)), ("w1", worker(B))]);
        let application = json!({"metadata": {"name": "w1-runtime", "uid": "1"}});
        let mut inner = memory.0.borrow_mut();
        inner.kubernetes.put("applications/w1-runtime", application);
        drop(inner);
        memory
    };
    meet_every_refusal(start, |memory| try_delete(memory, "w1"));
}

#[test]
fn the_last_removal() {
    let start = || {
        let memory = registered(&[("h1", host(A))]);
        let id = "tenant1-management:argoproj.io/ApplicationSet:argocd/host-cluster-appset";
        let annotations = json!({"argocd.argoproj.io/tracking-id": id});
        let set = json!({"metadata": {"name": "host-cluster-appset", "uid": "1", "annotations": annotations}});
        let key = "applicationsets/host-cluster-appset";
        memory.0.borrow_mut().kubernetes.put(key, set);
        memory
    };
    meet_every_refusal(start, |memory| try_delete(memory, "h1"));
}

#[test]
fn a_removal_of_a_virtual_cluster() {
    meet_every_refusal(
        || registered(&[("h1", host(A)), ("v1", virtual_worker("h1", 31443))]),
        |memory| try_delete(memory, "v1"),
    );
}

#[test]
fn a_dry_run() {
    let rows: [(Start, Send); 2] = [
        (
            || registered(&[("w1", worker(A))]),
            |memory| try_save(memory, "w1?dry_run=true", &worker(B)),
        ),
        (
            || registered(&[("h1", host(A)), ("w1", worker(B))]),
            |memory| try_delete(memory, "w1?dry_run=true"),
        ),
    ];
    for (start, send) in rows {
        meet_every_refusal(start, send);
    }
}

#[test]
fn a_read_tells_of_it_in_the_status() {
    for call in ["kubernetes GET applications", "kubernetes GET secrets/"] {
        for refusal in REFUSALS {
            let lists = !call.contains('/');
            let tolerated = if lists {
                refusal == KindMissing
            } else {
                refusal.is_missing()
            };
            let memory = registered(&[("w1", worker(A))]);
            memory.fault(call, 0, usize::MAX, refusal.fate());
            let (status, body) = read(&memory, "w1");
            assert_eq!(status, 200);
            assert_eq!(body["name"], "w1");
            assert_eq!(memory.writes(), [""; 0]);
            let status = &body["status"];
            if tolerated {
                assert_eq!(status["phase"], "Registered", "{call} {refusal:?}: {body}");
                continue;
            }
            assert_eq!(status["phase"], "Unknown", "{call} {refusal:?}: {body}");
            // Names and grants are for the log: a reader of the project may be anybody.
            let message = status["message"].as_str().unwrap();
            assert!(message.starts_with("the management cluster "), "{message}");
            assert!(message.contains("the log says"), "{message}");
            let object = if lists { "applications" } else { "secrets" };
            let log = memory.0.borrow().log.join("\n").replace("\\\"", "\"");
            for words in refusal
                .words(object)
                .iter()
                .chain([&domain::api_server::secret_name(A)])
            {
                assert!(!message.contains(words), "{message}");
            }
            for words in refusal.words(object) {
                assert!(log.contains(&words), "no {words:?} in {log}");
            }
        }
    }
}
