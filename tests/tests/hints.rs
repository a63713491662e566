//! Commands of hints that ask a cluster, tried with kubectl where there is one. Those that ask a file alone are tried by the
//! domain's own tests.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::kubeconfig::{self, Kubeconfig, KubeconfigError};
use sandbox_kubernetes::{Kubernetes, Options};
use serde_json::{Value, json};
use tempfile::TempDir;

/// In the lifetime of no certificate: there is none here.
const NOW: u64 = 1_800_000_000;

/// Runs a command as a shell does; none, loudly, where there is no kubectl.
fn run(command: &str, kubeconfig: &Path) -> Option<String> {
    if Command::new("kubectl")
        .arg("version")
        .arg("--client")
        .output()
        .is_err()
    {
        eprintln!("SKIPPED: kubectl is not installed, so `{command}` was not tried");
        return None;
    }
    let output = Command::new("sh")
        .args(["-c", command])
        .env("KUBECONFIG", kubeconfig)
        .output()
        .unwrap();
    assert!(output.status.success(), "{command}: {output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn read(text: &str) -> Result<Kubeconfig, Vec<KubeconfigError>> {
    kubeconfig::credentials(text, NOW)
}

/// The command that a text has in backticks and that begins so.
fn command(text: &str, program: &str) -> String {
    let quoted = text.split('`').skip(1).step_by(2);
    let command = quoted.into_iter().find(|it| it.starts_with(program));
    command
        .unwrap_or_else(|| panic!("no {program} in {text}"))
        .to_owned()
}

fn with_token(token: &str) -> String {
    format!(
        "clusters: [{{name: a, cluster: {{}}}}]\nusers: [{{name: a, user: {{token: {token}}}}}]\n"
    )
}

/// Made as nobody is asked: `kubectl create` sends Protocol Buffers, which this API server does not take.
fn put(kubernetes: &Kubernetes, resource: &str, object: &Value) {
    kubernetes.store().put("", resource, object.clone());
}

async fn start(data: &TempDir) -> Kubernetes {
    let options = Options::new(data.path().to_owned());
    Kubernetes::start(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_gives_the_kubeconfig_that_it_holds() {
    let data = TempDir::new().unwrap();
    let kubernetes = start(&data).await;
    let metadata = json!({"name": "made-up-kubeconfig", "namespace": "default"});
    let value = BASE64_STANDARD.encode(with_token("canary"));
    put(
        &kubernetes,
        "secrets",
        &json!({"apiVersion": "v1", "kind": "Secret",
        "type": "cluster.x-k8s.io/secret", "metadata": metadata, "data": {"value": value}}),
    );
    let admin = kubernetes.kubeconfig();
    // What people send in its place.
    let Some(sent) = run("kubectl get secret made-up-kubeconfig -o yaml", admin) else {
        return;
    };
    let errors = read(&sent).err().unwrap();
    assert_eq!(errors.len(), 1, "{errors:?}");
    let command = command(&errors[0].hint(), "kubectl").replace("NAME", "made-up-kubeconfig");
    let printed = run(&command, admin).unwrap();
    assert_eq!(printed, with_token("canary"));
    assert!(read(&printed).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_an_hour_is_replaced_by_a_longer_one() {
    let data = TempDir::new().unwrap();
    let kubernetes = start(&data).await;
    let admin = kubernetes.kubeconfig();
    let metadata = json!({"name": "made-up", "namespace": "default"});
    put(
        &kubernetes,
        "serviceaccounts",
        &json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}),
    );
    let Some(token) = run("kubectl create token made-up", admin) else {
        return;
    };
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let read = |token: &str| {
        kubeconfig::credentials(&with_token(token.trim()), now)
            .ok()
            .unwrap()
    };
    let warnings = read(&token).warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let command = command(&warnings[0], "kubectl create token").replace("NAME", "made-up");
    let token = run(&command, admin).unwrap();
    assert_eq!(read(&token).warnings, [""; 0]);
}
