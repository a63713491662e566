use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::*;
use crate::fixtures::{settings, worker};
use crate::names;

fn current() -> String {
    names::secret(&worker(), &settings()).name
}

/// A cluster Secret of ours, as it is while its cluster is installed.
fn ours(name: &str, cluster: &str) -> Value {
    json!({"metadata": {
        "name": name, "uid": format!("uid-of-{name}"),
        "labels": {(TYPE_LABEL): "cluster", (NAME_LABEL): cluster, (USAGE_LABEL): "worker"},
        "managedFields": [{"manager": "nautes-clusters", "operation": "Apply"}],
    }})
}

/// The same by another tool.
fn theirs(name: &str) -> Value {
    json!({"metadata": {"name": name, "uid": "other", "labels": {(TYPE_LABEL): "cluster"},
        "managedFields": [{"manager": "argocd-server", "operation": "Update"}]}})
}

fn with(mut object: Value, pointer: &str, value: Value) -> Value {
    *object.pointer_mut(pointer).unwrap() = value;
    object
}

fn claim(look: &Look, registered: bool, adopt: bool) -> Result<Holdings, OwnershipConflict> {
    look.claim(&ClusterClaim {
        cluster: &worker(),
        registered,
        adopt,
        settings: &settings(),
    })
}

fn reason(look: &Look, adopt: bool) -> Option<(ConflictReason, bool)> {
    let conflict = claim(look, false, adopt).err()?;
    Some((conflict.reason, conflict.adoptable))
}

fn with_secret(secret: Value) -> Look {
    Look {
        secret: Some(secret),
        ..Look::default()
    }
}

#[test]
fn ours_are_the_field_manager_the_name_and_the_kind_of_secret_together() {
    let name = current();
    let secret = ours(&name, "worker-1");
    let look = Look {
        labelled: vec![secret.clone(), ours("cluster-old", "worker-1")],
        ..with_secret(secret.clone())
    };
    let holdings = claim(&look, true, false).unwrap();
    assert_eq!(holdings.uid_of(&name), Some(&*format!("uid-of-{name}")));
    let stale: Vec<&str> = holdings.stale(&name).map(|held| &*held.name).collect();
    assert_eq!(stale, ["cluster-old"]);

    let managers = json!([{"manager": "kubectl"}]);
    for spoiled in [
        with(secret.clone(), "/metadata/managedFields", managers),
        with(
            secret.clone(),
            "/metadata/labels",
            json!({(NAME_LABEL): "worker-1"}),
        ),
        with(
            secret.clone(),
            "/metadata/labels",
            json!({(NAME_LABEL): "worker-1", (TYPE_LABEL): "repository"}),
        ),
    ] {
        let look = Look {
            labelled: vec![spoiled.clone()],
            ..with_secret(spoiled)
        };
        assert!(
            look.holdings("worker-1", Some(&settings()))
                .secrets
                .is_empty()
        );
        assert_eq!(reason(&look, false), Some((ConflictReason::Server, true)));
        let adopted = claim(&look, false, true).unwrap();
        assert_eq!(adopted.adopted.len(), 1);
        assert_eq!(adopted.secrets[0].name, name);
    }
}

#[test]
fn another_clusters_secret_is_in_use_or_on_its_way_out_and_never_adopted() {
    let secret = ours(&current(), "other");
    let owners = json!([{"kind": "Application", "name": "other-runtime"}]);
    let mut owned = secret.clone();
    owned["metadata"]["ownerReferences"] = owners;
    let mut deleted = secret.clone();
    deleted["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    let mut own_deleted = deleted.clone();
    own_deleted["metadata"]["labels"][NAME_LABEL] = json!("worker-1");
    let mut foreign_deleted = theirs(&current());
    foreign_deleted["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    let unlabelled = with(
        secret.clone(),
        "/metadata/labels",
        json!({(TYPE_LABEL): "cluster", (NAME_LABEL): "other"}),
    );
    for (secret, expected) in [
        (secret, ConflictReason::Server),
        (owned, ConflictReason::Removal),
        (unlabelled, ConflictReason::Removal),
        (deleted, ConflictReason::Removal),
        (own_deleted, ConflictReason::Removal),
        (foreign_deleted, ConflictReason::Removal),
    ] {
        for adopt in [false, true] {
            let look = with_secret(secret.clone());
            assert_eq!(reason(&look, adopt), Some((expected, false)), "{secret}");
        }
    }
}

#[test]
fn a_secret_that_somebody_deletes_is_no_removal_of_a_registered_cluster() {
    let mut deleted = ours(&current(), "worker-1");
    deleted["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    for (registered, removed) in [(true, None), (false, Some("worker-1"))] {
        let conflict = claim(&with_secret(deleted.clone()), registered, false).unwrap_err();
        assert_eq!(conflict.reason, ConflictReason::Removal);
        assert_eq!(conflict.cluster.as_deref(), removed);
    }
}

#[test]
fn secrets_of_others_for_the_same_server_or_name_are_found_however_they_are_called() {
    let foreign = |name: &str, server: &str| {
        let mut secret = theirs("mine");
        secret["data"] = json!({"name": STANDARD.encode(name), "server": STANDARD.encode(server)});
        Look {
            foreign: vec![secret],
            ..Look::default()
        }
    };
    for (name, server, expected) in [
        ("x", "https://10.0.0.2:6443", Some(ConflictReason::Server)),
        ("x", "HTTPS://10.0.0.2:6443/", Some(ConflictReason::Server)),
        (
            "worker-1",
            "https://10.0.0.3:6443",
            Some(ConflictReason::Name),
        ),
        ("x", "https://10.0.0.3:6443", None),
        ("x", "no URL", None),
    ] {
        let look = foreign(name, server);
        let expected = expected.map(|reason| (reason, false));
        assert_eq!(reason(&look, false), expected, "{name} {server}");
        assert_eq!(reason(&look, true), expected, "{name} {server}");
    }
    // Somebody has given another's cluster Secret our label.
    let mut labelled = theirs("mine");
    labelled["metadata"]["labels"][NAME_LABEL] = json!("worker-1");
    let look = Look {
        labelled: vec![labelled],
        ..Look::default()
    };
    assert_eq!(reason(&look, true), Some((ConflictReason::Name, false)));
    // Of any other Secret with our label nothing is said, and nothing is done with it.
    let plain = json!({"metadata": {"name": "argocd-secret", "uid": "1", "labels": {(NAME_LABEL): "worker-1"}}});
    let look = Look {
        labelled: vec![plain],
        ..Look::default()
    };
    assert!(claim(&look, false, false).unwrap().secrets.is_empty());
}

/// A Cluster resource with what tells who wrote it.
fn resource(labels: Value, annotations: Value, manager: &str) -> Value {
    json!({"metadata": {
        "name": "worker-1", "uid": "5", "labels": labels, "annotations": annotations,
        "managedFields": [{"manager": manager}],
    }})
}

fn tracked_by(application: &str) -> Value {
    let id = format!("{application}:nautes.resource.nautes.io/Cluster:nautes/worker-1");
    json!({"argocd.argoproj.io/tracking-id": id})
}

#[test]
fn a_cluster_resource_is_ours_by_the_field_manager_or_brought_for_the_registered_file() {
    let (argo, ours) = ("argocd-controller", "nautes-clusters");
    let none = || json!({});
    let instance = |name: &str| json!({"app.kubernetes.io/instance": name});
    let named = |name: &str| json!({(NAME_LABEL): name});
    // Whether it is ours: of a cluster that is registered, and of one that is not.
    for (resource, expected) in [
        (resource(named("worker-1"), none(), ours), [true, true]),
        // Of an earlier version.
        (resource(none(), none(), ours), [true, true]),
        (resource(named("other"), none(), ours), [false, false]),
        (
            resource(none(), tracked_by("tenant-1"), argo),
            [true, false],
        ),
        (
            resource(none(), tracked_by("tenant-1-management"), argo),
            [true, false],
        ),
        (resource(instance("tenant-1"), none(), argo), [true, false]),
        (
            resource(none(), tracked_by("tenant-2"), argo),
            [false, false],
        ),
        (resource(instance("other"), none(), argo), [false, false]),
        (
            resource(named("other"), tracked_by("tenant-1"), argo),
            [false, false],
        ),
        // By hand: neither the file in the repository nor the label makes it ours.
        (resource(none(), none(), "kubectl"), [false, false]),
        (
            resource(named("worker-1"), none(), "kubectl"),
            [false, false],
        ),
    ] {
        let look = Look {
            resource: Some(resource.clone()),
            ..Look::default()
        };
        for (registered, expected) in [true, false].into_iter().zip(expected) {
            let claimed = claim(&look, registered, false);
            let conflict = claimed.as_ref().err();
            let conflict = conflict.map(|it| (it.reason, it.adoptable));
            let refusal = (!expected).then_some((ConflictReason::Name, true));
            assert_eq!(conflict, refusal, "{registered} {resource}");
            assert_eq!(reason(&look, true), None);
            let tenant = settings();
            let holdings = look.holdings("worker-1", registered.then_some(&tenant));
            assert_eq!(holdings.resource.is_some(), expected, "{resource}");
        }
    }
    let going = json!({"metadata": {"uid": "5", "deletionTimestamp": "2026-01-01T00:00:00Z"}});
    let look = Look {
        resource: Some(going),
        ..Look::default()
    };
    assert_eq!(
        claim(&look, true, true).unwrap_err().reason,
        ConflictReason::Removal
    );
}

#[test]
fn a_job_is_ours_by_field_manager_and_label_alone() {
    let object = json!({"metadata": {"name": "worker-1", "uid": "5"}});
    let job = Look {
        job: Some(object),
        ..Look::default()
    };
    assert_eq!(
        claim(&job, true, false).unwrap_err().reason,
        ConflictReason::Name
    );
}
