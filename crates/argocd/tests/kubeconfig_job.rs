//! Runs the Job's script in a shell. Where it talks to an API server, a stand-in for kubectl notes how it is called
//! and answers what the case says; kubectl itself reads the answer's template and writes the documents.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test may panic"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/kubeconfig-job.sh");

/// Answers from files: `workloads` (lines) and `secret` (an object, read by the template that is asked with).
/// Counts down `refusals` first. What is applied ends up in `applied`.
const KUBECTL: &str = r#"#!/bin/sh
cd "$WORK_DIR" || exit 1
case "$1" in
create | patch) exec "$KUBECTL" "$@" ;;
esac
printf '%s\n' "$*" >>calls
case "$*" in
*"get statefulsets,deployments"*)
    if [ -s refusals ]; then sed -i 1d refusals; exit 1; fi
    cat workloads ;;
*"get secret"*)
    for word; do case $word in --output=*) output=$word ;; esac; done
    exec "$KUBECTL" label --local --filename=answer-of-host a=b "$output" ;;
*"get --filename=secret.json"*)
    for word; do case $word in --output=*) output=$word ;; esac; done
    exec "$KUBECTL" label --local --filename=there c=d "$output" ;;
apply*)
    if [ -s there ] && grep -q resourceVersion secret.json; then
        echo 'Error from server (Conflict): the object has been modified' >&2
        exit 1
    fi
    cp secret.json applied ;;
delete*)
    cat >>deleted
    if [ -s gone ]; then cat gone >&2; exit 1; fi ;;
esac
"#;

/// Where kubectl is; `None` where it is not installed.
fn kubectl() -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap();
    let mut folders = std::env::split_paths(&path);
    let found = folders.find(|folder| folder.join("kubectl").is_file());
    if found.is_none() {
        eprintln!("SKIPPED: kubectl is not installed, so NOTHING of this test was checked");
    }
    found.map(|folder| folder.join("kubectl"))
}

struct KubeconfigJobFixture {
    folder: TempDir,
}

impl KubeconfigJobFixture {
    /// The workloads' names, and the data of the vcluster's Secret.
    fn new(workloads: &str, data: &Value) -> Self {
        let case = Self {
            folder: TempDir::new().unwrap(),
        };
        for folder in ["host", "work", "bin"] {
            fs::create_dir(case.path(folder)).unwrap();
        }
        fs::write(case.path("host/kubeconfig"), "{}").unwrap();
        fs::write(case.path("work/workloads"), workloads).unwrap();
        let secret =
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": data});
        fs::write(case.path("work/answer-of-host"), secret.to_string()).unwrap();
        let kubectl = case.path("bin/kubectl");
        fs::write(&kubectl, KUBECTL).unwrap();
        fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).unwrap();
        case
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// With a Secret that is known by its uid.
    fn run(&self, deadline: u64) -> Output {
        self.run_with("uid", "5", deadline)
    }

    /// With one that must be new.
    fn run_new(&self) -> Output {
        self.run_with("resourceVersion", "1", 60)
    }

    fn run_with(&self, member: &str, value: &str, deadline: u64) -> Output {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "cluster-v", "namespace": "argocd", (member): value, "labels": {"a": "b"}},
            "data": {"name": "dg=="},
        });
        let path = std::env::var("PATH").unwrap();
        Command::new("sh")
            .arg(SCRIPT)
            .env_clear()
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("HOST_DIR", self.path("host"))
            .env("WORK_DIR", self.path("work"))
            .env("VIRTUAL_CLUSTER", "virtual-1")
            .env("CLUSTER_LABEL", "cluster.nautes.io/name")
            .env("NAMESPACE", "argocd")
            .env("SECRET", secret.to_string())
            .env("FORCE", (member == "uid").to_string())
            .env("KUBECTL", kubectl().unwrap())
            .env(
                "STALE_SECRETS",
                "cluster-old-1 {\"uid\":1}\ncluster-old-2 {\"uid\":2}",
            )
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
        let mut metadata = secret["metadata"].clone();
        metadata
            .as_object_mut()
            .unwrap()
            .remove("creationTimestamp");
        assert_eq!(
            metadata,
            json!({"name": "cluster-v", "namespace": "argocd", "uid": "5", "labels": {"a": "b"}})
        );
        assert_eq!(secret["data"]["name"], "dg==");
        assert_eq!(secret["data"].as_object().unwrap().len(), 2);
        let config = STANDARD.decode(secret["data"]["config"].as_str().unwrap());
        serde_json::from_slice(&config.unwrap()).unwrap()
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path("work/calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    fn wrote(&self) -> bool {
        let mut calls = self.calls().into_iter();
        calls.any(|call| call.starts_with("apply") || call.starts_with("delete"))
    }
}

const PEM: &str = "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n";
/// In two parts: nobody who looks for keys in sources should find this canary.
const KEY: &str = concat!(
    "-----BEGIN EC ",
    "PRIVATE KEY-----\r\ncanary+/\r\n-----END EC ",
    "PRIVATE KEY-----"
);

fn certificate() -> Value {
    json!({"certificate-authority": STANDARD.encode(PEM), "client-certificate": STANDARD.encode(PEM),
        "client-key": STANDARD.encode(KEY), "config": STANDARD.encode("apiVersion: v1")})
}

fn token(token: &str) -> Value {
    json!({"certificate-authority": STANDARD.encode(PEM), "token": STANDARD.encode(token)})
}

#[test]
fn a_client_certificate_becomes_a_cluster_secret() {
    if kubectl().is_none() {
        return;
    }
    let case = KubeconfigJobFixture::new("virtual-1-vcluster-app", &certificate());
    let output = case.run(60);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        case.config(),
        json!({"tlsClientConfig": {"caData": STANDARD.encode(PEM), "certData": STANDARD.encode(PEM),
            "keyData": STANDARD.encode(KEY)}})
    );
    let calls = case.calls();
    assert!(calls[0].contains("--namespace=virtual-1"), "{calls:?}");
    assert!(
        calls[1].contains("get secret vc-virtual-1-vcluster-app"),
        "{calls:?}"
    );
    assert!(
        calls[2].starts_with("apply") && !calls[2].contains("--kubeconfig"),
        "the Secret goes to the management cluster: {calls:?}"
    );
    assert!(calls[2].contains("--force-conflicts=true"), "{calls:?}");
    for (call, name) in calls[3..].iter().zip(["cluster-old-1", "cluster-old-2"]) {
        let path = format!("--raw=/api/v1/namespaces/argocd/secrets/{name}");
        assert!(call.starts_with("delete") && call.contains(&path), "{call}");
    }
    let deleted = fs::read_to_string(case.path("work/deleted")).unwrap();
    assert_eq!(deleted, r#"{"uid":1}{"uid":2}"#);
}

#[test]
fn a_token_becomes_a_cluster_secret() {
    if kubectl().is_none() {
        return;
    }
    let case = KubeconfigJobFixture::new("v", &token("eyJ.canary-_~+/=:"));
    let output = case.run(60);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        case.config(),
        json!({"bearerToken": "eyJ.canary-_~+/=:", "tlsClientConfig": {"caData": STANDARD.encode(PEM)}})
    );
    let printed = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&printed).contains("canary"));
}

/// A host's administrator answers whatever they like: none of it gets into the management cluster.
#[test]
fn what_is_no_credential_is_refused_and_nothing_is_written() {
    if kubectl().is_none() {
        return;
    }
    let exec = r#"x","execProviderConfig":{"command":"sh","args":["-c","id"]},"y":""#;
    let encoded_exec = STANDARD.encode(exec);
    let pem_and_more = format!("{PEM}{exec}");
    let key = STANDARD.encode(KEY);
    let with = |name: &str, value: &str| {
        let mut data = certificate();
        data[name] = json!(value);
        data
    };
    let rows = [
        (with("certificate-authority", exec), "certificate-authority"),
        (
            with("certificate-authority", &encoded_exec),
            "certificate-authority",
        ),
        (
            with("certificate-authority", &STANDARD.encode(pem_and_more)),
            "certificate-authority",
        ),
        // Of another kind.
        (with("certificate-authority", &key), "certificate-authority"),
        (
            with("client-certificate", "TUlJQg==\nTUlJQg=="),
            "more than one line",
        ),
        (
            with("client-certificate", "not base64"),
            "client-certificate",
        ),
        (with("client-certificate", "a"), "client-certificate"),
        (
            with("client-key", &STANDARD.encode(format!("{KEY}\0"))),
            "client-key",
        ),
        (with("client-key", &STANDARD.encode(PEM)), "client-key"),
        (with("token", exec), "token"),
        (token(exec), "token"),
        (token("two\nlines"), "token"),
        (token("a\\b"), "token"),
        (token("caf\u{e9}"), "token"),
    ];
    for (data, reason) in rows {
        let case = KubeconfigJobFixture::new("v", &data);
        let output = case.run(0);
        assert_eq!(output.status.code(), Some(1), "{data}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains(reason) && said.contains("virtual cluster"),
            "{data}: {said}"
        );
        assert!(!said.contains("exec") && !said.contains("canary"), "{said}");
        assert!(!case.wrote(), "{data}");
    }
    for workloads in ["v; rm -rf /", "../v", "--all\u{1b}[2J", "V"] {
        let case = KubeconfigJobFixture::new(workloads, &certificate());
        let output = case.run(0);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("a name that is none") && !said.contains('\u{1b}'),
            "{said}"
        );
        assert!(!case.wrote());
    }
}

#[test]
fn waits_for_the_virtual_cluster() {
    if kubectl().is_none() {
        return;
    }
    let case = KubeconfigJobFixture::new("v", &certificate());
    fs::write(case.path("work/refusals"), "1\n2\n3\n").unwrap();
    assert!(case.run(60).status.success());
    let calls = case.calls().join("\n");
    assert_eq!(calls.matches("get statefulsets").count(), 4);
}

#[test]
fn gives_up_without_writing_anything() {
    if kubectl().is_none() {
        return;
    }
    let authority = certificate()["certificate-authority"].clone();
    for (workloads, data, reason) in [
        ("", certificate(), "no vcluster in namespace virtual-1"),
        (
            "a\nb",
            certificate(),
            "more than one vcluster in namespace virtual-1: a b",
        ),
        (
            "v",
            json!({"certificate-authority": authority, "client-certificate": "TUlJQg=="}),
            "no complete credentials yet",
        ),
        ("v", json!({"token": "dA=="}), "no complete credentials yet"),
        ("v", Value::Null, "no complete credentials yet"),
    ] {
        let case = KubeconfigJobFixture::new(workloads, &data);
        let output = case.run(0);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(reason) && said.contains("gave up"), "{said}");
        assert!(!case.wrote());
    }
    let case = KubeconfigJobFixture::new("v", &certificate());
    fs::write(case.path("host/kubeconfig"), "").unwrap();
    let said = String::from_utf8(case.run(0).stderr).unwrap();
    assert!(said.contains("save the host again"), "{said}");
}

#[test]
fn a_former_secret_that_is_gone_or_anothers_is_no_failure_and_any_other_is() {
    if kubectl().is_none() {
        return;
    }
    for (answer, succeeds) in [
        (
            "Error from server (NotFound): secrets \"x\" not found",
            true,
        ),
        (
            "Error from server (Conflict): the UID in the precondition",
            true,
        ),
        ("Error from server (Forbidden): no", false),
    ] {
        let case = KubeconfigJobFixture::new("v", &certificate());
        fs::write(case.path("work/gone"), answer).unwrap();
        assert_eq!(case.run(60).status.success(), succeeds, "{answer}");
    }
}

/// The Secret that is there when one is to be made.
fn there(cluster: &str, kind: &str, manager: &str) -> String {
    let labels = json!({"cluster.nautes.io/name": cluster, "argocd.argoproj.io/secret-type": kind});
    let managers = json!([{"manager": "other"}, {"manager": manager}]);
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {
        "name": "cluster-v", "namespace": "argocd", "uid": "5", "labels": labels, "managedFields": managers}})
    .to_string()
}

#[test]
fn a_secret_that_has_come_meanwhile_is_taken_on_where_it_is_ours_alone() {
    if kubectl().is_none() {
        return;
    }
    let case = KubeconfigJobFixture::new("v", &certificate());
    assert!(case.run_new().status.success());
    let calls = case.calls().join("\n");
    assert!(calls.contains("--force-conflicts=false"), "{calls}");
    assert_eq!(
        case.json("work/applied")["metadata"]["resourceVersion"],
        "1"
    );

    let case = KubeconfigJobFixture::new("v", &certificate());
    let ours = there("virtual-1", "cluster", "nautes-clusters");
    fs::write(case.path("work/there"), ours).unwrap();
    let output = case.run_new();
    assert!(output.status.success(), "{output:?}");
    // `config` looks at the uid as well.
    assert!(case.config()["tlsClientConfig"].is_object());
    let calls = case.calls();
    let last = calls
        .iter()
        .rfind(|call| call.starts_with("apply"))
        .unwrap();
    assert!(last.contains("--force-conflicts=true"), "{last}");

    for there in [
        there("virtual-2", "cluster", "nautes-clusters"),
        there("virtual-1", "repository", "nautes-clusters"),
        there("virtual-1", "cluster", "nautes-clusters-of-others"),
        r#"{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "cluster-v", "uid": "5"}}"#
            .to_owned(),
    ] {
        let case = KubeconfigJobFixture::new("v", &certificate());
        fs::write(case.path("work/there"), &there).unwrap();
        let output = case.run_new();
        assert_eq!(output.status.code(), Some(1), "{there}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("somebody else's"), "{said}");
        assert!(!case.path("work/applied").exists(), "{there}");
        assert!(!case.path("work/deleted").exists(), "{there}");
    }
}
