//! What others have in the management cluster stays theirs: it is found before the commit, and what changes hands
//! after that is refused by its uid.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use service::runtime::TransportError;

use crate::native::Native;
use crate::runtime::{Fate, Memory};
use crate::setting::{
    KUSTOMIZATION, delete, gitlab_says, host, kubeconfig, read, reason, registered, request, save,
    settings, truth, virtual_worker, without_kubeconfig, worker,
};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

fn key(server: &str) -> String {
    format!("secrets/{}", domain::api_server::secret_name(server))
}

/// A cluster Secret that another tool wrote.
fn foreign(key: &str, cluster: &str, server: &str) -> Value {
    json!({
        "metadata": {
            "name": key.trim_start_matches("secrets/"), "uid": "other",
            "labels": {"argocd.argoproj.io/secret-type": "cluster"},
            "managedFields": [{"manager": "argocd-server", "operation": "Update"}],
        },
        "data": {"name": STANDARD.encode(cluster), "server": STANDARD.encode(server), "config": "e30="},
    })
}

fn put(memory: &Memory, key: &str, object: Value) {
    memory.0.borrow_mut().kubernetes.put(key, object);
}

fn stored(memory: &Memory, key: &str) -> Value {
    memory.0.borrow().kubernetes.objects[key].clone()
}

/// The request is refused, names the object, and nothing was written.
fn assert_taken(memory: &Memory, path: &str, body: &Value, expected: &str, object: &str) {
    let before = truth(memory);
    let outcome = save(memory, path, body);
    assert_eq!(reason(&outcome), (409, expected), "{}", outcome.1);
    assert_eq!(outcome.1["object"], object, "{}", outcome.1);
    let detail = outcome.1["detail"].as_str().unwrap();
    assert!(detail.contains("nothing was written"), "{detail}");
    // What goes away by itself can be waited for.
    let again = request("POST", path, body);
    let again = memory.run(service::save(memory, &Native, &settings(), &again));
    let headers = again.unwrap().unwrap_err().headers;
    let waits = headers.iter().any(|(name, _)| *name == "retry-after");
    assert_eq!(waits, expected == "REMOVAL_IN_PROGRESS", "{headers:?}");
    assert_eq!(memory.writes(), [""; 0]);
    assert_eq!(truth(memory), before);
}

#[test]
fn a_secret_of_others_is_taken_over_on_request_and_with_a_kubeconfig_alone() {
    let memory = registered(&[]);
    put(&memory, &key(A), foreign(&key(A), "theirs", A));
    let object = format!("Secret argocd/{}", domain::api_server::secret_name(A));
    let reason = "API_SERVER_IN_USE";
    assert_taken(&memory, "w1", &worker(A), reason, &object);
    let (status, body) = save(&memory, "w1?adopt=true", &worker(A));
    assert_eq!(status, 200, "{body}");
    assert!(body["warnings"].to_string().contains(&object), "{body}");
    let adopted = stored(&memory, &key(A));
    assert_eq!(adopted["metadata"]["uid"], "other");
    assert_eq!(
        adopted["metadata"]["labels"]["cluster.nautes.io/name"],
        "w1"
    );
    assert_eq!(adopted["data"]["name"], STANDARD.encode("w1"));
}

/// The original's operators write no label of ours.
#[test]
fn a_tenant_that_the_original_wrote_is_adopted_cluster_by_cluster() {
    let memory = registered(&[("w1", worker(A))]);
    put(&memory, &key(A), foreign(&key(A), "w1", A));
    let object = format!("Secret argocd/{}", domain::api_server::secret_name(A));
    for (path, body) in [
        ("w1", worker(A)),
        ("w1", without_kubeconfig(worker(A))),
        ("w1?adopt=true", without_kubeconfig(worker(A))),
        ("w1?dry_run=true", worker(A)),
    ] {
        assert_taken(&memory, path, &body, "API_SERVER_IN_USE", &object);
    }
    assert_eq!(save(&memory, "w1?adopt=true", &worker(A)).0, 200);
    memory.forget();
    assert_eq!(save(&memory, "w1", &without_kubeconfig(worker(A))).0, 200);

    // A virtual cluster's credentials come from its host, so it has to be registered already.
    let server = "https://h1.example.com:31443";
    let clusters = [("h1", host(B)), ("v1", virtual_worker("h1", 31443))];
    let memory = registered(&clusters);
    put(&memory, &key(server), foreign(&key(server), "v1", server));
    let object = format!("Secret argocd/{}", domain::api_server::secret_name(server));
    let body = &clusters[1].1;
    assert_taken(&memory, "v1", body, "API_SERVER_IN_USE", &object);
    assert_eq!(save(&memory, "v1?adopt=true", body).0, 200);
}

#[test]
fn a_secret_of_others_under_another_name_stands_against_it_whatever_is_asked() {
    for (cluster, server, expected) in [
        ("theirs", A, "API_SERVER_IN_USE"),
        ("theirs", "https://A.example.com:6443/", "API_SERVER_IN_USE"),
        ("w1", B, "CLUSTER_NAME_IN_USE"),
    ] {
        let memory = registered(&[]);
        put(&memory, "secrets/mine", foreign("mine", cluster, server));
        for path in ["w1", "w1?adopt=true"] {
            assert_taken(&memory, path, &worker(A), expected, "Secret argocd/mine");
        }
        assert_eq!(save(&memory, "w2", &worker("https://c.example.com")).0, 200);
    }
}

#[test]
fn a_cluster_resource_and_a_job_of_others_are_not_overwritten() {
    let memory = registered(&[("h1", host(A))]);
    let other = json!({"metadata": {"name": "w1", "uid": "other", "managedFields": [{"manager": "kubectl"}]}});
    put(&memory, "clusters/w1", other.clone());
    let reason = "CLUSTER_NAME_IN_USE";
    assert_taken(&memory, "w1", &worker(B), reason, "Cluster nautes/w1");
    assert_eq!(reason_of_delete(&memory, "w1"), "CLUSTER_NOT_FOUND");
    assert_eq!(stored(&memory, "clusters/w1"), other);
    put(&memory, "jobs/v1-kubeconfig", other);
    let body = virtual_worker("h1", 31443);
    assert_taken(&memory, "v1", &body, reason, "Job argocd/v1-kubeconfig");
}

fn reason_of_delete(memory: &Memory, name: &str) -> String {
    let outcome = delete(memory, name);
    reason(&outcome).1.to_owned()
}

#[test]
fn no_secret_goes_for_a_label_alone() {
    let memory = registered(&[("w1", worker(A))]);
    let labels = json!({"cluster.nautes.io/name": "w1"});
    let plain = json!({"metadata": {"name": "argocd-secret", "uid": "1", "labels": labels}});
    put(&memory, "secrets/argocd-secret", plain.clone());
    assert_eq!(save(&memory, "w1", &worker(A)).0, 200);
    let (status, body) = delete(&memory, "w1");
    assert_eq!((status, &body["uninstalling"]), (200, &json!([])), "{body}");
    assert_eq!(stored(&memory, "secrets/argocd-secret"), plain);
}

#[test]
fn a_removal_leaves_the_secret_of_others_and_says_so() {
    let memory = registered(&[("w1", worker(A))]);
    let other = foreign(&key(A), "w1", A);
    put(&memory, &key(A), other.clone());
    let (status, body) = delete(&memory, "w1");
    assert_eq!(status, 200, "{body}");
    assert!(body["warnings"].to_string().contains("stays"), "{body}");
    assert_eq!(stored(&memory, &key(A)), other);
}

/// Kubernetes' garbage collector would take what is written to it now.
#[test]
fn a_server_whose_cluster_is_being_removed_is_not_registered_under_another_name() {
    let memory = registered(&[("w1", worker(A))]);
    let application = json!({"metadata": {"name": "w1-runtime", "uid": "1"}});
    put(&memory, "applications/w1-runtime", application);
    assert_eq!(delete(&memory, "w1").0, 200);
    memory.forget();
    let object = format!("Secret argocd/{}", domain::api_server::secret_name(A));
    for path in ["w2", "w2?adopt=true", "w2?dry_run=true"] {
        assert_taken(&memory, path, &worker(A), "REMOVAL_IN_PROGRESS", &object);
    }
    // Garbage collection.
    let mut inner = memory.0.borrow_mut();
    inner.kubernetes.objects.remove("applications/w1-runtime");
    inner.kubernetes.objects.remove(&key(A));
    drop(inner);
    assert_eq!(save(&memory, "w2", &worker(A)).0, 200);
}

#[test]
fn what_changes_hands_after_the_look_is_refused_and_not_overwritten() {
    let other = foreign(&key(A), "theirs", A);
    for known in [false, true] {
        let clusters = [("w1", worker(A))];
        let memory = registered(if known { &clusters } else { &[] });
        let swapped = Fate::Swapped(key(A), other.clone());
        memory.fault("kubernetes PATCH secrets", 0, 1, swapped);
        let outcome = save(&memory, "w1", &worker(A));
        assert_eq!(reason(&outcome), (502, "INSTALL_TRIGGER_FAILED"), "{known}");
        assert_eq!(stored(&memory, &key(A)), other);
        memory.forget();
        let outcome = save(&memory, "w1", &worker(A));
        assert_eq!(reason(&outcome), (409, "API_SERVER_IN_USE"));
    }
    let memory = registered(&[("h1", host(B)), ("w1", worker(A))]);
    let swapped = Fate::Swapped(key(A), other.clone());
    memory.fault(&format!("kubernetes DELETE {}", key(A)), 0, 1, swapped);
    assert_eq!(delete(&memory, "w1").0, 200);
    assert_eq!(stored(&memory, &key(A)), other);
}

/// What somebody makes between the look and the write stays as it is, even where not one field of it is in the way.
#[test]
fn what_comes_after_the_look_is_not_merged_into() {
    let ours = registered(&[("h1", host(B)), ("v1", virtual_worker("h1", 31443))]);
    for (name, body, kind, key) in [
        ("w1", worker(A), "secrets", key(A)),
        ("w1", worker(A), "clusters", "clusters/w1".to_owned()),
        (
            "v1",
            virtual_worker("h1", 31443),
            "jobs",
            "jobs/v1-kubeconfig".to_owned(),
        ),
    ] {
        // Bare, by a manager whose fields the apply has no conflict with.
        let plain = json!({"metadata": {"name": key.split_once('/').unwrap().1, "uid": "other",
            "managedFields": [{"manager": "nautes-clusters-of-somebody"}]}});
        let another = {
            let mut object = ours.0.borrow().kubernetes.objects["clusters/v1"].clone();
            object["metadata"]["labels"]["cluster.nautes.io/name"] = "another".into();
            object["metadata"]["uid"] = "other".into();
            object
        };
        for found in [plain, another] {
            let memory = registered(&[("h1", host(B))]);
            let swapped = Fate::Swapped(key.clone(), found.clone());
            memory.fault(&format!("kubernetes PATCH {kind}"), 0, 1, swapped);
            let outcome = save(&memory, name, &body);
            let failed = (502, "INSTALL_TRIGGER_FAILED");
            assert_eq!(reason(&outcome), failed, "{key}: {}", outcome.1);
            assert_eq!(stored(&memory, &key), found);
        }
    }
}

#[test]
fn two_saves_of_one_cluster_at_once_finish_each_others_creations() {
    let done = registered(&[("h1", host(B)), ("w1", worker(A))]);
    let memory = registered(&[("h1", host(B))]);
    let theirs = stored(&done, "clusters/w1");
    let swapped = Fate::Swapped("clusters/w1".to_owned(), theirs.clone());
    memory.fault("kubernetes PATCH clusters", 0, 1, swapped);
    let (status, body) = save(&memory, "w1", &worker(A));
    assert_eq!(status, 200, "{body}");
    let now = stored(&memory, "clusters/w1");
    assert_eq!(now["metadata"]["uid"], theirs["metadata"]["uid"]);
    // Nor is an answer that is lost taken for somebody else's object.
    let memory = registered(&[("h1", host(B))]);
    let lost = Fate::Outcome(TransportError::Broken("reset".into()));
    memory.fault("kubernetes PATCH secrets", 0, 1, lost);
    let (status, body) = save(&memory, "w1", &worker(A));
    assert_eq!(status, 200, "{body}");
    // Argo CD may have applied the file that was just committed.
    let mut brought = stored(&done, "clusters/w1");
    brought["metadata"] = json!({"name": "w1", "uid": "5", "managedFields": [{"manager": "argocd-controller"}],
        "annotations": {"argocd.argoproj.io/tracking-id": "tenant1:nautes.resource.nautes.io/Cluster:nautes/w1"}});
    let memory = registered(&[("h1", host(B))]);
    let swapped = Fate::Swapped("clusters/w1".to_owned(), brought);
    memory.fault("kubernetes PATCH clusters", 0, 1, swapped);
    assert_eq!(save(&memory, "w1", &worker(A)).0, 200);
    assert_eq!(stored(&memory, "clusters/w1")["metadata"]["uid"], "5");
}

/// Which of the two was committed last is not known here, and the other's answer may be on its way.
#[test]
fn credentials_of_another_save_at_once_are_not_overwritten() {
    let secret = key(A);
    let rotated = |token: &str| {
        let mut body = worker(A);
        body["kubeconfig"] = kubeconfig(token).into();
        body
    };
    let theirs = registered(&[("w1", rotated("theirs"))]);
    let theirs = stored(&theirs, &secret);
    for (before, sent) in [
        (registered(&[]), rotated("mine")),
        (registered(&[("w1", worker(A))]), rotated("mine")),
        (
            registered(&[("w1", worker(A))]),
            without_kubeconfig(worker(A)),
        ),
    ] {
        let swapped = Fate::Swapped(secret.clone(), theirs.clone());
        before.fault("kubernetes PATCH secrets", 0, 1, swapped);
        let outcome = save(&before, "w1", &sent);
        let failed = (502, "INSTALL_TRIGGER_FAILED");
        assert_eq!(reason(&outcome), failed, "{}", outcome.1);
        let detail = outcome.1["detail"].as_str().unwrap();
        assert!(detail.contains("send the same request again"), "{detail}");
        assert_eq!(stored(&before, &secret), theirs);
        let again = save(&before, "w1", &sent);
        match sent["kubeconfig"].is_null() {
            true => assert_eq!(
                reason(&again),
                (409, "CREDENTIALS_NOT_APPROVED"),
                "{}",
                again.1
            ),
            false => assert_eq!(again.0, 200, "sent again, it is the later one: {}", again.1),
        }
    }
}

#[test]
fn what_is_left_of_a_cluster_that_the_repository_never_had_is_another_tenants() {
    let theirs = registered(&[("w1", worker(A))]);
    let ours = registered(&[("w2", worker(B))]);
    let objects = theirs.0.borrow().kubernetes.objects.clone();
    ours.0.borrow_mut().kubernetes.objects.extend(objects);
    let before = truth(&ours);
    for path in ["w1", "w1?force=true", "w1?dry_run=true"] {
        let outcome = delete(&ours, path);
        assert_eq!(reason(&outcome), (404, "CLUSTER_NOT_FOUND"), "{path}");
    }
    assert_eq!(reason(&read(&ours, "w1")), (404, "CLUSTER_NOT_FOUND"));
    assert_eq!(truth(&ours), before);
    // A list that this request mends says nothing of this cluster.
    let gap = before.0.get(KUSTOMIZATION).unwrap();
    let gap = String::from_utf8(gap.clone())
        .unwrap()
        .replace("resources:\n- w2.yaml", "resources: []");
    for path in ["w1", "w1?force=true", "typo"] {
        let pushed = vec![(KUSTOMIZATION, Some(gap.clone()))];
        ours.0.borrow_mut().gitlab.foreign(&pushed);
        assert_ne!(truth(&ours), before);
        let outcome = delete(&ours, path);
        assert_eq!(reason(&outcome), (404, "CLUSTER_NOT_FOUND"), "{path}");
        let commit = &outcome.1["commit"]["id"];
        assert!(commit.is_string(), "the list: {}", outcome.1);
        assert_eq!(truth(&ours), before, "{path}");
    }
}

#[test]
fn a_mended_list_is_told_of_where_gitlab_cannot_say_what_was_there() {
    let memory = registered(&[("w2", worker(B))]);
    let before = truth(&memory);
    let list = String::from_utf8(before.0[KUSTOMIZATION].clone()).unwrap();
    let gap = list.replace("resources:\n- w2.yaml", "resources: []");
    let pushed = vec![(KUSTOMIZATION, Some(gap))];
    memory.0.borrow_mut().gitlab.foreign(&pushed);
    let away = Fate::Answer(gitlab_says(500, "500 Internal Server Error"));
    memory.fault("gitlab GET commits", 0, usize::MAX, away);
    let outcome = delete(&memory, "typo");
    assert_eq!(reason(&outcome), (502, "GITLAB_UNAVAILABLE"));
    assert!(outcome.1["commit"]["id"].is_string(), "{}", outcome.1);
    assert_eq!(truth(&memory), before);
}

#[test]
fn whoever_may_not_write_learns_no_names_of_objects() {
    let memory = registered(&[("w1", worker(A))]);
    put(&memory, &key(B), foreign(&key(B), "theirs", B));
    put(
        &memory,
        "secrets/mine",
        foreign("mine", "w3", "https://c.example.com"),
    );
    // GitLab answers a token with the scope read_api by its role, until something is to be written.
    memory.0.borrow_mut().gitlab.may_only_read = true;
    let denied = (403, "PERMISSION_DENIED");
    for (path, body) in [
        ("w2", worker(B)),
        ("w2?adopt=true", worker(B)),
        ("w2?dry_run=true", worker(B)),
        ("w3", worker("https://d.example.com")),
        ("w1?dry_run=true", worker(A)),
        ("w1?dry_run=true", worker("https://d.example.com")),
    ] {
        let before = truth(&memory);
        let outcome = save(&memory, path, &body);
        assert_eq!(reason(&outcome), denied, "{path}: {}", outcome.1);
        assert!(!outcome.1.to_string().contains("Secret"), "{}", outcome.1);
        assert_eq!(truth(&memory), before, "{path}");
    }
    let outcome = delete(&memory, "w1?dry_run=true");
    assert_eq!(reason(&outcome), denied, "{}", outcome.1);
    memory.fault(
        "kubernetes TRY",
        0,
        usize::MAX,
        Fate::Answer(refused_by_policy()),
    );
    let outcome = save(&memory, "w4", &worker("https://e.example.com"));
    assert_eq!(reason(&outcome), denied, "{}", outcome.1);
}

fn refused_by_policy() -> service::runtime::Response {
    let message = "secrets \"cluster-e.example.com-1\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: no";
    crate::gitlab_service::answer(
        403,
        &json!({"kind": "Status", "status": "Failure", "reason": "Forbidden", "message": message, "code": 403}),
    )
}

#[test]
fn what_would_be_refused_of_the_tenants_own_objects_and_of_the_job_is_found_before_the_commit() {
    let body = virtual_worker("h1", 31443);
    for (object, name, body) in [
        ("appprojects", "w1", worker(B)),
        ("applications", "w1", worker(B)),
        ("jobs", "v1", body),
    ] {
        let memory = registered(&[("h1", host(A))]);
        let before = truth(&memory);
        let fault = format!("kubernetes TRY {object}");
        memory.fault(&fault, 0, usize::MAX, Fate::Answer(refused_by_policy()));
        let outcome = save(&memory, name, &body);
        assert_eq!(
            reason(&outcome),
            (422, "VALIDATION_FAILED"),
            "{}",
            outcome.1
        );
        assert_eq!(outcome.1["violations"][0]["field"], "/cluster_name");
        assert_eq!(memory.writes(), [""; 0], "{object}");
        assert_eq!(truth(&memory), before, "{object}");
    }
}

#[test]
fn a_label_of_ours_on_somebody_elses_secret_makes_no_host_of_a_worker() {
    let memory = registered(&[("w1", worker(A))]);
    let application = json!({"metadata": {"name": "w1-runtime", "uid": "1"}});
    put(&memory, "applications/w1-runtime", application);
    assert_eq!(delete(&memory, "w1").0, 200);
    let expected = delete(&memory, "w1").1["uninstalling"].clone();
    let mut other = foreign("mine", "x", B);
    other["metadata"]["labels"] = json!({
        "argocd.argoproj.io/secret-type": "cluster",
        "cluster.nautes.io/name": "w1",
        "cluster.nautes.io/usage": "host",
    });
    put(&memory, "secrets/mine", other.clone());
    assert_eq!(delete(&memory, "w1").1["uninstalling"], expected);
    assert_eq!(stored(&memory, "secrets/mine"), other);
}
