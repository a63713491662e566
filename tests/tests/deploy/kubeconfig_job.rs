//! The Job of a virtual cluster, run as its service account with real kubectl: two API servers, one of the
//! host and one of the management cluster.

use std::path::Path;
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandbox_kubernetes::{ADMIN, Kubernetes, KubernetesCall, KubernetesOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{Tenant, guide};

use super::access::{assert_same, granted, identity, refused, used, user};
use super::apply_all;

const NAME: &str = "virtual-worker-deployment";
const ACCOUNT: &str = "nautes-clusters-kubeconfig";

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nY2VydA==\n-----END CERTIFICATE-----\n";

fn encode(text: &str) -> String {
    STANDARD.encode(text)
}

/// A host on which the virtual cluster has come up.
async fn host(folder: &TempDir) -> Kubernetes {
    let host = Kubernetes::start(KubernetesOptions::new(folder.path().join("api")))
        .await
        .unwrap();
    let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": "v", "namespace": NAME, "labels": {"app": "vcluster"}}});
    host.store().put("apps", "statefulsets", set);
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "vc-v", "namespace": NAME},
        "data": {"certificate-authority": encode(CERTIFICATE), "client-certificate": encode(CERTIFICATE),
            "client-key": encode(concat!("-----BEGIN ", "PRIVATE KEY-----\na2V5\n-----END ", "PRIVATE KEY-----\n"))}});
    host.store().put("", "secrets", secret);
    host
}

/// Mounts what Kubernetes would mount: the host's kubeconfig.
fn mount(folder: &TempDir, host: &Kubernetes) {
    kubeconfig(&folder.path().join("host"), host, host.token());
}

fn kubeconfig(path: &Path, kubernetes: &Kubernetes, token: &str) {
    let cluster = json!({"server": kubernetes.url_tls(),
        "certificate-authority-data": encode(kubernetes.ca_pem())});
    let config = json!({"apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "c", "user": {"token": token}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}]});
    std::fs::create_dir_all(path).unwrap();
    std::fs::write(path.join("kubeconfig"), config.to_string()).unwrap();
}

/// Runs the container of the Job as the API server has it; `STALE_SECRETS` as given.
async fn run(job: &Value, folder: &TempDir, stale: &str) -> Output {
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    let words: Vec<&str> = container["command"]
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word.as_str().unwrap())
        .collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    for variable in container["env"].as_array().unwrap() {
        command.env(
            variable["name"].as_str().unwrap(),
            variable["value"].as_str().unwrap_or_default(),
        );
    }
    command
        .env("HOST_DIR", folder.path().join("host"))
        .env("WORK_DIR", folder.path())
        .env("HOME", folder.path())
        .env("KUBECONFIG", folder.path().join("kubeconfig"))
        .env("DEADLINE_SECONDS", "30")
        .env("INTERVAL_SECONDS", "1")
        .env("STALE_SECRETS", stale);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn the_job_needs_exactly_what_is_granted() {
    if Command::new("kubectl")
        .arg("version")
        .arg("--client")
        .output()
        .is_err()
    {
        eprintln!("SKIPPED: kubectl is not installed, so NOTHING of this test was checked");
        return;
    }
    let tenant = Tenant::start_as(ADMIN, |_, options| {
        options.identities.push(identity(&user("argocd", ACCOUNT)));
    })
    .await;
    apply_all(&tenant.kubernetes, "rbac.yaml").await;
    for name in ["cluster-host", NAME] {
        tenant.save(name, guide("v0.4", name)).await.ok();
    }
    let store = tenant.kubernetes.store();
    let job = store
        .get("batch", "jobs", "argocd", &format!("{NAME}-kubeconfig"))
        .unwrap();
    assert_eq!(
        job["spec"]["template"]["spec"]["serviceAccountName"],
        ACCOUNT
    );
    let metadata = json!({"name": "cluster-old", "namespace": "argocd"});
    store.put(
        "",
        "secrets",
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata}),
    );

    let folder = TempDir::new().unwrap();
    let host = host(&folder).await;
    mount(&folder, &host);
    // What a Pod's kubectl finds by itself.
    let token = tenant
        .kubernetes
        .token_of(&user("argocd", ACCOUNT))
        .unwrap();
    kubeconfig(folder.path(), &tenant.kubernetes, token);
    let uid = store.get("", "secrets", "argocd", "cluster-old").unwrap()["metadata"]["uid"].clone();
    let options =
        json!({"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": uid}});
    let stale = format!("cluster-old {options}");
    tenant.kubernetes.clear_calls();
    // Twice, since a Job may be repeated.
    for _ in 0..2 {
        let output = run(&job, &folder, &stale).await;
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    let secrets = store.list("", "secrets", "argocd");
    let of_cluster =
        |secret: &&Value| secret["metadata"]["labels"]["cluster.nautes.io/name"] == NAME;
    assert_eq!(secrets.iter().filter(of_cluster).count(), 1, "{secrets:#?}");
    assert!(store.get("", "secrets", "argocd", "cluster-old").is_none());

    let calls = tenant.kubernetes.calls();
    assert_eq!(refused(&calls), Vec::<&KubernetesCall>::new());
    assert_same(
        &granted("argocd", ACCOUNT),
        used(&calls, &user("argocd", ACCOUNT)),
    );
}
