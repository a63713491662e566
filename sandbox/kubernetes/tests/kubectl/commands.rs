//! Commands that the documents have people run: apply, get, describe, delete, create a token.

use std::path::Path;
use std::time::Duration;

use crate::support::{KubectlFixture, OBJECTS};

/// Headings and cells of a printed table.
fn rows(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        let cells = line.split("  ").map(str::trim);
        cells
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
            .collect()
    };
    text.lines().map(cells).collect()
}

#[tokio::test]
async fn apply_creates_changes_and_removes_fields() {
    let Some(kubectl) = KubectlFixture::start().await else {
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
    let data = kubectl.ok("get cm settings -o jsonpath={.data}").await;
    assert_eq!(data, r#"{"size":"big"}"#);
    let containers = "get deploy web -o jsonpath={.spec.template.spec.containers[*].image}";
    assert_eq!(kubectl.ok(containers).await, "nginx:2");
    let dry = "apply --server-side --force-conflicts --dry-run=server -f -";
    let dry = kubectl.ok_with(dry, OBJECTS).await;
    assert_eq!(dry.matches("(server dry run)").count(), 3, "{dry}");
    assert_eq!(kubectl.ok(containers).await, "nginx:2");
    let slip = OBJECTS.replace("project: default", "project: default\n  projekt: x");
    let error = kubectl.fails("apply -f -", &slip).await;
    assert!(error.contains("unknown field \"spec.projekt\""), "{error}");
    let deleted = kubectl.ok_with("delete -f -", OBJECTS).await;
    assert_eq!(deleted.lines().count(), 3, "{deleted}");
}

/// `docs/deploy.md`, "The management cluster", with both ways to a token.
#[tokio::test]
async fn the_deployment_can_be_rehearsed() {
    let Some(kubectl) = KubectlFixture::start().await else {
        return;
    };
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    for file in [
        "crds",
        "rbac.yaml",
        "endless-token.yaml",
        "repository-credential.yaml",
    ] {
        let path = deploy.join(file);
        kubectl.ok(&format!("apply -f {}", path.display())).await;
        let again = kubectl.ok(&format!("apply -f {}", path.display())).await;
        assert!(!again.contains("created"), "{again}");
    }
    let secret = "get secret nautes-clusters-token -n nautes -o jsonpath={.data.token}";
    let mut stored = String::new();
    for _ in 0..100 {
        stored = kubectl.ok(secret).await;
        if !stored.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!stored.is_empty(), "the Secret is never filled");

    let create = "create token nautes-clusters -n nautes --duration 24h";
    let token = kubectl.ok(create).await;
    let asked = format!("--token={} auth can-i", token.trim());
    let may = kubectl.ok(&format!("{asked} list secrets -n argocd")).await;
    assert_eq!(may, "yes\n");
    let may_not = kubectl
        .run(&format!("{asked} list secrets -n nautes"))
        .await;
    assert_eq!(may_not.out, "no\n", "{}", may_not.err);
    let wrong = kubectl.fails("--token=wrong get pods", "").await;
    assert!(
        wrong.contains("You must be logged in") || wrong.contains("Unauthorized"),
        "{wrong}"
    );
}

#[tokio::test]
async fn get_in_every_form() {
    let Some(kubectl) = KubectlFixture::start().await else {
        return;
    };
    kubectl.ok_with("apply -f -", OBJECTS).await;
    let store = kubectl.kubernetes.store();
    let status = serde_json::json!({"sync": {"status": "Synced"}, "health": {"status": "Healthy"}});
    store.modify(
        "argoproj.io",
        "applications",
        "argocd",
        "guestbook",
        |app| app["status"] = status,
    );
    let table = rows(&kubectl.ok("get applications -n argocd").await);
    let expected = [
        ["NAME", "SYNC STATUS", "HEALTH STATUS"],
        ["guestbook", "Synced", "Healthy"],
    ];
    assert_eq!(table, expected);
    let wide = rows(&kubectl.ok("get app -A -o wide").await);
    assert!(wide[0].ends_with(&["REVISION".to_owned(), "PROJECT".to_owned()]));
    let deployments = rows(&kubectl.ok("get deploy").await);
    assert_eq!(deployments[0], ["NAME", "AGE"]);
    assert_eq!(
        kubectl.ok("get cm,deploy -o name").await,
        "configmap/settings\ndeployment.apps/web\n"
    );
    let yaml = kubectl.ok("get cm settings -o yaml").await;
    assert!(yaml.contains("\n  color: red\n"), "{yaml}");
    let all = kubectl.ok("get all -A").await;
    assert!(all.contains("deployment.apps/web"), "{all}");
    let every =
        "get applications,applicationsets,appprojects,clusters,secrets,jobs,namespaces,crds -A";
    let every = kubectl.ok(every).await;
    assert!(
        every.contains("application.argoproj.io/guestbook"),
        "{every}"
    );
    assert_eq!(kubectl.ok("get cm -l nothing=here").await, "");
    let missing = kubectl.fails("get cm missing", "").await;
    let expected = "Error from server (NotFound): configmaps \"missing\" not found";
    assert!(missing.contains(expected), "{missing}");
    let unknown = kubectl.fails("get nonsense", "").await;
    let expected = "doesn't have a resource type \"nonsense\"";
    assert!(unknown.contains(expected), "{unknown}");
}

#[tokio::test]
async fn describe_with_events() {
    let Some(kubectl) = KubectlFixture::start().await else {
        return;
    };
    kubectl.ok_with("apply -f -", OBJECTS).await;
    let uid = "get app guestbook -n argocd -o jsonpath={.metadata.uid}";
    let uid = kubectl.ok(uid).await;
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
    let described = kubectl.ok("describe deploy web").await;
    assert!(described.contains("Image:         nginx:1"), "{described}");
    let described = kubectl.ok("describe ns argocd").await;
    assert!(described.contains("Status:       Active"), "{described}");
}

#[tokio::test]
async fn delete_waits_for_finalizers() {
    let Some(kubectl) = KubectlFixture::start().await else {
        return;
    };
    kubectl.ok_with("create -f -", OBJECTS).await;
    let hold = r#"patch cm settings --type=merge -p {"metadata":{"finalizers":["x/y"]}}"#;
    kubectl.ok(hold).await;
    let delete = kubectl.ok("delete cm settings --timeout=30s");
    let release = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let marked = "get cm settings -o jsonpath={.metadata.deletionTimestamp}";
        let marked = kubectl.ok(marked).await;
        let release = r#"patch cm settings --type=merge -p {"metadata":{"finalizers":null}}"#;
        kubectl.ok(release).await;
        marked
    };
    let (deleted, marked) = tokio::join!(delete, release);
    assert_eq!(deleted, "configmap \"settings\" deleted\n");
    assert!(marked.ends_with('Z'), "{marked}");
    kubectl.ok("delete deploy web --cascade=foreground").await;
    kubectl.ok("delete app --all -n argocd").await;
    assert_eq!(kubectl.ok("get app -A").await, "");
}
