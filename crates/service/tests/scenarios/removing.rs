//! What a removal does, and what stands against it.

use serde_json::{Value, json};

use crate::runtime::Fate;
use crate::setting::{
    KUSTOMIZATION, delete, gitlab_says, host, read, reason, registered, save, truth,
    virtual_worker, worker,
};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

#[test]
fn the_last_removal_leaves_the_management_cluster_empty() {
    let memory = registered(&[
        ("h1", host(A)),
        ("v1", virtual_worker("h1", 31443)),
        ("w1", worker(B)),
    ]);
    for name in ["v1", "h1", "w1"] {
        let (status, body) = delete(&memory, name);
        assert_eq!((status, &body["uninstalling"]), (200, &json!([])), "{body}");
        assert!(body["commit"]["id"].is_string());
    }
    let (files, objects) = truth(&memory);
    assert_eq!(objects.keys().collect::<Vec<_>>(), [""; 0]);
    let left: Vec<&String> = files.keys().collect();
    assert_eq!(left, ["README.md", KUSTOMIZATION]);
    assert_eq!(reason(&delete(&memory, "w1")), (404, "CLUSTER_NOT_FOUND"));
}

#[test]
fn a_dry_run_tells_what_would_go_and_nothing_else() {
    for (clusters, name) in [
        (vec![("w1", worker(A))], "w1"),
        (vec![("h1", host(A)), ("w1", worker(B))], "w1"),
        (
            vec![("h1", host(A)), ("v1", virtual_worker("h1", 31443))],
            "v1",
        ),
    ] {
        for installed in [false, true] {
            let memory = registered(&clusters);
            if installed {
                let name = format!("{name}-runtime");
                let application = json!({"metadata": {"name": name, "uid": "1"}});
                let key = format!("applications/{name}");
                memory.0.borrow_mut().kubernetes.put(&key, application);
            }
            let planned = delete(&memory, &format!("{name}?dry_run=true"));
            assert_eq!(planned.0, 200, "{}", planned.1);
            assert_eq!(memory.writes(), [""; 0]);
            assert_eq!(
                without_action(&planned.1),
                without_action(&delete(&memory, name).1)
            );

            // Of an uninstall that is under way as well.
            let again = delete(&memory, &format!("{name}?dry_run=true"));
            let real = delete(&memory, name);
            assert_eq!(again.0, real.0, "{}", again.1);
            assert_eq!(without_action(&again.1), without_action(&real.1));
        }
    }
}

/// What was or would be done with which object.
fn without_action(answer: &Value) -> Vec<String> {
    let objects = answer["installs"].as_array().into_iter().flatten();
    objects
        .map(|it| format!("{} {}/{}", it["kind"], it["namespace"], it["name"]))
        .collect()
}

#[test]
fn a_cluster_registered_while_the_last_one_goes_keeps_what_the_tenant_has_once() {
    let memory = registered(&[("w1", worker(A))]);
    assert_eq!(delete(&memory, "w1?dry_run=true").0, 200);
    assert_eq!(memory.writes(), [""; 0]);
    let list = "resources:\n- w2.yaml\n".to_owned();
    let foreign = Fate::Beside(vec![(KUSTOMIZATION, Some(list))]);
    memory.fault("kubernetes DELETE clusters/w1", 0, 1, foreign);
    assert_eq!(delete(&memory, "w1").0, 200);
    let inner = memory.0.borrow();
    assert!(inner.kubernetes.objects.contains_key("appprojects/tenant1"));
}

#[test]
fn a_host_with_virtual_clusters_stays_and_they_are_named() {
    let memory = registered(&[("h1", host(A)), ("v1", virtual_worker("h1", 31443))]);
    let outcome = delete(&memory, "h1?force=true");
    assert_eq!(reason(&outcome), (409, "CLUSTER_IN_USE"));
    assert_eq!(outcome.1["dependants"], json!(["Cluster v1"]));
    assert_eq!(memory.writes(), [""; 0]);
}

#[test]
fn a_host_whose_file_went_by_hand_stays_and_its_virtual_clusters_are_named() {
    const FILE: &str = "nautes/overlays/production/clusters/h1.yaml";
    let memory = registered(&[("h1", host(A)), ("v1", virtual_worker("h1", 31443))]);
    let removed = vec![(FILE, None)];
    memory.0.borrow_mut().gitlab.foreign(&removed);
    let before = truth(&memory);
    let refused = |outcome: (u16, Value)| {
        assert_eq!(reason(&outcome), (409, "CLUSTER_IN_USE"), "{}", outcome.1);
        assert_eq!(outcome.1["dependants"], json!(["Cluster v1"]));
    };
    for query in [
        "",
        "?force=true",
        "?dry_run=true",
        "?delivery=merge-request",
    ] {
        refused(delete(&memory, &format!("h1{query}")));
    }
    refused(save(&memory, "h1", &worker(A)));
    assert_eq!((memory.writes(), truth(&memory)), (Vec::new(), before));
    // The way out: it is registered again, or its virtual clusters go.
    assert_eq!(save(&memory, "h1", &host(A)).0, 200);
    for name in ["v1", "h1"] {
        let (status, body) = delete(&memory, name);
        assert_eq!(status, 200, "{body}");
    }
}

#[test]
fn a_cluster_that_products_use_stays_and_they_are_named() {
    let memory = registered(&[("w1", worker(A))]);
    let environment = json!({"kind": "Environment", "metadata": {"name": "e", "namespace": "demo"},
        "spec": {"cluster": "w1"}});
    memory
        .0
        .borrow_mut()
        .kubernetes
        .put("environments/e", environment);
    let runtime = json!({"kind": "DeploymentRuntime", "metadata": {"name": "r", "namespace": "demo"},
        "spec": {"destination": {"environment": "e"}}});
    memory
        .0
        .borrow_mut()
        .kubernetes
        .put("deploymentruntimes/r", runtime);
    for outcome in [delete(&memory, "w1"), save(&memory, "w1", &host(A))] {
        assert_eq!(reason(&outcome), (409, "CLUSTER_IN_USE"));
        assert_eq!(
            outcome.1["dependants"],
            json!(["DeploymentRuntime demo/r", "Environment demo/e"])
        );
    }
    assert_eq!(memory.writes(), [""; 0]);
    assert_eq!(save(&memory, "w1", &worker(B)).0, 200);
}

#[test]
fn what_stays_in_the_cluster_is_told_once_and_with_force_not_at_all() {
    let clusters = [
        ("h1", host(B)),
        ("v1", virtual_worker("h1", 31443)),
        ("w1", worker(A)),
    ];
    let memory = registered(&clusters);
    let warnings = |path: &str| {
        let (status, body) = delete(&memory, path);
        assert_eq!(status, 200, "{path}: {body}");
        body["warnings"].to_string()
    };
    for (name, told) in [
        (
            "v1",
            "the volume of the virtual cluster stays on its host h1",
        ),
        ("w1", "(argo-rollouts, argocd, external-secrets, "),
        ("h1", "(external-secrets, oauth2-proxy, traefik"),
    ] {
        let dry = warnings(&format!("{name}?dry_run=true"));
        let force = warnings(&format!("{name}?dry_run=true&force=true"));
        let first = warnings(name);
        assert!(dry.contains(told), "{dry}");
        assert!(first.contains(told), "{first}");
        assert!(!force.contains(told), "{force}");
    }
    let again = delete(&memory, "w1");
    assert_eq!(again.0, 404, "{}", again.1);
    // A proposal tells it, too, and so does its merge request.
    let memory = registered(&clusters[..1]);
    let (status, body) = delete(&memory, "h1?delivery=merge-request");
    assert_eq!(status, 200, "{body}");
    assert!(
        body["warnings"]
            .to_string()
            .contains("(external-secrets, oauth2-proxy, traefik"),
        "{body}"
    );
}

#[test]
fn a_second_removal_tells_what_is_still_there_and_force_ends_it() {
    let memory = registered(&[("w1", worker(A))]);
    let application = json!({"metadata": {"name": "w1-runtime", "uid": "1"}});
    memory
        .0
        .borrow_mut()
        .kubernetes
        .put("applications/w1-runtime", application);
    for _ in 0..2 {
        let (status, body) = delete(&memory, "w1");
        assert_eq!(status, 200);
        assert!(
            body["uninstalling"].to_string().contains("w1-runtime"),
            "{body}"
        );
        let (status, body) = read(&memory, "w1");
        assert_eq!(
            (status, &body["status"]["phase"]),
            (200, &json!("Removing")),
            "{body}"
        );
    }
    let (_, body) = delete(&memory, "w1?force=true");
    assert!(
        body["warnings"].to_string().contains("stays behind"),
        "{body}"
    );
    let secrets = |key: &&String| key.starts_with("secrets/");
    assert_eq!(
        memory
            .0
            .borrow()
            .kubernetes
            .objects
            .keys()
            .filter(secrets)
            .count(),
        0
    );

    memory
        .0
        .borrow_mut()
        .kubernetes
        .objects
        .remove("applications/w1-runtime");
    // What the tenant has once goes with the last call, and then there is nothing.
    assert_eq!(delete(&memory, "w1").0, 200);
    assert_eq!(delete(&memory, "w1").0, 404);
    assert_eq!(reason(&read(&memory, "w1")), (404, "CLUSTER_NOT_FOUND"));
    assert_eq!(truth(&memory).1.keys().collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn what_is_left_of_a_tenant_is_nothing_of_a_cluster_that_never_was() {
    let memory = registered(&[("w1", worker(A))]);
    let application = json!({"metadata": {"name": "w1-runtime", "uid": "1"}});
    let put = |key: &str, object| memory.0.borrow_mut().kubernetes.put(key, object);
    put("applications/w1-runtime", application);
    assert_eq!(delete(&memory, "w1").0, 200);
    let key = "applications/w1-runtime";
    memory.0.borrow_mut().kubernetes.objects.remove(key);
    let before = truth(&memory);
    assert!(before.1.contains_key("appprojects/tenant1"));
    memory.forget();
    for path in ["w2", "w2?dry_run=true", "W2", "w2?force=true"] {
        assert_eq!(reason(&delete(&memory, path)), (404, "CLUSTER_NOT_FOUND"));
    }
    assert_eq!(memory.writes(), [""; 0]);
    assert_eq!(truth(&memory), before);
    // The one that was there still ends as it should.
    let (status, body) = delete(&memory, "w1?dry_run=true");
    assert_eq!((status, body["installs"].is_array()), (200, true), "{body}");
    assert_eq!(delete(&memory, "w1").0, 200);
    assert_eq!(truth(&memory).1.keys().collect::<Vec<_>>(), [""; 0]);
    assert_eq!(reason(&delete(&memory, "w1")), (404, "CLUSTER_NOT_FOUND"));
}

/// An Application of Argo CD that an ApplicationSet made.
fn generated(name: &str, set: &str) -> Value {
    let owner = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "name": set, "uid": "2"});
    json!({"metadata": {"name": name, "uid": "1", "ownerReferences": [owner]}})
}

#[test]
fn a_removal_is_not_over_while_the_application_of_the_clusters_own_name_is_there() {
    let clusters = [("h1", host(A)), ("v1", virtual_worker("h1", 31443))];
    for (name, set) in [("v1", "h1-vcluster-appset"), ("h1", "host-cluster-appset")] {
        let memory = registered(&clusters);
        assert_eq!(delete(&memory, "v1").0, 200);
        if name == "h1" {
            assert_eq!(delete(&memory, "h1").0, 200);
        }
        let key = format!("applications/{name}");
        let put = |object| memory.0.borrow_mut().kubernetes.put(&key, object);
        put(generated(name, set));
        let (status, body) = delete(&memory, name);
        assert_eq!(status, 200, "{body}");
        let uninstalling = body["uninstalling"].as_array().unwrap();
        assert_eq!(uninstalling.len(), 1, "{body}");
        assert!(uninstalling[0].as_str().unwrap().contains(name), "{body}");

        // Another's Application of that name is not waited for, and not touched.
        for other in [
            generated(name, "somebodys"),
            json!({"metadata": {"name": name, "uid": "1"}}),
        ] {
            put(other.clone());
            let written = memory.writes().len();
            assert_eq!(reason(&delete(&memory, name)), (404, "CLUSTER_NOT_FOUND"));
            assert_eq!(memory.writes().len(), written);
            assert_eq!(memory.0.borrow().kubernetes.objects[&key], other);
        }
    }
}

#[test]
fn what_an_operator_has_taken_into_their_own_hands_stays_with_the_last_cluster_gone() {
    let memory = registered(&[("w1", worker(A))]);
    let managers = json!([
        {"manager": "nautes-clusters", "operation": "Apply"},
        {"manager": "kubectl-edit", "operation": "Update"},
    ]);
    let mut project = memory.0.borrow().kubernetes.objects["appprojects/tenant1"].clone();
    project["metadata"]["managedFields"] = managers;
    memory
        .0
        .borrow_mut()
        .kubernetes
        .put("appprojects/tenant1", project);
    assert_eq!(delete(&memory, "w1").0, 200);
    assert_eq!(
        truth(&memory).1.keys().collect::<Vec<_>>(),
        ["appprojects/tenant1"]
    );
}

#[test]
fn a_cluster_that_never_was_is_not_found_and_nothing_is_written() {
    let memory = registered(&[("w1", worker(A))]);
    assert_eq!(reason(&delete(&memory, "w2")), (404, "CLUSTER_NOT_FOUND"));
    assert_eq!(
        reason(&delete(&memory, "w2?dry_run=true")),
        (404, "CLUSTER_NOT_FOUND")
    );
    assert_eq!(memory.writes(), [""; 0]);
    assert_eq!(
        delete(&memory, "w1?force=maybe").1["reason"],
        Value::from("VALIDATION_FAILED")
    );
}

/// GitLab says of no commit that a file is missing at it.
#[test]
fn a_cluster_that_is_registered_at_the_same_moment_is_not_taken_for_one_that_was_removed() {
    let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
    let missing = Fate::Answered(gitlab_says(404, "404 File Not Found"));
    let file = "nautes/overlays/production/clusters/w1.yaml";
    memory.fault(&format!("gitlab GET file {file}"), 0, 1, missing);
    let before = truth(&memory);
    assert_eq!(reason(&delete(&memory, "w1")), (409, "CONCURRENT_CHANGE"));
    assert_eq!(truth(&memory), before);
    let (status, body) = delete(&memory, "w1");
    assert_eq!(status, 200, "{body}");
    assert!(body["commit"]["id"].is_string(), "{body}");
    assert_eq!(memory.0.borrow().gitlab.text(file), None);
}

#[test]
fn the_tenants_project_stays_while_another_cluster_is_being_uninstalled() {
    let memory = registered(&[("w1", worker(A)), ("w2", worker(B))]);
    let going = json!({
        "metadata": {
            "name": "w1-runtime", "namespace": "argocd", "uid": "1", "deletionTimestamp": "2026-11-27T14:00:00Z",
            "labels": {"cluster.nautes.io/name": "w1"}, "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        },
        "spec": {"project": "tenant1"},
    });
    memory
        .0
        .borrow_mut()
        .kubernetes
        .put("applications/w1-runtime", going);
    for name in ["w1", "w2"] {
        let (status, body) = delete(&memory, name);
        assert_eq!(status, 200, "{body}");
    }
    let has_project = |memory: &crate::runtime::Memory| {
        let objects = &memory.0.borrow().kubernetes.objects;
        objects.contains_key("appprojects/tenant1")
    };
    assert!(
        has_project(&memory),
        "{:?}",
        memory.0.borrow().kubernetes.objects.keys()
    );
    memory
        .0
        .borrow_mut()
        .kubernetes
        .objects
        .remove("applications/w1-runtime");
    assert_eq!(delete(&memory, "w1").0, 200);
    assert!(!has_project(&memory));
}

/// With the folder gone nothing tells of the other virtual clusters, and whatever is made of it would have Argo CD remove them.
#[test]
fn a_host_whose_folder_went_by_hand_and_its_virtual_clusters_stay_until_that_is_back() {
    let clusters = [
        ("h1", host(A)),
        ("v1", virtual_worker("h1", 31443)),
        ("v2", virtual_worker("h1", 31444)),
    ];
    let memory = registered(&clusters);
    let files = memory.0.borrow().gitlab.head();
    let below = |(path, _): &(String, Vec<u8>)| path.starts_with("host-clusters/h1/");
    let folder = files.into_iter().filter(below);
    let folder: Vec<(&'static str, String)> = folder
        .map(|(path, content)| (&*path.leak(), String::from_utf8(content).unwrap()))
        .collect();
    let gone: Vec<_> = folder.iter().map(|(path, _)| (*path, None)).collect();
    memory.0.borrow_mut().gitlab.foreign(&gone);
    let before = truth(&memory);
    let queries = ["", "?dry_run=true", "?delivery=merge-request"];
    for query in queries.into_iter().chain(["?force=true"]) {
        for name in ["h1", "v1"] {
            require_folder(query, &delete(&memory, &format!("{name}{query}")));
        }
    }
    // Nor does the host become a worker, or a virtual cluster move to another host.
    let saved = [
        ("h1", host(A)),
        ("h1", worker(A)),
        ("v1", virtual_worker("h1", 31443)),
        ("v1", virtual_worker("h1", 31445)),
        ("v1", worker("https://c.example.com")),
        ("v3", virtual_worker("h1", 31446)),
    ];
    for query in queries {
        for (name, body) in &saved {
            require_folder(query, &save(&memory, &format!("{name}{query}"), body));
        }
    }
    assert_eq!((memory.writes(), truth(&memory)), (Vec::new(), before));
    // The way out that the answer tells.
    let back = folder
        .into_iter()
        .map(|(path, content)| (path, Some(content)));
    memory.0.borrow_mut().gitlab.foreign(&back.collect());
    let outcome = delete(&memory, "h1");
    assert_eq!(reason(&outcome), (409, "CLUSTER_IN_USE"));
    let dependants = json!(["Cluster v1", "Cluster v2"]);
    assert_eq!(outcome.1["dependants"], dependants);
    assert_eq!(delete(&memory, "v1").0, 200);
    assert_eq!(save(&memory, "v3", &virtual_worker("h1", 31446)).0, 200);
}

fn require_folder(case: &str, outcome: &(u16, Value)) {
    let gone = (409, "UNREADABLE_FILE");
    assert_eq!(reason(outcome), gone, "{case}: {}", outcome.1);
    assert_eq!(outcome.1["path"], "host-clusters/h1", "{case}");
    let detail = outcome.1["detail"].as_str().unwrap();
    assert!(detail.contains("git revert"), "{detail}");
}
