//! Saves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::server::{ARGO, BATCH, NAUTES};
use crate::tenant::{Tenant, host, kubeconfig, worker};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

fn decoded(secret: &Value, key: &str) -> String {
    let bytes = STANDARD
        .decode(secret["data"][key].as_str().unwrap())
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

fn managers(object: &Value) -> Vec<(&str, &str)> {
    let entries = object["metadata"]["managedFields"]
        .as_array()
        .unwrap()
        .iter();
    let text = |value: &'static str| move |entry: &&Value| entry[value].is_string();
    entries
        .filter(text("manager"))
        .map(|entry| {
            (
                entry["manager"].as_str().unwrap(),
                entry["operation"].as_str().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_first_save_puts_everything_in_its_place_and_the_same_again_changes_nothing() {
    let tenant = Tenant::start().await;
    let name = tenant.name("worker");
    let (status, body) = tenant.save(&name, &worker(A)).await;
    assert_eq!(status, 200, "{body}");
    // There is no Vault.
    let warnings = body["warnings"].as_array().unwrap();
    let of_vault = |warning: &Value| warning.as_str().unwrap().contains("vault_url");
    assert!(warnings.iter().all(of_vault), "{body}");
    let created = |it: &&Value| it["action"] == "created";
    assert_eq!(
        body["installs"]
            .as_array()
            .unwrap()
            .iter()
            .filter(created)
            .count(),
        4,
        "{body}"
    );

    let secret = tenant.secret(&name).await;
    assert_eq!(secret["type"], "Opaque");
    assert_eq!(
        secret["metadata"]["labels"],
        json!({"argocd.argoproj.io/secret-type": "cluster",
        "cluster.nautes.io/name": name, "cluster.nautes.io/usage": "worker"})
    );
    assert_eq!(
        secret["metadata"]["annotations"]["managed-by"],
        "argocd.argoproj.io"
    );
    assert_eq!(decoded(&secret, "name"), name);
    assert_eq!(decoded(&secret, "server"), A);
    let config: Value = serde_json::from_str(&decoded(&secret, "config")).unwrap();
    assert_eq!(
        config,
        json!({"bearerToken": "canary-t", "tlsClientConfig": {"insecure": false}})
    );
    assert!(managers(&secret).contains(&("nautes-clusters", "Apply")));

    let root = format!("{}-management", tenant.settings.rendering.tenant);
    let paths = [
        tenant.in_argocd(
            ARGO,
            &format!("appprojects/{}", tenant.settings.rendering.tenant),
        ),
        tenant.in_argocd(ARGO, &format!("applications/{root}")),
        format!("{NAUTES}/namespaces/{}/clusters/{name}", tenant.nautes),
    ];
    let mut versions = Vec::new();
    for path in &paths {
        let object = tenant
            .server
            .get(path)
            .await
            .unwrap_or_else(|| panic!("no {path}"));
        assert!(
            managers(&object).contains(&("nautes-clusters", "Apply")),
            "{object:#}"
        );
        versions.push(object["metadata"]["resourceVersion"].clone());
    }
    let cluster = tenant.server.get(&paths[2]).await.unwrap();
    assert_eq!(cluster["spec"]["apiServer"], A);
    assert_eq!(tenant.read(&name).await.1["status"]["phase"], "Registered");

    let (status, body) = tenant.save(&name, &worker(A)).await;
    assert_eq!((status, &body["commit"]), (200, &Value::Null));
    for (path, version) in paths.iter().zip(versions) {
        let object = tenant.server.get(path).await.unwrap();
        assert_eq!(object["metadata"]["resourceVersion"], version, "{object:#}");
    }
    let again = tenant.secret(&name).await;
    assert_eq!(again, secret);
    tenant.end().await;
}

#[tokio::test]
async fn credentials_are_rotated_kept_and_moved_to_another_api_server() {
    let tenant = Tenant::start().await;
    let name = tenant.name("worker");
    assert_eq!(tenant.save(&name, &worker(A)).await.0, 200);
    let first = tenant.secret(&name).await;

    let mut rotated = worker(A);
    rotated["kubeconfig"] = kubeconfig("second").into();
    assert_eq!(tenant.save(&name, &rotated).await.0, 200);
    let second = tenant.secret(&name).await;
    assert_eq!(second["metadata"]["uid"], first["metadata"]["uid"]);
    assert!(decoded(&second, "config").contains("canary-second"));

    let mut kept = worker(A);
    kept.as_object_mut().unwrap().remove("kubeconfig");
    kept["primary_domain"] = "new.example.com".into();
    let (status, body) = tenant.save(&name, &kept).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(tenant.secret(&name).await["data"], second["data"]);

    assert_eq!(tenant.save(&name, &worker(B)).await.0, 200);
    let moved = tenant.secret(&name).await;
    assert_ne!(moved["metadata"]["name"], first["metadata"]["name"]);
    assert_eq!(decoded(&moved, "server"), B);
    assert_eq!(decoded(&moved, "name"), name);
    tenant.end().await;
}

#[tokio::test]
async fn a_virtual_cluster_gets_a_job_that_every_save_replaces_and_a_physical_one_loses() {
    let tenant = Tenant::start().await;
    let (host_name, name) = (tenant.name("host"), tenant.name("virtual"));
    assert_eq!(tenant.save(&host_name, &host(A)).await.0, 200);
    let body = json!({"api_server": "https://a.example.com:31443", "cluster_type": "virtual", "usage": "worker",
        "worker_type": "deployment", "host_cluster": host_name});
    let path = tenant.in_argocd(BATCH, &format!("jobs/{name}-kubeconfig"));
    let mut uids = Vec::new();
    for _ in 0..2 {
        let (status, answer) = tenant.save(&name, &body).await;
        assert_eq!(status, 200, "{answer}");
        let job = tenant.server.get(&path).await.expect("no Job");
        let volume = &job["spec"]["template"]["spec"]["volumes"][0];
        let secret = &tenant.secret(&host_name).await["metadata"]["name"];
        assert_eq!(volume["secret"]["secretName"], *secret);
        uids.push(job["metadata"]["uid"].clone());
    }
    assert_ne!(uids[0], uids[1]);

    assert_eq!(tenant.save(&name, &worker(B)).await.0, 200);
    assert_eq!(tenant.server.get(&path).await, None);
    tenant.end().await;
}

#[tokio::test]
async fn what_somebody_else_has_taken_over_stays_theirs_with_a_warning() {
    let tenant = Tenant::start().await;
    let name = tenant.name("worker");
    assert_eq!(tenant.save(&name, &worker(A)).await.0, 200);
    let project = &tenant.settings.rendering.tenant;
    let path = tenant.in_argocd(ARGO, &format!("appprojects/{project}"));
    let mine = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
        "metadata": {"name": project, "namespace": tenant.argocd}, "spec": {"description": "ours now"}});
    tenant.server.apply_as("an-operator", &path, &mine).await;
    let (status, body) = tenant.save(&name, &worker(A)).await;
    assert_eq!(status, 200, "{body}");
    let warnings = body["warnings"].to_string();
    assert!(
        warnings.contains(".spec.description is managed by an-operator"),
        "{warnings}"
    );
    let kept = tenant.server.get(&path).await.unwrap();
    assert_eq!(kept["spec"]["description"], "ours now");
    tenant.end().await;
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let tenant = Tenant::start().await;
    let name = tenant.name("worker");
    let (status, planned) = tenant
        .save(&format!("{name}?dry_run=true"), &worker(A))
        .await;
    assert_eq!(status, 200, "{planned}");
    assert_eq!(tenant.everything().await, [].into());
    let (_, real) = tenant.save(&name, &worker(A)).await;
    let objects = |answer: &Value| -> Vec<String> {
        let objects = answer["installs"].as_array().unwrap().iter();
        objects
            .map(|it| format!("{} {}", it["kind"], it["name"]))
            .collect()
    };
    assert_eq!(objects(&planned), objects(&real));
    tenant.end().await;
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_told_of_and_the_same_save_finishes_with_a_good_one() {
    let tenant = Tenant::start().await;
    let name = tenant.name("worker");
    let mut settings = tenant.settings.clone();
    settings.kubernetes_token = "canary-wrong".to_owned();
    let (status, body) = tenant.save_with(&settings, &name, &worker(A)).await;
    assert_eq!(
        (status, &body["reason"]),
        (502, &json!("KUBERNETES_UNAVAILABLE")),
        "{body}"
    );
    // Whose the objects are is looked at before the commit, so there is none.
    assert_eq!(body.get("commit"), None);
    let detail = body["detail"].as_str().unwrap();
    assert!(detail.contains("variable kubernetes_token"), "{detail}");
    assert!(detail.contains("nothing was written"), "{detail}");
    assert_eq!(tenant.everything().await, [].into());
    let (status, body) = tenant.save(&name, &worker(A)).await;
    assert_eq!(status, 200);
    assert!(body["commit"]["id"].is_string(), "{body}");
    tenant.secret(&name).await;
    tenant.end().await;
}

#[tokio::test]
async fn a_namespace_that_is_missing_is_named() {
    let tenant = Tenant::start().await;
    let name = tenant.name("worker");
    let mut settings = tenant.settings.clone();
    settings.rendering.argocd_namespace = tenant.name("missing");
    let (status, body) = tenant.save_with(&settings, &name, &worker(A)).await;
    assert_eq!(
        (status, &body["reason"]),
        (502, &json!("KUBERNETES_UNAVAILABLE")),
        "{body}"
    );
    // What is to be applied is tried before the commit, so there is none.
    assert_eq!(body.get("commit"), None);
    let detail = body["detail"].as_str().unwrap();
    let advice = format!("create the namespace {}", tenant.name("missing"));
    assert!(detail.contains(&advice), "{detail}");
    assert!(detail.contains("nothing was written"), "{detail}");
    assert_eq!(tenant.everything().await, [].into());
    tenant.end().await;
}
