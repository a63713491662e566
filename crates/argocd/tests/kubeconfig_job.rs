//! Runs the Job's script in a shell, with a kubectl that notes how it is called and answers what the
//! case says.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test may panic"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/kubeconfig-job.sh");

/// Answers from files: `workloads` and `secret`; an answer that is missing is a failure. Counts down
/// `refusals` first. What is applied ends up in `applied`.
const KUBECTL: &str = r#"#!/bin/sh
cd "$WORK_DIR" || exit 1
printf '%s\n' "$*" >>calls
case "$*" in
*"get statefulsets,deployments"*)
    if [ -s refusals ]; then sed -i 1d refusals; exit 1; fi
    cat workloads ;;
*"get secret"*) cat secret ;;
*apply*) cat >applied ;;
esac
"#;

struct Case {
    folder: TempDir,
}

impl Case {
    /// The host's `config`, the workloads and the lines of the vcluster's Secret: CA, certificate,
    /// key, token.
    fn new(config: &str, workloads: &str, secret: [&str; 4]) -> Self {
        let case = Self {
            folder: TempDir::new().unwrap(),
        };
        for folder in ["host", "work", "bin"] {
            fs::create_dir(case.path(folder)).unwrap();
        }
        fs::write(case.path("host/server"), "https://10.0.0.1:6443").unwrap();
        fs::write(case.path("host/config"), config).unwrap();
        fs::write(case.path("work/workloads"), workloads).unwrap();
        fs::write(case.path("work/secret"), secret.join("\n") + "\n").unwrap();
        let kubectl = case.path("bin/kubectl");
        fs::write(&kubectl, KUBECTL).unwrap();
        fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).unwrap();
        case
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, deadline: u64) -> Output {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "cluster-v", "namespace": "argocd"},
            "data": {"name": "dg==", "config": "@CONFIG@"},
        });
        let path = std::env::var("PATH").unwrap();
        Command::new("sh")
            .arg(SCRIPT)
            .env_clear()
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("HOST_DIR", self.path("host"))
            .env("WORK_DIR", self.path("work"))
            .env("VIRTUAL_CLUSTER", "virtual-1")
            .env("NAMESPACE", "argocd")
            .env("SECRET", secret.to_string())
            .env("STALE_SECRETS", "cluster-old-1 cluster-old-2")
            .env("DEADLINE_SECONDS", deadline.to_string())
            .env("INTERVAL_SECONDS", "0")
            .output()
            .unwrap()
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// Argo CD's config in the Secret that was applied.
    fn config(&self) -> Value {
        let secret = self.json("work/applied");
        assert_eq!(secret["metadata"]["name"], "cluster-v");
        assert_eq!(secret["data"]["name"], "dg==");
        let config = STANDARD.decode(secret["data"]["config"].as_str().unwrap());
        serde_json::from_slice(&config.unwrap()).unwrap()
    }
}

const HOST: &str = r#"{"tlsClientConfig":{"insecure":false,"caData":"aG9zdA==","certData":"Y2VydA==","keyData":"a2V5"}}"#;
const CERTIFICATE: [&str; 4] = ["dmNh", "dmNlcnQ=", "dmtleQ==", ""];
const TOKEN: [&str; 4] = ["dmNh", "", "", "ZXlKLmNhbmFyeQ=="];

#[test]
fn a_client_certificate_becomes_a_cluster_secret() {
    let case = Case::new(HOST, "virtual-1-vcluster-app", CERTIFICATE);
    let output = case.run(60);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        case.config(),
        json!({"tlsClientConfig": {
            "insecure": false, "caData": "dmNh", "certData": "dmNlcnQ=", "keyData": "dmtleQ==",
        }})
    );
    let calls = fs::read_to_string(case.path("work/calls")).unwrap();
    let calls: Vec<&str> = calls.lines().collect();
    assert!(
        calls[1].contains("get secret vc-virtual-1-vcluster-app"),
        "{calls:?}"
    );
    assert!(calls[0].contains("--namespace=virtual-1"), "{calls:?}");
    assert!(
        !calls[2].contains("--kubeconfig"),
        "the Secret goes to the management cluster"
    );
    assert!(calls[3].starts_with("delete secret cluster-old-1 --namespace=argocd"));
    assert!(calls[4].starts_with("delete secret cluster-old-2 --namespace=argocd"));
}

#[test]
fn a_token_becomes_a_cluster_secret() {
    let case = Case::new(HOST, "v", TOKEN);
    let output = case.run(60);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        case.config(),
        json!({"bearerToken": "eyJ.canary", "tlsClientConfig": {"insecure": false, "caData": "dmNh"}})
    );
    let printed = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&printed).contains("canary"));
}

#[test]
fn every_way_into_a_host() {
    let cases = [
        (
            HOST,
            json!({"certificate-authority-data": "aG9zdA=="}),
            json!({"client-certificate-data": "Y2VydA==", "client-key-data": "a2V5"}),
        ),
        (
            r#"{"bearerToken":"t","tlsClientConfig":{"insecure":true},"proxyUrl":"http://p:1"}"#,
            json!({"insecure-skip-tls-verify": true, "proxy-url": "http://p:1"}),
            json!({"token": "t"}),
        ),
        (
            "{\n  \"username\": \"u\",\n  \"password\": \"a\\\"b\\\\\",\n  \"tlsClientConfig\": {\"insecure\": false, \"serverName\": \"k\"}\n}\n",
            json!({"tls-server-name": "k"}),
            json!({"username": "u", "password": "a\"b\\"}),
        ),
    ];
    for (config, mut cluster, user) in cases {
        let case = Case::new(config, "v", CERTIFICATE);
        assert!(case.run(60).status.success());
        let kubeconfig = case.json("work/host.json");
        cluster["server"] = json!("https://10.0.0.1:6443");
        assert_eq!(kubeconfig["clusters"][0]["cluster"], cluster);
        assert_eq!(kubeconfig["users"][0]["user"], user);
        assert_eq!(kubeconfig["current-context"], "host");
        assert_eq!(mode(&case.path("work/host.json")), 0o600);
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn waits_for_the_virtual_cluster() {
    let case = Case::new(HOST, "v", CERTIFICATE);
    fs::write(case.path("work/refusals"), "1\n2\n3\n").unwrap();
    assert!(case.run(60).status.success());
    let calls = fs::read_to_string(case.path("work/calls")).unwrap();
    assert_eq!(calls.matches("get statefulsets").count(), 4);
}

#[test]
fn gives_up_without_writing_anything() {
    for (workloads, secret, reason) in [
        ("", CERTIFICATE, "no vcluster in namespace virtual-1"),
        (
            "a b",
            CERTIFICATE,
            "more than one vcluster in namespace virtual-1: a b",
        ),
        (
            "v",
            ["dmNh", "dmNlcnQ=", "", ""],
            "no complete credentials yet",
        ),
        ("v", ["", "", "", "dA=="], "no complete credentials yet"),
    ] {
        let case = Case::new(HOST, workloads, secret);
        let output = case.run(0);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(reason) && said.contains("gave up"), "{said}");
        let calls = fs::read_to_string(case.path("work/calls")).unwrap();
        assert!(
            !calls.contains("apply") && !calls.contains("delete"),
            "{calls}"
        );
    }
}
