mod compared;
mod facts;
mod failing;

use serde_json::json;

use super::*;
use crate::fixtures::{application, host, settings, virtual_worker, worker, worker_applications};

/// 2026-09-21T14:13:20Z.
const NOW: u64 = 1_790_000_000;

fn secret() -> Value {
    json!({"metadata": {"annotations": {(EXPIRES_AT): "2030-01-01T00:00:00Z"}}})
}

fn status_of(cluster: &Cluster, applications: &[Value], secret: Option<&Value>) -> Status {
    of(&ClusterObservation {
        cluster,
        applications,
        root: None,
        secret,
        revisions: &["head".to_owned(), "before".to_owned()],
        now: NOW,
        settings: &settings(),
    })
}

fn status(applications: &[Value]) -> Status {
    status_of(&worker(), applications, Some(&secret()))
}

/// The status after one Application has become another.
fn after(name: &str, change: impl Fn(&mut Value)) -> Status {
    let mut applications = worker_applications();
    let application = applications
        .iter_mut()
        .find(|a| a["metadata"]["name"] == name);
    change(application.unwrap());
    status(&applications)
}

fn message(status: &Status, component: &str) -> String {
    let component = status.components.iter().find(|c| c.name == component);
    component.unwrap().message.clone()
}

#[test]
fn registered_until_argo_cd_reacts() {
    let others = [worker_applications().pop().unwrap()];
    for secret in [None, Some(&secret())] {
        let status = status_of(&worker(), &others, secret);
        assert_eq!(status.phase, Phase::Registered);
        assert!(status.components.iter().all(|c| c.health == "Missing"));
    }
    assert_eq!(unknown(None).phase, Phase::Unknown);
}

#[test]
fn what_keeps_argo_cd_from_reacting_is_told_while_it_does_not_react() {
    let refused = json!({"status": {"operationState": {
        "phase": "Running", "retryCount": 2,
        "message": "one or more synchronization tasks are not valid. Retrying attempt #3",
        "syncResult": {"resources": [{
            "kind": "Secret", "namespace": "argocd", "name": "by-hand", "status": "SyncFailed",
            "message": "resource :Secret is not permitted in project tenant-1",
        }]},
    }}});
    let fine = json!({"status": {"operationState": {
        "phase": "Succeeded", "message": "successfully synced (all tasks run)",
    }}});
    let message = |root: &Value, applications: &[Value]| {
        let observation = ClusterObservation {
            cluster: &worker(),
            applications,
            root: Some(root),
            secret: Some(&secret()),
            revisions: &["head".to_owned()],
            now: NOW,
            settings: &settings(),
        };
        of(&observation).message
    };
    let mut told = refused.clone();
    told["status"]["operationState"]["syncResult"]["resources"][0]["message"] =
        "no https://u:canary@h.example".into();
    let told = message(&told, &[]).unwrap();
    assert!(told.contains(" no https://h.example "), "{told}");
    assert_eq!(
        message(&refused, &[]).unwrap(),
        "Application tenant-1-management can't be synchronized: Secret argocd/by-hand is refused: resource :Secret is not \
         permitted in project tenant-1 (attempt 2)"
    );
    assert_eq!(message(&fine, &[]), None);
    assert_eq!(message(&refused, &worker_applications()), None);
}

#[test]
fn ready_when_everything_is() {
    let status = status(&worker_applications());
    insta::assert_json_snapshot!(status, @r#"
    {
      "phase": "Ready",
      "components": [
        {
          "name": "argocd",
          "sync": "Synced",
          "health": "Healthy",
          "message": ""
        },
        {
          "name": "initial",
          "sync": "Synced",
          "health": "Healthy",
          "message": ""
        },
        {
          "name": "runtime",
          "sync": "Synced",
          "health": "Healthy",
          "message": ""
        },
        {
          "name": "runtime-app",
          "sync": "Synced",
          "health": "Healthy",
          "message": ""
        },
        {
          "name": "tekton",
          "sync": "Synced",
          "health": "Healthy",
          "message": ""
        },
        {
          "name": "vault",
          "sync": "Synced",
          "health": "Healthy",
          "message": ""
        }
      ],
      "credentials": {
        "expires_at": "2030-01-01T00:00:00Z"
      }
    }
    "#);
}

#[test]
fn installing_while_something_is_to_come() {
    for (missing, component) in [
        ("worker-1-runtime-initial", "initial"),
        ("worker-1-runtime-app", "runtime-app"),
        ("worker-1-tekton", "tekton"),
    ] {
        let mut applications = worker_applications();
        applications.retain(|application| application["metadata"]["name"] != missing);
        let status = status(&applications);
        assert_eq!(status.phase, Phase::Installing);
        assert_eq!(
            message(&status, component),
            "Argo CD has not created it yet"
        );
    }
}

#[test]
fn installing_while_something_is_at_work() {
    for (field, value, text) in [
        (
            "health",
            json!({"status": "Progressing", "message": "0 of 1"}),
            "0 of 1",
        ),
        (
            "health",
            json!({"status": "Missing"}),
            "its objects are not there yet",
        ),
        (
            "health",
            json!({"status": "Suspended"}),
            "one of its objects is suspended",
        ),
        (
            "sync",
            json!({"status": "OutOfSync", "revision": "head"}),
            "Argo CD has yet to apply it",
        ),
        (
            "sync",
            json!({"status": "Unknown"}),
            "Argo CD has yet to look at it",
        ),
        (
            "operationState",
            json!({"phase": "Running", "message": "Retrying attempt #2"}),
            "Retrying attempt #2",
        ),
        (
            "sync",
            json!({"status": "Synced", "revision": "old"}),
            "Argo CD has not seen the last commit yet",
        ),
    ] {
        let status = after("worker-1-tekton", |a| a["status"][field] = value.clone());
        assert_eq!(status.phase, Phase::Installing, "{field} {value}");
        assert_eq!(message(&status, "tekton"), text);
    }
    let status = after("worker-1-tekton", |a| {
        a["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    });
    assert_eq!(status.phase, Phase::Installing);
    assert_eq!(message(&status, "tekton"), "being deleted");
}

#[test]
fn a_warning_or_a_former_failure_is_no_failure() {
    for new in [
        json!({"conditions": [{"type": "OrphanedResourceWarning", "message": "w"}]}),
        json!({"operationState": {"phase": "Failed", "message": "m"}}),
        json!({"operationState": null}),
    ] {
        let status = after("worker-1-tekton", |a| {
            for (name, value) in new.as_object().unwrap() {
                a["status"][name] = value.clone();
            }
        });
        assert_eq!(status.phase, Phase::Ready, "{new}");
    }
}

#[test]
fn revisions_count_for_the_tenants_repository_alone() {
    let ours = "https://gitlab.example/tenant-1/management.git";
    let chart = json!({"repoURL": "https://charts.example", "chart": "vault"});
    let foreign = json!({"repoURL": "https://github.com/x/y", "path": "install"});
    for (spec, sync, phase) in [
        (
            json!({"source": chart}),
            json!({"revision": "1.2.3"}),
            Phase::Ready,
        ),
        (
            json!({"source": foreign}),
            json!({"revision": "abc"}),
            Phase::Ready,
        ),
        (
            json!({"source": {"repoURL": ours}}),
            json!({"revision": "before"}),
            Phase::Ready,
        ),
        (
            json!({"source": {"repoURL": ours}}),
            json!({"revision": "old"}),
            Phase::Installing,
        ),
        (
            json!({"source": {"repoURL": ours}}),
            json!({}),
            Phase::Installing,
        ),
        (
            json!({"sources": [chart, {"repoURL": ours}]}),
            json!({"revisions": ["1.2.3", "head"]}),
            Phase::Ready,
        ),
        (
            json!({"sources": [chart, {"repoURL": ours}]}),
            json!({"revisions": ["1.2.3", "old"]}),
            Phase::Installing,
        ),
    ] {
        let status = after("worker-1-vault", |a| {
            a["spec"] = spec.clone();
            a["status"]["sync"] = sync.clone();
            a["status"]["sync"]["status"] = json!("Synced");
        });
        assert_eq!(status.phase, phase, "{spec} {sync}");
    }
}

#[test]
fn an_install_without_credentials_is_degraded() {
    let status = status_of(&worker(), &worker_applications(), None);
    assert_eq!(status.phase, Phase::Degraded);
    assert!(message(&status, "credentials").contains("kubeconfig"));
}

#[test]
fn a_host_is_not_judged_by_its_virtual_clusters() {
    let mut applications = vec![
        application("host-1", "in-cluster", &["host-1-traefik"]),
        application("host-1-traefik", "host-1", &[]),
        application("virtual-1-vcluster-app", "host-1", &[]),
        application("host-1-x-vcluster-app", "host-1", &[]),
    ];
    for application in applications.iter_mut().skip(2) {
        application["status"]["health"]["status"] = json!("Degraded");
    }
    let status = status_of(&host(), &applications, Some(&secret()));
    assert_eq!(status.phase, Phase::Ready);
    let names: Vec<&str> = status.components.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["host", "traefik"]);
}

#[test]
fn a_virtual_cluster_is_being_made_before_it_has_credentials() {
    let mut applications = vec![
        application("virtual-1", "in-cluster", &["virtual-1-vcluster-app"]),
        application("virtual-1-vcluster-app", "host-1", &[]),
    ];
    let status = status_of(&virtual_worker(), &applications, None);
    assert_eq!(status.phase, Phase::Installing);
    assert_eq!(status.credentials, None);
    assert_eq!(message(&status, "virtual-cluster"), "");

    applications[1]["status"]["health"]["status"] = json!("Degraded");
    let status = status_of(&virtual_worker(), &applications, None);
    assert_eq!(status.phase, Phase::Degraded);
    assert_eq!(
        message(&status, "vcluster-app"),
        "one of its objects is not healthy; to see which, set controller.resource.health.persist in Argo CD (docs/deploy.md)"
    );
}

/// Every state that Argo CD knows, with messages that are empty or missing.
#[test]
fn whatever_is_not_done_says_why() {
    let words = ["", "Synced", "OutOfSync", "Unknown"];
    let healths = [
        "",
        "Healthy",
        "Progressing",
        "Degraded",
        "Suspended",
        "Missing",
        "Unknown",
    ];
    let phases = ["", "Running", "Terminating", "Failed", "Error", "Succeeded"];
    let mut states = Vec::new();
    for sync in words {
        for health in healths {
            states.extend(phases.map(|phase| (sync, health, phase)));
        }
    }
    for (sync, health, phase) in states {
        for message_of in [json!(null), json!(""), json!(" ")] {
            let status = after("worker-1-tekton", |application| {
                application["status"] = json!({"sync": {"status": sync, "revision": "head"},
                    "health": {"status": health, "message": message_of},
                    "operationState": {"phase": phase, "message": message_of}});
            });
            let is_ready = status.phase == Phase::Ready;
            let text = message(&status, "tekton");
            assert_eq!(
                text.trim().is_empty(),
                is_ready,
                "{sync} {health} {phase}: {status:?}"
            );
        }
    }
}

#[test]
fn what_is_left_of_a_removed_cluster_is_told() {
    let mut applications = worker_applications();
    applications[4]["status"]["conditions"] =
        json!([{"type": "DeletionError", "message": "no answer"}]);
    let secret = json!({"metadata": {"name": "cluster-a-1234", "uid": "u",
        "labels": {"cluster.nautes.io/name": "worker-1"}}});
    let left = crate::progress::remaining(&worker(), &[secret], &applications, &settings());
    let status = removing(&worker(), &left);
    assert_eq!(status.phase, Phase::Removing);
    assert_eq!(message(&status, "tekton"), "no answer");
    assert_eq!(message(&status, "vault"), "being removed");
    assert_eq!(message(&status, "credentials"), "being removed");
    assert!(!format!("{status:?}").contains("cluster-a-1234"));
}
