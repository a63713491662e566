//! Uninstalling: what was installed goes first, while the credentials are there.

use sandbox_argocd::ApplicationBehaviour;
use serde_json::{Value, json};

use crate::support::*;

/// A worker as the rendered files install it: a set, a root Application in Argo CD, a component in the worker.
async fn installed(world: &ArgoCdFixture) {
    let component = application("w-traefik", "traefik", json!({"name": "w"}), true);
    world.commit(&[("runtimes/w/traefik-app.yaml", Some(component))]);
    world.put(
        "applicationsets",
        worker_set(
            template("{{.name}}-runtime", "runtimes/{{.name}}", in_cluster()),
            true,
        ),
    );
    world.register("w", "worker");
    world.until_healthy("w-runtime").await;
    world.until_healthy("w-traefik").await;
}

fn secret(world: &ArgoCdFixture) -> Option<Value> {
    world.store().get("", "secrets", "argocd", "cluster-w")
}

/// Takes the usage label off and lets the Secret belong to the root Application.
fn unregister(world: &ArgoCdFixture) {
    let root = world.application("w-runtime").unwrap();
    world.store().modify("", "secrets", "argocd", "cluster-w", |secret| {
        secret["metadata"]["labels"].as_object_mut().unwrap().remove("cluster.nautes.io/usage");
        secret["metadata"]["ownerReferences"] = json!([{"apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
            "name": "w-runtime", "uid": root["metadata"]["uid"]}]);
    });
}

#[tokio::test]
async fn taking_the_label_off_uninstalls_and_then_collects_the_secret() {
    let world = ArgoCdFixture::start().await;
    world.put(
        "applicationsets",
        worker_set(
            template("{{.name}}-runtime", "runtimes/{{.name}}", in_cluster()),
            true,
        ),
    );
    world.settle().await;
    let before = world.store().dump();
    let component = application("w-traefik", "traefik", json!({"name": "w"}), true);
    world.commit(&[("runtimes/w/traefik-app.yaml", Some(component))]);
    world.register("w", "worker");
    world.until_healthy("w-traefik").await;
    world
        .argo()
        .behave("w-traefik", ApplicationBehaviour::Stuck);
    unregister(&world);
    world
        .until("w-traefik", |app| {
            app["metadata"].get("deletionTimestamp").is_some()
        })
        .await;
    world.settle().await;
    assert!(
        world.application("w-runtime").is_some(),
        "the root waits for its children"
    );
    assert!(
        secret(&world).is_some(),
        "the credentials are there while it uninstalls"
    );
    world.argo().reset();
    world
        .until_true("all gone", || {
            world.names().is_empty() && secret(&world).is_none()
        })
        .await;
    world.settle().await;
    assert_eq!(world.store().dump(), before, "nothing is left behind");
}

#[tokio::test]
async fn without_the_secret_nothing_is_uninstalled() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world.register("w", "worker");
    world.put(
        "applicationsets",
        worker_set(
            template("{{.name}}", "p", json!({"name": "{{.name}}"})),
            true,
        ),
    );
    world.until_healthy("w").await;
    world.argo().behave("w", ApplicationBehaviour::Unreachable);
    world.store().remove("", "secrets", "argocd", "cluster-w");
    world
        .until_true("gone though its cluster does not answer", || {
            world.names().is_empty()
        })
        .await;
}

#[tokio::test]
async fn an_unreachable_cluster_holds_its_applications() {
    let world = ArgoCdFixture::start().await;
    installed(&world).await;
    world
        .argo()
        .behave("w-traefik", ApplicationBehaviour::Unreachable);
    unregister(&world);
    world
        .until("w-traefik", |app| condition(app) == "DeletionError")
        .await;
    assert!(world.application("w-runtime").is_some() && secret(&world).is_some());
    world.store().remove("", "secrets", "argocd", "cluster-w");
    world
        .until_true("all gone", || world.names().is_empty())
        .await;
}

#[tokio::test]
async fn a_running_operation_comes_before_a_deletion() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world.register("w", "worker");
    world.put(
        "applications",
        application("a", "p", json!({"name": "w"}), true),
    );
    world.until_healthy("a").await;
    world.argo().behave("a", ApplicationBehaviour::Unreachable);
    world.change("a", |app| app["operation"] = json!({"sync": {}}));
    world.delete("argoproj.io", "applications", "a").await;
    world.settle().await;
    assert_ne!(condition(&world.application("a").unwrap()), "DeletionError");
    world.argo().reset();
    world.until_true("gone", || world.names().is_empty()).await;
}

#[tokio::test]
async fn projects_go_last() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world.register("w", "worker");
    let project = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "spec": {},
        "metadata": {"name": "p", "namespace": "argocd", "finalizers": ["resources-finalizer.argocd.argoproj.io"]}});
    world.put("appprojects", project);
    let mut app = application("a", "p", json!({"name": "w"}), true);
    app["spec"]["project"] = json!("p");
    world.put("applications", app);
    world.until_healthy("a").await;
    let exists = || {
        world
            .store()
            .get("argoproj.io", "appprojects", "argocd", "p")
            .is_some()
    };
    world.delete("argoproj.io", "appprojects", "p").await;
    world.settle().await;
    assert!(exists(), "it is in use");
    world.delete("argoproj.io", "applications", "a").await;
    world
        .until_true("both gone", || world.names().is_empty() && !exists())
        .await;
}

#[tokio::test]
async fn without_its_project_an_application_is_stuck() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world.register("w", "worker");
    let project = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "spec": {}, "metadata": {"name": "p", "namespace": "argocd"}});
    world.put("appprojects", project);
    let mut app = application("a", "p", json!({"name": "w"}), true);
    app["spec"]["project"] = json!("p");
    world.put("applications", app);
    world.until_healthy("a").await;
    world.delete("argoproj.io", "appprojects", "p").await;
    world.delete("argoproj.io", "applications", "a").await;
    world
        .until("a", |app| condition(app) == "DeletionError")
        .await;
}

#[tokio::test]
async fn without_the_finalizer_objects_stay() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[("p/one.yaml", Some(config_map("one", "1")))]);
    let mut app = application("a", "p", in_cluster(), true);
    app["metadata"]
        .as_object_mut()
        .unwrap()
        .remove("finalizers");
    world.put("applications", app);
    world.until_healthy("a").await;
    world.delete("argoproj.io", "applications", "a").await;
    assert!(world.names().is_empty());
    world.settle().await;
    assert!(
        world
            .store()
            .get("", "configmaps", "argocd", "one")
            .is_some()
    );
}
