//! `kubectl apply`, on either side.

use crate::support::{Kubectl, OBJECTS};

#[tokio::test]
async fn client_side_apply_creates_changes_and_removes_fields() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    let created = kubectl.ok_with("apply -f -", OBJECTS).await;
    assert_eq!(
        created,
        "deployment.apps/web created\nconfigmap/settings created\napplication.argoproj.io/guestbook created\n"
    );
    let again = kubectl.ok_with("apply -f -", OBJECTS).await;
    assert_eq!(again.matches("unchanged").count(), 3, "{again}");
    let changed = OBJECTS
        .replace("nginx:1", "nginx:2")
        .replace("color: red", "size: big");
    let printed = kubectl.ok_with("apply -f -", &changed).await;
    assert_eq!(printed.matches("configured").count(), 2, "{printed}");
    assert_eq!(
        kubectl.ok("get cm settings -o jsonpath={.data}").await,
        r#"{"size":"big"}"#
    );
    let containers = "get deploy web -o jsonpath={.spec.template.spec.containers[*].image}";
    assert_eq!(kubectl.ok(containers).await, "nginx:2");
    let deleted = kubectl.ok_with("delete -f -", OBJECTS).await;
    assert_eq!(deleted.lines().count(), 3, "{deleted}");
}

#[tokio::test]
async fn server_side_apply_meets_conflicts_and_forces_them() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    let apply = "apply --server-side -f -";
    assert_eq!(
        kubectl
            .ok_with(apply, OBJECTS)
            .await
            .matches("serverside-applied")
            .count(),
        3
    );
    let changed = OBJECTS
        .replace("nginx:1", "nginx:2")
        .replace("color: red", "color: blue");
    let error = kubectl
        .fails("apply --server-side --field-manager=other -f -", &changed)
        .await;
    assert!(
        error.contains("Apply failed with 1 conflict: conflict with \"kubectl\": .spec.template.spec.containers[name=\"web\"].image"),
        "{error}"
    );
    assert!(
        error.contains("Apply failed with 1 conflict: conflict with \"kubectl\": .data.color"),
        "{error}"
    );
    assert!(error.contains("--force-conflicts"), "{error}");
    kubectl
        .ok_with(
            "apply --server-side --field-manager=other --force-conflicts -f -",
            &changed,
        )
        .await;
    assert_eq!(
        kubectl
            .ok("get cm settings -o jsonpath={.data.color}")
            .await,
        "blue"
    );
    let error = kubectl.fails(apply, OBJECTS).await;
    assert!(error.contains("conflict with \"other\""), "{error}");
}

#[tokio::test]
async fn client_side_objects_can_move_to_server_side_apply() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    kubectl.ok_with("apply -f -", OBJECTS).await;
    kubectl
        .ok_with(
            "apply --server-side -f -",
            &OBJECTS.replace("color: red", "color: blue"),
        )
        .await;
    assert_eq!(
        kubectl
            .ok("get cm settings -o jsonpath={.data.color}")
            .await,
        "blue"
    );
    let managers =
        "get cm settings --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}";
    let managers = kubectl.ok(managers).await;
    assert!(
        !managers.contains("kubectl-client-side-apply") && managers.contains("kubectl"),
        "{managers}"
    );
}

#[tokio::test]
async fn unknown_fields_are_found_before_anything_is_written() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    let error = kubectl
        .fails(
            "apply -f -",
            &OBJECTS.replace("replicas: 2", "replicants: 2"),
        )
        .await;
    assert!(
        error.contains("unknown field \"spec.replicants\""),
        "{error}"
    );
    let error = kubectl
        .fails(
            "apply -f -",
            &OBJECTS.replace("project: default", "project: default\n  projekt: x"),
        )
        .await;
    assert!(error.contains("unknown field \"spec.projekt\""), "{error}");
    let error = kubectl
        .fails("apply -f -", &OBJECTS.replace("project: default", ""))
        .await;
    assert!(error.contains("spec.project: Required value"), "{error}");
}

#[tokio::test]
async fn dry_runs_and_differences() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    let printed = kubectl
        .ok_with("apply --server-side --dry-run=server -f -", OBJECTS)
        .await;
    assert_eq!(
        printed
            .matches("serverside-applied (server dry run)")
            .count(),
        3,
        "{printed}"
    );
    assert!(
        kubectl
            .fails("get cm settings", "")
            .await
            .contains("NotFound")
    );
}
