//! What is installed, replaced or removed is what somebody approved who may write: credentials included.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::names;
use serde_json::{Value, json};
use service::runtime::TransportError;
use service::settings::Settings;

use crate::runtime::{Fate, Memory, PROOF};
use crate::setting::{
    delete, gitlab_says, host, kubeconfig, memory, reason, registered, save, settings_with,
    try_delete_with, try_save_with, virtual_worker, without_kubeconfig, worker,
};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";
const FILE: &str = "nautes/overlays/production/clusters/w1.yaml";

/// A worker with another token.
fn rotated(token: &str) -> Value {
    let mut body = worker(A);
    body["kubeconfig"] = kubeconfig(token).into();
    body
}

/// The fingerprint that the branch has.
fn approved(memory: &Memory) -> Option<String> {
    let file = memory.0.borrow().gitlab.text(FILE).unwrap();
    let prefix = format!("{}: ", names::CREDENTIALS);
    let mut lines = file.lines().map(str::trim);
    lines.find_map(|line| Some(line.strip_prefix(&prefix)?.to_owned()))
}

/// The fingerprint that the management cluster's Secret has, and its credentials.
fn stored(memory: &Memory) -> (String, Value) {
    let key = format!("secrets/{}", domain::api_server::secret_name(A));
    let secret = memory.0.borrow().kubernetes.objects[&key].clone();
    let fingerprint = &secret["metadata"]["annotations"][names::CREDENTIALS];
    (
        fingerprint.as_str().unwrap_or_default().to_owned(),
        secret["data"]["config"].clone(),
    )
}

/// Neither the repository nor the management cluster is another after a request that is refused.
fn assert_refused(
    memory: &Memory,
    expected: (u16, &str),
    act: impl FnOnce(&Memory) -> (u16, Value),
) {
    let state = |memory: &Memory| {
        let inner = memory.0.borrow();
        let commits: Vec<String> = inner
            .gitlab
            .commits
            .iter()
            .map(|it| it.id.clone())
            .collect();
        let branches: Vec<String> = inner.gitlab.branches.keys().cloned().collect();
        (commits, branches, inner.kubernetes.objects.clone())
    };
    let before = state(memory);
    let answer = act(memory);
    assert_eq!(reason(&answer), expected, "{}", answer.1);
    let detail = answer.1["detail"].as_str().unwrap();
    assert!(
        detail.contains("nothing was written") || [404, 422].contains(&answer.0),
        "{detail}"
    );
    assert_eq!(state(memory), before);
}

fn by_merge_request() -> Settings {
    settings_with(&[("delivery", "merge-request")])
}

/// Saves as a developer where changes go by merge request.
fn developer_saves(memory: &Memory, path: &str, body: &Value) -> (u16, Value) {
    let mut inner = memory.0.borrow_mut();
    (inner.gitlab.role, inner.gitlab.may_not_push) = (Some(30), true);
    drop(inner);
    try_save_with(&by_merge_request(), memory, path, body).unwrap()
}

fn developer_deletes(memory: &Memory, path: &str) -> (u16, Value) {
    let mut inner = memory.0.borrow_mut();
    (inner.gitlab.role, inner.gitlab.may_not_push) = (Some(30), true);
    drop(inner);
    try_delete_with(&by_merge_request(), memory, path).unwrap()
}

fn merge(memory: &Memory, iid: usize) {
    memory.0.borrow_mut().gitlab.merge(iid);
}

#[test]
fn new_credentials_are_a_commit_and_the_same_ones_are_none() {
    let memory = registered(&[("w1", worker(A))]);
    let (first, _) = stored(&memory);
    assert_eq!(approved(&memory).unwrap(), first);
    let (status, body) = save(&memory, "w1", &worker(A));
    assert_eq!((status, &body["commit"]), (200, &Value::Null), "{body}");
    assert_eq!(approved(&memory).unwrap(), first);

    let (status, body) = save(&memory, "w1", &rotated("other"));
    assert_eq!(
        (status, &body["commit"]["files_changed"]),
        (200, &json!(1)),
        "{body}"
    );
    let (second, config) = stored(&memory);
    assert_ne!(second, first);
    assert_eq!(approved(&memory).unwrap(), second);

    let (status, body) = save(&memory, "w1", &without_kubeconfig(worker(A)));
    assert_eq!((status, &body["commit"]), (200, &Value::Null), "{body}");
    assert_eq!(stored(&memory), (second.clone(), config));
    assert_eq!(approved(&memory).unwrap(), second);
}

#[test]
fn a_cluster_of_an_earlier_version_gains_its_fingerprint_with_the_next_save() {
    let memory = registered(&[("w1", worker(A))]);
    let file = memory.0.borrow().gitlab.text(FILE).unwrap();
    let lines = file.lines();
    let lines = lines.filter(|line| !line.contains("annotations:") && !line.contains("sha256:"));
    let before: String = lines.map(|line| format!("{line}\n")).collect();
    memory
        .0
        .borrow_mut()
        .gitlab
        .foreign(&vec![(FILE, Some(before))]);
    assert_eq!(approved(&memory), None);
    assert_eq!(save(&memory, "w1", &without_kubeconfig(worker(A))).0, 200);
    assert_eq!(approved(&memory), None);
    assert_refused(&memory, (409, "CREDENTIALS_NOT_APPROVED"), |memory| {
        save(memory, "w1?sync=true", &worker(A))
    });
    let (status, body) = save(&memory, "w1", &worker(A));
    assert_eq!(
        (status, &body["commit"]["files_changed"]),
        (200, &json!(1)),
        "{body}"
    );
    assert_eq!(approved(&memory).unwrap(), stored(&memory).0);
}

#[test]
fn a_virtual_cluster_has_no_fingerprint() {
    let memory = registered(&[("h1", host(B)), ("w1", worker(A))]);
    assert!(approved(&memory).is_some());
    assert_eq!(save(&memory, "w1", &virtual_worker("h1", 31443)).0, 200);
    assert_eq!(approved(&memory), None);
}

#[test]
fn a_developer_does_not_get_credentials_installed_that_nobody_approved() {
    let memory = registered(&[("w1", worker(A))]);
    let before = stored(&memory);
    let (status, body) = developer_saves(&memory, "w1", &rotated("other"));
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["merge_request"]["state"], "opened");
    assert_eq!(body["installs"], json!([]));
    assert_eq!(stored(&memory), before);
    // Before the merge the same request and the one that only installs change nothing.
    assert_eq!(developer_saves(&memory, "w1", &rotated("other")).0, 200);
    assert_eq!(stored(&memory), before);
    let sync = developer_saves(&memory, "w1?sync=true", &rotated("other"));
    assert_eq!(reason(&sync), (409, "CREDENTIALS_NOT_APPROVED"));
    assert_eq!(sync.1["merge_request"]["iid"], 1, "{}", sync.1);
    assert_eq!(stored(&memory), before);

    merge(&memory, 1);
    for (path, body) in [
        ("w1?sync=true", rotated("third")),
        ("w1?sync=true", worker(A)),
        ("w1?sync=true", without_kubeconfig(worker(A))),
        ("w1?sync=true", Value::Null),
        ("w1", without_kubeconfig(worker(A))),
    ] {
        assert_refused(&memory, (409, "CREDENTIALS_NOT_APPROVED"), |memory| {
            developer_saves(memory, path, &body)
        });
    }
    assert_eq!(
        developer_saves(&memory, "w1?sync=true", &rotated("other")).0,
        200
    );
    assert_ne!(stored(&memory), before);
    assert_eq!(approved(&memory).unwrap(), stored(&memory).0);
    assert_eq!(
        developer_saves(&memory, "w1?sync=true", &Value::Null).0,
        200
    );
}

#[test]
fn who_may_only_read_changes_nothing_where_nothing_is_to_be_committed() {
    let refusal = (403, "PERMISSION_DENIED");
    let memory = registered(&[("w1", worker(A))]);
    memory.0.borrow_mut().gitlab.may_only_read = true;
    for (path, body) in [
        ("w1", worker(A)),
        ("w1", rotated("other")),
        ("w1", without_kubeconfig(worker(A))),
        ("w1?sync=true", worker(A)),
        ("w1?sync=true", Value::Null),
        ("w1?delivery=merge-request", worker(A)),
    ] {
        assert_refused(&memory, refusal, |memory| save(memory, path, &body));
    }
    // What was merged is uninstalled for those who may write.
    let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
    let (status, body) = developer_deletes(&memory, "w1");
    assert_eq!(status, 200, "{body}");
    merge(&memory, 1);
    memory.0.borrow_mut().gitlab.may_only_read = true;
    for path in ["w1", "w1?delivery=commit", "w1?force=true"] {
        memory.0.borrow_mut().gitlab.may_not_push = false;
        assert_refused(&memory, refusal, |memory| {
            try_delete_with(&by_merge_request(), memory, path).unwrap()
        });
    }
    memory.0.borrow_mut().gitlab.may_only_read = false;
    memory.forget();
    assert_eq!(developer_deletes(&memory, "w1").0, 200);
    assert!(memory.calls().contains(&PROOF.to_owned()));
}

#[test]
fn in_an_empty_repository_nothing_is_removed_and_a_reader_gets_no_further() {
    let source = registered(&[("w1", worker(A))]);
    let memory = Memory::default();
    memory.0.borrow_mut().kubernetes.objects = source.0.borrow().kubernetes.objects.clone();
    for role in [10, 15, 20] {
        memory.0.borrow_mut().gitlab.role = Some(role);
        let denied = (403, "PERMISSION_DENIED");
        assert_refused(&memory, denied, |memory| delete(memory, "w1?force=true"));
        assert_refused(&memory, denied, |memory| save(memory, "w1", &worker(A)));
        assert_refused(&memory, denied, |memory| {
            save(memory, "w1?dry_run=true", &worker(A))
        });
    }
    for role in [30, 40, 50] {
        memory.0.borrow_mut().gitlab.role = Some(role);
        for path in ["w1", "w1?force=true", "w1?dry_run=true"] {
            let missing = (404, "CLUSTER_NOT_FOUND");
            assert_refused(&memory, missing, |memory| delete(memory, path));
        }
    }
    assert_eq!(save(&memory, "w1", &worker(A)).0, 200);
}

#[test]
fn a_dry_run_by_merge_request_takes_a_developer() {
    let memory = registered(&[("w1", worker(A))]);
    memory.0.borrow_mut().gitlab.may_not_push = true;
    for role in [10, 20] {
        memory.0.borrow_mut().gitlab.role = Some(role);
        let denied = (403, "PERMISSION_DENIED");
        for path in ["w1", "w2"] {
            let path = format!("{path}?dry_run=true&delivery=merge-request");
            assert_refused(&memory, denied, |memory| save(memory, &path, &worker(A)));
            assert_refused(&memory, denied, |memory| delete(memory, &path));
        }
    }
    memory.0.borrow_mut().gitlab.role = Some(30);
    let path = "w2?dry_run=true&delivery=merge-request";
    assert_eq!(save(&memory, path, &worker(B)).0, 200);
}

#[test]
fn two_requests_of_one_id_do_not_take_each_others_commits_for_their_own() {
    let memory = memory();
    let lost = Fate::Lost(TransportError::Timeout(Duration::from_secs(15)));
    // The same header, as a client that numbers its requests badly would send it.
    let with_id = |memory: &Memory, name: &str, body: &Value| {
        let mut request = crate::setting::request("POST", name, body);
        request
            .headers_mut()
            .insert("x-request-id", "same".parse().unwrap());
        let settings = settings_with(&[]);
        let saved = service::save(memory, &crate::native::Native, &settings, &request);
        crate::setting::outcome(memory.run(saved)).unwrap()
    };
    assert_eq!(with_id(&memory, "w2", &worker(B)).0, 200);
    // The first commit is not answered and was not made; meanwhile a request of the same id makes its own, even of
    // the same cluster.
    let theirs = memory
        .0
        .borrow()
        .gitlab
        .commits
        .last()
        .unwrap()
        .message
        .clone();
    let theirs = theirs.replace("Cluster: w2", "Cluster: w1");
    memory.0.borrow_mut().gitlab.foreign_message = Some(theirs);
    memory.fault("gitlab POST commits", 0, 1, lost);
    let readme = vec![("README.md", Some("Mended\n".to_owned()))];
    memory.fault("gitlab GET commits", 0, 1, Fate::BesideOn("main", readme));
    let (status, body) = with_id(&memory, "w1", &worker(A));
    assert_eq!(status, 200, "{body}");
    let inner = memory.0.borrow();
    assert_eq!(
        body["commit"]["id"],
        inner.gitlab.commits.last().unwrap().id
    );
    assert!(inner.gitlab.text(FILE).is_some());
    assert_eq!(inner.gitlab.text("README.md").unwrap(), "Mended\n");
}

#[test]
fn force_is_part_of_what_is_approved() {
    // Merged without it: what the cluster's components need to be uninstalled with stays.
    let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
    assert_eq!(developer_deletes(&memory, "w1").0, 200);
    merge(&memory, 1);
    for path in ["w1?force=true", "w1?force=true&dry_run=true"] {
        assert_refused(&memory, (409, "FORCE_NOT_APPROVED"), |memory| {
            developer_deletes(memory, path)
        });
    }
    // Who may push directly needs nobody's approval.
    memory.0.borrow_mut().gitlab.may_not_push = false;
    assert_eq!(delete(&memory, "w1?force=true&delivery=commit").0, 200);

    for squash in [false, true] {
        let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
        let (status, body) = developer_deletes(&memory, "w1?force=true");
        assert_eq!(status, 200, "{body}");
        let inner = memory.0.borrow();
        let request = &inner.gitlab.merge_requests[0];
        let request_title = request.title.clone();
        assert_eq!(request_title, "Remove cluster w1 by force");
        assert!(
            request.description.contains("removal by force"),
            "{}",
            request.description
        );
        let branch = body["merge_request"]["source_branch"]
            .as_str()
            .unwrap()
            .to_owned();
        let message = inner.gitlab.branches[&branch]
            .last()
            .unwrap()
            .message
            .clone();
        assert!(message.contains("\nForce: true\n"), "{message}");
        drop(inner);
        merge(&memory, 1);
        let squashed = request_title.clone();
        let mut inner = memory.0.borrow_mut();
        let merged = inner.gitlab.commits.last_mut().unwrap();
        merged.message = if squash { squashed } else { message };
        drop(inner);
        let (status, body) = developer_deletes(&memory, "w1?force=true");
        assert_eq!(status, 200, "{body}");
        let key = format!("secrets/{}", domain::api_server::secret_name(A));
        assert!(!memory.0.borrow().kubernetes.objects.contains_key(&key));
    }
}

/// Another tool's Secret for the server of `w1`.
fn put_foreign_secret(memory: &Memory, uid: &str) {
    let name = domain::api_server::secret_name(A);
    let foreign = json!({
        "metadata": {
            "name": name, "uid": uid,
            "labels": {"argocd.argoproj.io/secret-type": "cluster"},
            "managedFields": [{"manager": "argocd-server", "operation": "Update"}],
        },
        "data": {"name": STANDARD.encode("theirs"), "server": STANDARD.encode(A), "config": "e30="},
    });
    let key = format!("secrets/{name}");
    memory.0.borrow_mut().kubernetes.put(&key, foreign);
}

/// The uid and the cluster of the Secret of `w1`'s server.
fn owner(memory: &Memory) -> (String, String) {
    let key = format!("secrets/{}", domain::api_server::secret_name(A));
    let metadata = memory.0.borrow().kubernetes.objects[&key]["metadata"].clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (
        text(&metadata["uid"]),
        text(&metadata["labels"]["cluster.nautes.io/name"]),
    )
}

#[test]
fn taking_over_what_others_made_is_part_of_what_is_approved() {
    // Merged before somebody made the Secret, and so without a word of it.
    let memory = registered(&[]);
    assert_eq!(developer_saves(&memory, "w1", &worker(A)).0, 200);
    merge(&memory, 1);
    put_foreign_secret(&memory, "other");
    for path in [
        "w1?adopt=true",
        "w1?adopt=true&dry_run=true",
        "w1?adopt=true&sync=true",
        "w1?adopt=true&sync=true&delivery=commit",
    ] {
        assert_refused(&memory, (409, "ADOPTION_NOT_APPROVED"), |memory| {
            developer_saves(memory, path, &worker(A))
        });
    }
    // Who may push needs nobody's approval.
    memory.0.borrow_mut().gitlab.may_not_push = false;
    let (status, body) = save(&memory, "w1?adopt=true&delivery=commit", &worker(A));
    assert_eq!((status, &body["commit"]), (200, &Value::Null), "{body}");
    assert_eq!(owner(&memory), ("other".to_owned(), "w1".to_owned()));

    for squash in [false, true] {
        let memory = registered(&[]);
        put_foreign_secret(&memory, "other");
        let (status, body) = developer_saves(&memory, "w1?adopt=true", &worker(A));
        assert_eq!(status, 200, "{body}");
        assert_eq!(owner(&memory), ("other".to_owned(), String::new()));
        assert_eq!(body["merge_request"]["source_branch"], "nautes/adopt-w1");
        let mut inner = memory.0.borrow_mut();
        let request = &inner.gitlab.merge_requests[0];
        let title = request.title.clone();
        assert!(
            title.contains("cluster w1 and take over what others made ("),
            "{title}"
        );
        assert!(
            request.description.contains("taken over"),
            "{}",
            request.description
        );
        let message = inner.gitlab.branches["nautes/adopt-w1"]
            .last()
            .unwrap()
            .message
            .clone();
        assert!(message.contains("\nAdopt: "), "{message}");
        inner.gitlab.merge(1);
        inner.gitlab.commits.last_mut().unwrap().message = if squash { title } else { message };
        drop(inner);
        assert_refused(&memory, (409, "API_SERVER_IN_USE"), |memory| {
            developer_saves(memory, "w1", &worker(A))
        });
        let (status, body) = developer_saves(&memory, "w1?adopt=true", &worker(A));
        assert_eq!((status, &body["commit"]), (200, &Value::Null), "{body}");
        assert_eq!(owner(&memory), ("other".to_owned(), "w1".to_owned()));
        // Somebody removes it and makes another: of that nobody has approved anything.
        put_foreign_secret(&memory, "another");
        assert_refused(&memory, (409, "ADOPTION_NOT_APPROVED"), |memory| {
            developer_saves(memory, "w1?adopt=true", &worker(A))
        });
    }
}

#[test]
fn what_is_not_there_is_not_approved_in_advance() {
    let memory = registered(&[]);
    let (status, body) = developer_saves(&memory, "w1?adopt=true", &worker(A));
    assert_eq!(status, 200, "{body}");
    merge(&memory, 1);
    put_foreign_secret(&memory, "other");
    assert_refused(&memory, (409, "ADOPTION_NOT_APPROVED"), |memory| {
        developer_saves(memory, "w1?adopt=true", &worker(A))
    });
}

#[test]
fn a_proposal_that_was_overtaken_is_named_also_by_a_removal_and_a_dry_run() {
    let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
    assert_eq!(developer_deletes(&memory, "w1").0, 200);
    memory.0.borrow_mut().gitlab.may_not_push = false;
    assert_eq!(delete(&memory, "w1?delivery=commit").0, 200);
    let is_named = |(status, body): (u16, Value)| {
        assert!([200, 404].contains(&status), "{body}");
        status == 404 || body["warnings"].to_string().contains("is still open")
    };
    assert!(is_named(developer_deletes(&memory, "w1")));

    let memory = registered(&[("w1", worker(A))]);
    assert_eq!(developer_saves(&memory, "w1", &rotated("other")).0, 200);
    memory.0.borrow_mut().gitlab.may_not_push = false;
    for path in ["w1", "w1?dry_run=true"] {
        let outcome = developer_saves(&memory, path, &worker(A));
        assert!(is_named(outcome), "{path}");
    }
}

/// Somebody changes the address in the repository, and not a letter of the credentials.
#[test]
fn stored_credentials_are_never_sent_to_another_server() {
    for without_fingerprint in [false, true] {
        let memory = registered(&[("w1", worker(A))]);
        let mut files = memory.0.borrow().gitlab.head();
        let file = String::from_utf8(files[FILE].clone())
            .unwrap()
            .replace(A, B);
        let lines = file.lines().filter(|line| {
            let is_fingerprint = line.contains("annotations:") || line.contains("sha256:");
            !without_fingerprint || !is_fingerprint
        });
        let file: String = lines.map(|line| format!("{line}\n")).collect();
        files.insert(FILE.to_owned(), file.into_bytes());
        memory
            .0
            .borrow_mut()
            .gitlab
            .push("Change an address\n", files);
        let mut moved = without_kubeconfig(worker(B));
        for (path, body) in [
            ("w1?sync=true", Value::Null),
            ("w1?sync=true", moved.clone()),
            ("w1", moved.take()),
        ] {
            assert_refused(&memory, (422, "VALIDATION_FAILED"), |memory| {
                let outcome = save(memory, path, &body);
                assert_eq!(
                    outcome.1["violations"][0]["field"], "/kubeconfig",
                    "{}",
                    outcome.1
                );
                outcome
            });
        }
        let (status, cluster) = crate::setting::read(&memory, "w1");
        assert_eq!(status, 200, "{cluster}");
        assert_ne!(
            cluster["status"]["credentials"]["approved"], true,
            "{cluster}"
        );
    }
}

/// Sends a request, and tells its status and body.
type Request<'a> = &'a dyn Fn(&Memory) -> (u16, Value);

#[test]
fn who_only_reads_is_told_no_object_of_the_management_cluster() {
    let memory = registered(&[("w1", worker(A))]);
    let environment = json!({
        "metadata": {"name": "payments", "namespace": "product"},
        "spec": {"cluster": "w1"},
    });
    memory
        .0
        .borrow_mut()
        .kubernetes
        .put("environments/payments", environment);
    let reporter = |memory: &Memory, act: Request<'_>| {
        let mut inner = memory.0.borrow_mut();
        (inner.gitlab.role, inner.gitlab.may_not_push) = (Some(20), true);
        drop(inner);
        let (status, body) = act(memory);
        assert!(!body.to_string().contains("payments"), "{body}");
        (status, body)
    };
    let mut pipeline = worker(A);
    pipeline["worker_type"] = "pipeline".into();
    let settings = by_merge_request();
    let requests: [Request<'_>; 4] = [
        &|memory| try_delete_with(&settings, memory, "w1").unwrap(),
        &|memory| try_delete_with(&settings, memory, "w1?force=true").unwrap(),
        &|memory| try_save_with(&settings, memory, "w1", &pipeline).unwrap(),
        &|memory| try_save_with(&settings, memory, "w2", &without_kubeconfig(worker(B))).unwrap(),
    ];
    for request in requests {
        memory.forget();
        assert_refused(&memory, (403, "PERMISSION_DENIED"), |memory| {
            reporter(memory, request)
        });
        assert_eq!(memory.calls_of("kubernetes"), [""; 0]);
        assert_eq!(memory.0.borrow().trials, [""; 0]);
    }
    // The role of a developer, and a token that may only read: asked before it is told.
    let refusal = gitlab_says(403, "insufficient_scope");
    memory.fault(PROOF, 0, 1, Fate::Answer(refusal));
    let mut inner = memory.0.borrow_mut();
    (inner.gitlab.role, inner.gitlab.may_not_push) = (Some(40), false);
    drop(inner);
    assert_refused(&memory, (403, "PERMISSION_DENIED"), |memory| {
        delete(memory, "w1")
    });
    let (status, told) = delete(&memory, "w1");
    assert!(
        status == 409 && told.to_string().contains("payments"),
        "{told}"
    );
}
