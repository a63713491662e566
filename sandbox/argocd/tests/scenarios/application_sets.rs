//! ApplicationSets.

use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn registered_clusters_become_applications() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    let set = world.put(
        "applicationsets",
        worker_set(
            template(
                "{{.name}}-runtime",
                "runtimes/{{ .name }}",
                json!({"name": "{{.name}}"}),
            ),
            true,
        ),
    );
    world.settle().await;
    assert_eq!(world.names(), Vec::<String>::new());
    world.register("w1", "worker");
    world.register("h1", "host");
    world.register("w2", "worker");
    let one = world.until_healthy("w1-runtime").await;
    world.until_healthy("w2-runtime").await;
    assert_eq!(world.names(), ["w1-runtime", "w2-runtime"]);
    assert_eq!(one["spec"]["source"]["path"], "runtimes/w1");
    assert_eq!(
        one["metadata"]["finalizers"],
        json!(["resources-finalizer.argocd.argoproj.io"])
    );
    let owner = &one["metadata"]["ownerReferences"][0];
    assert_eq!(
        (&owner["kind"], &owner["uid"], &owner["controller"]),
        (
            &json!("ApplicationSet"),
            &set["metadata"]["uid"],
            &json!(true)
        )
    );
}

#[tokio::test]
async fn plain_templates_and_lists() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world.register("My_Host", "host");
    let mut set = worker_set(
        template(
            "{{cluster}}-{{size}}",
            "p",
            json!({"server": "https://My_Host:6443"}),
        ),
        false,
    );
    set["spec"]["generators"] = json!([{"list": {"elements": [{"cluster": "a", "size": "1"}, {"cluster": "b", "size": "2"}]}}]);
    world.put("applicationsets", set.clone());
    world.until_healthy("a-1").await;
    world.until_healthy("b-2").await;
    set["spec"]["generators"] =
        json!([{"clusters": {"selector": {"matchLabels": {"cluster.nautes.io/usage": "host"}}}}]);
    set["spec"]["template"]["metadata"]["name"] = json!("{{nameNormalized}}");
    world.store().modify(
        "argoproj.io",
        "applicationsets",
        "argocd",
        "runtime-appset",
        |live| live["spec"] = set["spec"].clone(),
    );
    world
        .until_true("only the host's is left", || world.names() == ["my-host"])
        .await;
}

#[tokio::test]
async fn a_changed_template_changes_the_applications() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world.register("w", "worker");
    world.put(
        "applicationsets",
        worker_set(
            template("{{.name}}", "old", json!({"name": "{{.name}}"})),
            true,
        ),
    );
    world.until_healthy("w").await;
    world.store().modify(
        "argoproj.io",
        "applicationsets",
        "argocd",
        "runtime-appset",
        |set| {
            set["spec"]["template"]["spec"]["source"]["path"] = json!("new");
            set["spec"]["template"]["spec"]
                .as_object_mut()
                .unwrap()
                .remove("syncPolicy");
        },
    );
    let changed = world
        .until("w", |application| {
            application["spec"]["source"]["path"] == "new"
        })
        .await;
    assert!(changed["spec"].get("syncPolicy").is_none());
}

#[tokio::test]
async fn one_malformed_configuration_stops_the_generator() {
    let world = ArgoCdFixture::start().await;
    world.commit(&[]);
    world
        .store()
        .put("", "secrets", cluster_secret("bad", "host", "{not json"));
    world.register("w", "worker");
    world.put(
        "applicationsets",
        worker_set(
            template("{{.name}}", "p", json!({"name": "{{.name}}"})),
            true,
        ),
    );
    let conditions = || {
        let set = world
            .store()
            .get("argoproj.io", "applicationsets", "argocd", "runtime-appset")
            .unwrap();
        set["status"]["conditions"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let occurred = |status: &str| {
        conditions()
            .iter()
            .any(|condition| condition["type"] == "ErrorOccurred" && condition["status"] == status)
    };
    world
        .until_true("the error is told", || occurred("True"))
        .await;
    assert_eq!(world.names(), Vec::<String>::new());
    world.store().remove("", "secrets", "argocd", "cluster-bad");
    world.until_healthy("w").await;
    world
        .until_true("the error is over", || occurred("False"))
        .await;
}

#[tokio::test]
async fn a_missing_key_is_an_error_in_go_templates() {
    let world = ArgoCdFixture::start().await;
    world.register("w", "worker");
    world.put(
        "applicationsets",
        worker_set(
            template("{{.nonsense}}", "p", json!({"name": "{{.name}}"})),
            true,
        ),
    );
    let told = || {
        let set = world
            .store()
            .get("argoproj.io", "applicationsets", "argocd", "runtime-appset")
            .unwrap();
        set["status"]["conditions"][0]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    world
        .until_true("the error is told", || told().contains("nonsense"))
        .await;
}

#[tokio::test]
async fn a_refresh_is_taken_off() {
    let world = ArgoCdFixture::start().await;
    let mut set = worker_set(
        template("{{.name}}", "p", json!({"name": "{{.name}}"})),
        true,
    );
    set["metadata"]["annotations"] = json!({"argocd.argoproj.io/application-set-refresh": "true"});
    world.put("applicationsets", set);
    let annotations = || {
        world
            .store()
            .get("argoproj.io", "applicationsets", "argocd", "runtime-appset")
            .unwrap()["metadata"]["annotations"]
            .clone()
    };
    world
        .until_true("the annotation is gone", || {
            annotations()
                .as_object()
                .is_none_or(serde_json::Map::is_empty)
                || annotations() == Value::Null
        })
        .await;
}
