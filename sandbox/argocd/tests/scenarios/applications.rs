//! Applications: destinations, syncs, refreshes, failures.

use std::time::Duration;

use sandbox_argocd::ApplicationBehaviour;
use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn an_application_goes_through_the_states_of_a_sync() {
    let world = ArgoCdFixture::start().await;
    let head = world.commit(&[]);
    world.register("w", "worker");
    world.argo().behave("a", ApplicationBehaviour::Stuck);
    world.put(
        "applications",
        application("a", "p", json!({"name": "w"}), true),
    );
    world
        .until("a", |app| {
            (sync(app), health(app)) == ("OutOfSync", "Missing")
        })
        .await;
    let progressing = world
        .until("a", |app| {
            (sync(app), health(app)) == ("Synced", "Progressing")
        })
        .await;
    assert_eq!(
        progressing["status"]["operationState"]["phase"],
        "Succeeded"
    );
    world.argo().reset();
    let healthy = world.until_healthy("a").await;
    let status = &healthy["status"];
    assert_eq!(
        (
            &status["sync"]["revision"],
            &status["operationState"]["syncResult"]["revision"]
        ),
        (&json!(head), &json!(head))
    );
    assert_eq!(status["history"][0]["revision"], json!(head));
    assert!(status["reconciledAt"].as_str().unwrap().ends_with('Z'));
    let revision = &healthy["metadata"]["resourceVersion"];
    world.settle().await;
    assert_eq!(
        &world.application("a").unwrap()["metadata"]["resourceVersion"],
        revision,
        "nothing to do, nothing written"
    );
}

#[tokio::test]
async fn a_chart_is_synced_at_its_version() {
    let world = ArgoCdFixture::start().await;
    world.register("w", "worker");
    let mut chart = application("a", "", json!({"server": "https://w:6443"}), true);
    chart["spec"]["source"] = json!({"repoURL": "https://charts.example.com", "chart": "traefik", "targetRevision": "1.2.3"});
    world.put("applications", chart);
    assert_eq!(
        world.until_healthy("a").await["status"]["sync"]["revision"],
        "1.2.3"
    );
}

#[tokio::test]
async fn a_destination_must_be_registered() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world.put(
        "applications",
        application("a", "p", json!({"name": "w"}), true),
    );
    let unknown = world
        .until("a", |app| condition(app) == "InvalidSpecError")
        .await;
    assert_eq!((sync(&unknown), health(&unknown)), ("Unknown", "Unknown"));
    assert_eq!(
        unknown["status"]["conditions"][0]["message"],
        "there are no clusters with this name: w"
    );
    world.register("w", "worker");
    let healthy = world.until_healthy("a").await;
    assert_eq!(healthy["status"]["conditions"], json!([]));
}

#[tokio::test]
async fn a_project_must_exist() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world.register("w", "worker");
    let mut app = application("a", "p", json!({"name": "w"}), true);
    app["spec"]["project"] = json!("tenant");
    world.put("applications", app);
    world
        .until("a", |app| condition(app) == "InvalidSpecError")
        .await;
    let project = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": "tenant", "namespace": "argocd"}, "spec": {}});
    world.put("appprojects", project);
    world.until_healthy("a").await;
}

#[tokio::test]
async fn a_folder_of_manifests_is_really_applied() {
    let world = ArgoCdFixture::start().await;
    let first = world.commit(&[
        ("tenant/production/one.yaml", Some(config_map("one", "1"))),
        (
            "tenant/production/deeper/no.yaml",
            Some(config_map("no", "1")),
        ),
        ("tenant/production/readme.md", Some(json!("no manifest"))),
    ]);
    world.put(
        "applications",
        application("root", "tenant/production", in_cluster(), true),
    );
    let healthy = world.until_healthy("root").await;
    assert_eq!(healthy["status"]["sync"]["revision"], json!(first));
    assert_eq!(healthy["status"]["resources"][0]["name"], "one");
    let get = |name: &str| world.store().get("", "configmaps", "argocd", name);
    let one = get("one").unwrap();
    assert_eq!(
        one["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"],
        "root:/ConfigMap:argocd/one"
    );
    assert!(get("no").is_none(), "folders below are not read");

    let second = world.commit(&[
        ("tenant/production/one.yaml", None),
        ("tenant/production/two.yaml", Some(config_map("two", "2"))),
    ]);
    world.settle().await;
    assert!(
        get("two").is_none(),
        "a commit alone is not noticed before the next poll"
    );
    world.change("root", |app| {
        app["metadata"]["annotations"] = json!({"argocd.argoproj.io/refresh": "normal"})
    });
    let after = world
        .until("root", |app| {
            app["status"]["sync"]["revision"] == json!(second) && sync(app) == "Synced"
        })
        .await;
    assert!(
        after["metadata"]["annotations"]
            .get("argocd.argoproj.io/refresh")
            .is_none()
    );
    assert!(get("one").is_none() && get("two").is_some());
}

#[tokio::test]
async fn a_refresh_is_not_lost_while_others_are_compared() {
    let world = ArgoCdFixture::start().await;
    let commit = |value: &str| {
        let file = |name| Some(config_map(name, value));
        world.commit(&[("a/one.yaml", file("one")), ("z/two.yaml", file("two"))])
    };
    commit("0");
    for name in ["a", "z"] {
        world.put("applications", application(name, name, in_cluster(), true));
        world.until_healthy(name).await;
    }
    let refresh = |app: &mut Value| {
        app["metadata"]["annotations"] = json!({"argocd.argoproj.io/refresh": "normal"});
    };
    for round in 1..=8 {
        let revision = json!(commit(&round.to_string()));
        world.change("a", refresh);
        // Git is asked for the one, and the other is looked at after it.
        tokio::time::sleep(Duration::from_millis(round)).await;
        world.change("z", refresh);
        for name in ["a", "z"] {
            world
                .until(name, |app| app["status"]["sync"]["revision"] == revision)
                .await;
        }
    }
}

#[tokio::test]
async fn a_kustomization_lists_its_files() {
    let world = ArgoCdFixture::start().await;
    let kustomization =
        json!({"resources": ["one.yaml", "sub", "https://example.com/remote.yaml"]});
    let mut listed = kustomization.clone();
    listed["kind"] = json!("Kustomization");
    world.commit(&[
        ("p/kustomization.yaml", Some(listed)),
        ("p/one.yaml", Some(config_map("one", "1"))),
        ("p/unlisted.yaml", Some(config_map("unlisted", "1"))),
        ("p/sub/two.yaml", Some(config_map("two", "1"))),
    ]);
    world.put("applications", application("a", "p", in_cluster(), true));
    world.until_healthy("a").await;
    let exists = |name: &str| {
        world
            .store()
            .get("", "configmaps", "argocd", name)
            .is_some()
    };
    assert!(exists("one") && exists("two") && !exists("unlisted"));
}

#[tokio::test]
async fn changed_objects_are_healed() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[("p/one.yaml", Some(config_map("one", "1")))]);
    world.put("applications", application("a", "p", in_cluster(), true));
    world.until_healthy("a").await;
    world
        .store()
        .modify("", "configmaps", "argocd", "one", |map| {
            map["data"]["x"] = json!("changed")
        });
    let value = || {
        world
            .store()
            .get("", "configmaps", "argocd", "one")
            .map(|map| map["data"]["x"].clone())
    };
    world
        .until_true("healed", || value() == Some(json!("1")))
        .await;
    world.store().remove("", "configmaps", "argocd", "one");
    world
        .until_true("made again", || value() == Some(json!("1")))
        .await;
}

#[tokio::test]
async fn a_missing_folder_is_a_comparison_error() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world.put(
        "applications",
        application("a", "nowhere", in_cluster(), true),
    );
    let app = world
        .until("a", |app| condition(app) == "ComparisonError")
        .await;
    assert_eq!(
        app["status"]["conditions"][0]["message"],
        "nowhere: app path does not exist"
    );
}

#[tokio::test]
async fn objects_that_cannot_be_applied_fail_the_sync() {
    let world = ArgoCdFixture::start().await;
    let unknown =
        json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}});
    world.commit(&[("p/thing.yaml", Some(unknown))]);
    world.put("applications", application("a", "p", in_cluster(), true));
    let failed = world.until("a", |app| condition(app) == "SyncError").await;
    assert_eq!(failed["status"]["operationState"]["phase"], "Failed");
    assert!(
        failed["status"]["operationState"]["message"]
            .as_str()
            .unwrap()
            .contains("no matches for kind \"Thing\"")
    );
    world.commit(&[("p/thing.yaml", Some(config_map("t", "1")))]);
    world.change("a", |app| {
        app["metadata"]["annotations"] = json!({"argocd.argoproj.io/refresh": "hard"})
    });
    world.until_healthy("a").await;
}

#[tokio::test]
async fn without_automation_a_sync_is_asked_for() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[("p/one.yaml", Some(config_map("one", "1")))]);
    world.put("applications", application("a", "p", in_cluster(), false));
    world.until("a", |app| sync(app) == "OutOfSync").await;
    world.settle().await;
    assert!(
        world
            .store()
            .get("", "configmaps", "argocd", "one")
            .is_none()
    );
    world.change(
        "a",
        |app| {
            app["operation"] =
                json!({"initiatedBy": {"username": "me"}, "sync": {"syncStrategy": {"hook": {}}}})
        },
    );
    let done = world.until("a", |app| health(app) == "Healthy").await;
    assert!(done.get("operation").is_none());
    assert_eq!(
        done["status"]["operationState"]["operation"]["initiatedBy"]["username"],
        "me"
    );
    assert!(
        world
            .store()
            .get("", "configmaps", "argocd", "one")
            .is_some()
    );
}

#[tokio::test]
async fn behaviours_on_demand() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world.register("w", "worker");
    for name in ["degraded", "unreachable", "failing"] {
        world.put(
            "applications",
            application(name, "p", json!({"name": "w"}), true),
        );
    }
    world.argo().behave(
        "degraded",
        ApplicationBehaviour::Degraded("image cannot be pulled".into()),
    );
    world
        .argo()
        .behave("unreachable", ApplicationBehaviour::Unreachable);
    world
        .argo()
        .behave("failing", ApplicationBehaviour::SyncFails("quota".into()));
    let degraded = world
        .until("degraded", |app| health(app) == "Degraded")
        .await;
    assert_eq!(
        degraded["status"]["health"]["message"],
        "image cannot be pulled"
    );
    let unreachable = world
        .until("unreachable", |app| condition(app) == "ComparisonError")
        .await;
    assert_eq!(sync(&unreachable), "Unknown");
    let failing = world
        .until("failing", |app| condition(app) == "SyncError")
        .await;
    assert!(
        failing["status"]["conditions"][0]["message"]
            .as_str()
            .unwrap()
            .contains("quota")
    );
    world.argo().reset();
    let healthy = world.until_healthy("degraded").await;
    assert_eq!(healthy["status"]["health"], json!({"status": "Healthy"}));
    world.until_healthy("unreachable").await;
}

#[tokio::test]
async fn a_cluster_whose_credentials_have_expired_lets_nobody_in() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world.register("w", "worker");
    let expire_at = |end: &str| {
        let changed = world
            .store()
            .modify("", "secrets", "argocd", "cluster-w", |secret| {
                secret["metadata"]["annotations"] =
                    json!({"clusters.nautes.io/credentials-expire-at": end});
            });
        assert!(changed);
    };
    expire_at("2020-01-01T00:00:00Z");
    world.put(
        "applications",
        application("a", "p", json!({"name": "w"}), true),
    );
    let refused = world
        .until("a", |app| condition(app) == "ComparisonError")
        .await;
    assert_eq!(
        (sync(&refused), health(&refused)),
        ("Unknown", "Unknown"),
        "{refused:#}"
    );
    assert!(
        refused["status"]["conditions"][0]["message"]
            .as_str()
            .unwrap()
            .contains("provide credentials")
    );

    world.delete("argoproj.io", "applications", "a").await;
    world
        .until("a", |app| condition(app) == "DeletionError")
        .await;
    expire_at("2999-01-01T00:00:00Z");
    world
        .until_true("uninstalled with new credentials", || {
            world.names().is_empty()
        })
        .await;
}
