//! Commands of hints that ask a cluster, tried with kubectl where there is one. Those that ask a file alone are tried by the
//! domain's own tests.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::kubeconfig::{self, Kubeconfig, KubeconfigError};
use sandbox_kubernetes::{Kubernetes, KubernetesOptions};
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
    let options = KubernetesOptions::new(data.path().to_owned());
    Kubernetes::start(options).await.unwrap()
}

/// The command that a hint names, with the names of the object that was sent.
fn of_object(hint: &str) -> String {
    let command = command(hint, "kubectl get secret");
    let command = command.replace("NAMESPACE", "elsewhere");
    command.replace("NAME", "made-up-kubeconfig")
}

/// Where tools keep a kubeconfig in a Secret, each in a namespace that is not the context's.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_gives_the_kubeconfig_that_it_holds() {
    let data = TempDir::new().unwrap();
    let kubernetes = start(&data).await;
    let admin = kubernetes.kubeconfig();
    let metadata = json!({"name": "made-up-kubeconfig", "namespace": "elsewhere"});
    let value = BASE64_STANDARD.encode(with_token("canary"));
    for key in [
        "value",
        "kubeconfig",
        "config",
        "admin.conf",
        "super-admin.conf",
        "kubeconfig.yaml",
        "kubeconfig.conf",
    ] {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata,
            "data": {key: value, "ca.crt": "YQ=="}});
        put(&kubernetes, "secrets", &secret);
        // What people send in its place.
        for form in ["yaml", "json"] {
            let send = format!("kubectl get secret made-up-kubeconfig -n elsewhere -o {form}");
            let Some(sent) = run(&send, admin) else {
                return;
            };
            let errors = read(&sent).err().unwrap();
            assert_eq!(errors.len(), 1, "{errors:?}");
            let printed = run(&of_object(&errors[0].hint()), admin).unwrap();
            assert_eq!(printed, with_token("canary"), "{key}");
            assert!(read(&printed).is_ok());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_with_a_token_gives_the_token() {
    let data = TempDir::new().unwrap();
    let kubernetes = start(&data).await;
    let admin = kubernetes.kubeconfig();
    let metadata = json!({"name": "made-up-kubeconfig", "namespace": "elsewhere"});
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": metadata, "data": {"token": BASE64_STANDARD.encode("canary"), "ca.crt": "YQ=="}});
    put(&kubernetes, "secrets", &secret);
    let Some(sent) = run(
        "kubectl get secret made-up-kubeconfig -n elsewhere -o yaml",
        admin,
    ) else {
        return;
    };
    let errors = read(&sent).err().unwrap();
    let token = run(&of_object(&errors[0].hint()), admin).unwrap();
    assert_eq!(token, "canary");
    assert!(read(&with_token(&token)).is_ok());
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
