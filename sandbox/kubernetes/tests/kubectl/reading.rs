//! Reading with kubectl.

use crate::support::{Kubectl, OBJECTS};

/// Headings and cells of a printed table.
fn rows(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        line.split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
            .collect()
    };
    text.lines().map(cells).collect()
}

#[tokio::test]
async fn resources_and_versions() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    let resources = kubectl.ok("api-resources").await;
    for name in [
        "secrets",
        "deployments",
        "applications",
        "applicationsets",
        "clusters",
        "customresourcedefinitions",
    ] {
        assert!(
            resources
                .lines()
                .any(|line| line.starts_with(&format!("{name} "))),
            "{name} in {resources}"
        );
    }
    let argo = kubectl
        .ok("api-resources --api-group=argoproj.io -o name")
        .await;
    assert_eq!(
        argo,
        "applications.argoproj.io\napplicationsets.argoproj.io\nappprojects.argoproj.io\n"
    );
    let versions = kubectl.ok("api-versions").await;
    assert!(
        versions.contains("nautes.resource.nautes.io/v1alpha1\n") && versions.contains("\nv1\n"),
        "{versions}"
    );
    assert!(kubectl.ok("version").await.contains("Server Version: v1."));
    assert!(kubectl.ok("cluster-info").await.contains("is running at"));
}

#[tokio::test]
async fn get_in_every_form() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    kubectl.ok_with("apply -f -", OBJECTS).await;
    let store = kubectl.kubernetes.store();
    store.modify(
        "argoproj.io",
        "applications",
        "argocd",
        "guestbook",
        |app| {
            app["status"] =
                serde_json::json!({"sync": {"status": "Synced"}, "health": {"status": "Healthy"}});
        },
    );
    let table = rows(&kubectl.ok("get applications -n argocd").await);
    assert_eq!(
        table,
        [
            ["NAME", "SYNC STATUS", "HEALTH STATUS"],
            ["guestbook", "Synced", "Healthy"]
        ]
    );
    let wide = rows(&kubectl.ok("get app -A -o wide").await);
    assert_eq!(
        wide[0],
        [
            "NAMESPACE",
            "NAME",
            "SYNC STATUS",
            "HEALTH STATUS",
            "REVISION",
            "PROJECT"
        ]
    );
    let deployments = rows(&kubectl.ok("get deploy").await);
    assert_eq!(
        deployments[0],
        ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    );
    assert_eq!(deployments[1][..4], ["web", "0/2", "0", "0"]);
    assert_eq!(
        kubectl.ok("get cm,deploy -o name").await,
        "configmap/settings\ndeployment.apps/web\n"
    );
    assert!(
        kubectl
            .ok("get cm settings -o yaml")
            .await
            .contains("\n  color: red\n")
    );
    let json: serde_json::Value =
        serde_json::from_str(&kubectl.ok("get cm -o json").await).unwrap();
    assert_eq!(json["items"][0]["kind"], "ConfigMap");
    assert!(
        kubectl
            .ok("get all -A")
            .await
            .contains("deployment.apps/web")
    );
    let every = "get applications,applicationsets,appprojects,clusters,secrets,configmaps,jobs,namespaces,crds -A";
    let every = kubectl.ok(every).await;
    assert!(
        every.contains("application.argoproj.io/guestbook") && every.contains("namespace/nautes"),
        "{every}"
    );
    assert_eq!(kubectl.ok("get cm -l nothing=here").await, "");
    assert!(
        kubectl
            .fails("get cm missing", "")
            .await
            .contains("Error from server (NotFound): configmaps \"missing\" not found")
    );
    assert!(
        kubectl
            .fails("get nonsense", "")
            .await
            .contains("doesn't have a resource type \"nonsense\"")
    );
}

#[tokio::test]
async fn describe_with_events() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    kubectl.ok_with("apply -f -", OBJECTS).await;
    let uid = kubectl
        .ok("get app guestbook -n argocd -o jsonpath={.metadata.uid}")
        .await;
    let event = format!(
        r#"{{"apiVersion": "v1", "kind": "Event", "metadata": {{"name": "e", "namespace": "argocd"}}, "type": "Normal",
        "reason": "ResourceUpdated", "message": "synced", "involvedObject": {{"kind": "Application", "name": "guestbook",
        "namespace": "argocd", "uid": "{uid}", "apiVersion": "argoproj.io/v1alpha1"}}}}"#
    );
    kubectl.ok_with("create -f -", &event).await;
    let described = kubectl.ok("describe app guestbook -n argocd").await;
    assert!(
        described.contains("Repo URL:") && described.contains("ResourceUpdated"),
        "{described}"
    );
    assert!(
        kubectl
            .ok("describe deploy web")
            .await
            .contains("Image:         nginx:1")
    );
    assert!(
        kubectl
            .ok("describe ns argocd")
            .await
            .contains("Status:       Active")
    );
    assert!(kubectl.ok("describe cm settings").await.contains("red"));
    let events = rows(&kubectl.ok("get events -n argocd").await);
    assert_eq!(
        events[0],
        ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    );
    assert_eq!(
        events[1][1..],
        [
            "Normal",
            "ResourceUpdated",
            "application/guestbook",
            "synced"
        ]
    );
}

#[tokio::test]
async fn explain_reads_the_schemas() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    assert!(
        kubectl
            .ok("explain applications.spec.source")
            .await
            .contains("repoURL\t<string> -required-")
    );
    assert!(
        kubectl
            .ok("explain deploy.spec.replicas")
            .await
            .contains("FIELD: replicas <integer>")
    );
}

#[tokio::test]
async fn access_of_the_caller() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    assert_eq!(
        kubectl.ok("auth can-i create applications -n argocd").await,
        "yes\n"
    );
    assert!(kubectl.ok("auth whoami").await.contains("admin"));
    let token = kubectl.kubernetes.token_of("reader").unwrap().to_owned();
    assert_eq!(
        kubectl
            .ok(&format!("--token={token} auth can-i get secrets -n argocd"))
            .await,
        "yes\n"
    );
    assert_eq!(
        kubectl
            .run(&format!("--token={token} auth can-i create pods"))
            .await
            .out,
        "no\n"
    );
    assert!(
        kubectl
            .ok(&format!("--token={token} auth can-i --list -n argocd"))
            .await
            .contains("secrets")
    );
    let error = kubectl
        .fails(&format!("--token={token} get pods"), "")
        .await;
    assert!(error.contains("User \"reader\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\""), "{error}");
    let error = kubectl.fails("--token=wrong get pods", "").await;
    assert!(
        error.contains("You must be logged in to the server") || error.contains("Unauthorized"),
        "{error}"
    );
}

#[tokio::test]
async fn watching() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    let mut watch = kubectl.spawn("get cm -w -o name");
    let out = watch.stdout.take().unwrap();
    let reader = tokio::task::spawn_blocking(move || {
        use std::io::BufRead;
        std::io::BufReader::new(out)
            .lines()
            .take(3)
            .map(Result::unwrap)
            .collect::<Vec<_>>()
    });
    kubectl.ok("create cm one").await;
    kubectl.ok("create cm two").await;
    // kubectl may begin to watch late: change something until it has seen enough.
    for round in 0.. {
        kubectl
            .ok(&format!("label cm two round={round} --overwrite"))
            .await;
        if reader.is_finished() {
            break;
        }
    }
    let lines = reader.await.unwrap();
    assert_eq!(lines[0], "configmap/one");
    watch.kill().unwrap();
    watch.wait().unwrap();
}
