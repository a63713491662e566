//! Failed installs, and the words in which they are told.

use super::*;

#[test]
fn degraded_with_the_reason() {
    let failed = json!({"sync": {"status": "OutOfSync"}, "health": {"status": "Missing"},
        "operationState": {"phase": "Failed", "message": "one or more objects failed to apply"}});
    let condition = |kind: &str| {
        json!({"sync": {"status": "Unknown"}, "health": {"status": "Healthy"},
            "conditions": [{"type": "SharedResourceWarning", "message": "w"}, {"type": kind, "message": "why"}]})
    };
    let unhealthy = json!({"sync": {"status": "Synced", "revision": "head"},
        "health": {"status": "Degraded", "message": "CrashLoopBackOff"}});
    for (new, text) in [
        (failed, "one or more objects failed to apply"),
        (unhealthy, "CrashLoopBackOff"),
        (condition("ComparisonError"), "why"),
        (condition("InvalidSpecError"), "why"),
        (condition("SyncError"), "why"),
        (condition("UnknownError"), "why"),
        (condition("DeletionError"), "why"),
    ] {
        let status = after("worker-1-tekton", |a| a["status"] = new.clone());
        assert_eq!(status.phase, Phase::Degraded, "{new}");
        assert_eq!(message(&status, "tekton"), text);
    }
}

#[test]
fn user_information_of_a_url_is_shown_to_nobody() {
    let said = "failed to list refs: Get \"https://u:canary@h.example/a.git\": EOF";
    let status = after("worker-1-tekton", |a| {
        a["status"] = json!({"sync": {"status": "Unknown"}, "health": {"status": "Healthy"},
            "conditions": [{"type": "ComparisonError", "message": said}]});
    });
    let expected = "failed to list refs: Get \"https://h.example/a.git\": EOF";
    assert_eq!(message(&status, "tekton"), expected);
}

#[test]
fn a_failure_counts_after_two_minutes() {
    let health = |since: &str| {
        json!({"sync": {"status": "Synced", "revision": "head"},
            "health": {"status": "Degraded", "message": "why", "lastTransitionTime": since}})
    };
    let condition = |since: &str| {
        json!({"sync": {"status": "Unknown"}, "health": {"status": "Healthy"},
            "conditions": [{"type": "ComparisonError", "message": "why", "lastTransitionTime": since}]})
    };
    for (since, phase) in [
        ("2026-09-21T14:13:20Z", Phase::Installing),
        ("2026-09-21T14:11:21Z", Phase::Installing),
        ("2026-09-21T14:11:20Z", Phase::Degraded),
        ("2026-09-21T14:11:19Z", Phase::Degraded),
        // The clocks differ.
        ("2026-09-21T14:13:30Z", Phase::Installing),
        // Argo CD did not tell.
        ("", Phase::Degraded),
    ] {
        for new in [health(since), condition(since)] {
            let status = after("worker-1-tekton", |a| a["status"] = new.clone());
            assert_eq!(status.phase, phase, "{since} {new}");
            assert_eq!(message(&status, "tekton"), "why");
        }
        let mut deletion = condition(since);
        deletion["conditions"][0]["type"] = json!("DeletionError");
        // Of another kind, and of this moment.
        let other = json!({"type": "ComparisonError", "message": "other", "lastTransitionTime": "2026-09-21T14:13:20Z"});
        deletion["conditions"].as_array_mut().unwrap().push(other);
        let status = after("worker-1-tekton", |application| {
            application["metadata"]["deletionTimestamp"] = json!("2026-09-21T14:00:00Z");
            application["status"] = deletion.clone();
        });
        assert_eq!(status.phase, phase, "{since} while it is being deleted");
        assert_eq!(message(&status, "tekton"), "why");
    }
}

#[test]
fn an_operation_has_failed_when_its_retries_are_used_up() {
    let operation = |phase: &str| {
        json!({"sync": {"status": "OutOfSync"}, "health": {"status": "Missing"},
            "operationState": {"phase": phase, "retryCount": 3, "message": "first. Retrying attempt #3",
                "syncResult": {"resources": [
                    {"kind": "Namespace", "name": "a", "status": "Synced"},
                    {"kind": "Deployment", "namespace": "a", "name": "b", "status": "SyncFailed", "message": "no quota"}]}}})
    };
    for (word, phase) in [
        ("Running", Phase::Installing),
        ("Failed", Phase::Degraded),
        ("Error", Phase::Degraded),
    ] {
        let status = after("worker-1-tekton", |a| a["status"] = operation(word));
        assert_eq!(status.phase, phase, "{word}");
        assert_eq!(
            message(&status, "tekton"),
            "Deployment a/b is refused: no quota (attempt 3)"
        );
    }
}

/// Messages of the API server: Kubernetes 1.37, as Argo CD 3.6 puts them into an operation's result.
#[test]
fn an_object_that_is_wrong_in_itself_fails_after_five_attempts() {
    const WRONG: [&str; 3] = [
        "Service \"x\" is invalid: spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive",
        "failed to create typed patch object (a/x; apps/v1, Kind=Deployment): .spec.slip: field not declared in schema",
        "services \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
    ];
    const PASSING: [&str; 4] = [
        "The Kubernetes API could not find external-secrets.io/ClusterSecretStore for requested resource",
        "Internal error occurred: failed calling webhook \"x\": connect: connection refused",
        "namespaces \"a\" not found",
        "admission webhook \"x\" denied the request: not yet",
    ];
    let phase_of = |attempts: u64, text: &str| {
        let status = after("worker-1-tekton", |a| {
            a["status"] = json!({"sync": {"status": "OutOfSync"}, "health": {"status": "Missing"},
                "operationState": {"phase": "Running", "retryCount": attempts, "syncResult": {"resources": [
                    {"kind": "Service", "namespace": "a", "name": "x", "status": "SyncFailed", "message": text}]}}});
        });
        assert!(message(&status, "tekton").starts_with("Service a/x is refused: "));
        status.phase
    };
    for text in WRONG {
        assert_eq!(phase_of(4, text), Phase::Installing, "{text}");
        assert_eq!(phase_of(5, text), Phase::Degraded, "{text}");
    }
    for text in PASSING {
        assert_eq!(phase_of(50, text), Phase::Installing, "{text}");
    }
}

#[test]
fn what_is_waited_for_is_said_in_words() {
    for (summary, text) in [
        (
            "waiting for healthy state of apps/Deployment/traefik",
            "waits for Deployment traefik to become healthy",
        ),
        (
            "waiting for healthy state of /Service/web and 2 more resources",
            "waits for Service web and 2 more resources to become healthy",
        ),
        (
            "waiting for completion of hook batch/Job/x",
            "waits for Job x to finish",
        ),
        (
            "waiting for deletion of apps/StatefulSet/y",
            "waits for StatefulSet y to go",
        ),
        ("waiting for something new", "waiting for something new"),
    ] {
        let status = after("worker-1-tekton", |a| {
            a["status"]["operationState"] = json!({"phase": "Running", "message": summary});
        });
        assert_eq!(message(&status, "tekton"), text);
    }
    // Argo CD 3.6 names the objects in the Application's health.
    for (summary, text) in [
        (
            "Caused by apps/Deployment:vault/vault-agent-injector",
            "Deployment vault/vault-agent-injector made it Degraded",
        ),
        (
            "Caused by PersistentVolumeClaim:a/data",
            "PersistentVolumeClaim a/data made it Degraded",
        ),
        (
            "Caused by apps/Deployment:a/b, external-secrets.io/ClusterSecretStore:vault",
            "Deployment a/b, ClusterSecretStore vault made it Degraded",
        ),
        (
            "Caused by Service:a/b, Service:a/c, Service:a/d and 2 more",
            "Service a/b, Service a/c, Service a/d and 2 more made it Degraded",
        ),
        ("Caused by something new", "Caused by something new"),
    ] {
        let status = after("worker-1-tekton", |a| {
            a["status"]["health"] = json!({"status": "Degraded", "message": summary});
        });
        assert_eq!(message(&status, "tekton"), text);
    }
}

#[test]
fn the_newest_cause_is_told() {
    let condition =
        |kind: &str, time: &str| json!({"type": kind, "message": kind, "lastTransitionTime": time});
    let status = after("worker-1-tekton", |a| {
        a["status"]["sync"]["status"] = json!("Unknown");
        a["status"]["conditions"] = json!([
            condition("SyncError", "2026-09-21T14:13:10Z"),
            condition("ComparisonError", "2026-09-21T14:13:19Z"),
            condition("InvalidSpecError", "2026-09-21T14:13:00Z"),
            condition("OrphanedResourceWarning", "2026-09-21T14:13:20Z")
        ]);
    });
    assert_eq!(message(&status, "tekton"), "ComparisonError");
    let object = |name: &str, health: &str, time: &str| {
        json!({"kind": "Deployment", "namespace": "n", "name": name, "health": {"status": health,
            "message": format!("{name} waits"), "lastTransitionTime": time}})
    };
    let status = after("worker-1-tekton", |a| {
        a["status"]["health"] = json!({"status": "Progressing"});
        a["status"]["resources"] = json!([
            object("a", "Progressing", "2026-09-21T14:13:00Z"),
            object("b", "Progressing", "2026-09-21T14:13:10Z"),
            object("c", "Healthy", "2026-09-21T14:13:20Z")
        ]);
    });
    assert_eq!(
        message(&status, "tekton"),
        "Deployment n/b is Progressing: b waits"
    );
}

#[test]
fn a_virtual_cluster_without_a_pod_names_the_volume_that_it_may_wait_for() {
    let mut workload = application("virtual-1-vcluster-app", "host-1", &[]);
    workload["status"]["health"] = json!({"status": "Progressing"});
    workload["status"]["operationState"]["message"] = json!("successfully synced");
    let applications = [
        application("virtual-1", "in-cluster", &["virtual-1-vcluster-app"]),
        workload.clone(),
    ];
    let status = status_of(&virtual_worker(), &applications, None);
    assert_eq!(status.phase, Phase::Installing);
    let waits = message(&status, "vcluster-app");
    assert!(waits.contains("no default StorageClass"), "{waits}");
    // What the host refuses is known, the volume a guess.
    let mut refused = workload.clone();
    refused["status"]["operationState"] = json!({"phase": "Running", "retryCount": 5, "syncResult": {"resources": [
        {"kind": "Service", "namespace": "virtual-1", "name": "virtual-1-vcluster-app", "status": "SyncFailed",
            "message": "Service \"virtual-1-vcluster-app\" is invalid: spec.ports[0].nodePort: Invalid value: 31443: provided port is already allocated"}]}});
    let applications = [applications[0].clone(), refused];
    let status = status_of(&virtual_worker(), &applications, None);
    assert_eq!(status.phase, Phase::Degraded);
    let waits = message(&status, "vcluster-app");
    assert!(
        waits.starts_with("Service virtual-1/virtual-1-vcluster-app is refused: ")
            && waits.ends_with("(attempt 5)"),
        "{waits}"
    );
    // The host does not wait for it, and nothing else of the virtual cluster does.
    workload["metadata"]["name"] = json!("virtual-1-vault");
    let applications = [application("virtual-1", "in-cluster", &[]), workload];
    let status = status_of(&virtual_worker(), &applications, None);
    assert!(
        status
            .components
            .iter()
            .all(|it| !it.message.contains("StorageClass"))
    );
}
