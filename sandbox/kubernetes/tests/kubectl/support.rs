//! A server of its own for every test, and kubectl pointed at it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use sandbox_kubernetes::{CallerIdentity, Kubernetes, KubernetesOptions, PolicyRule};
use tempfile::TempDir;

pub struct KubectlFixture {
    pub kubernetes: Kubernetes,
    home: TempDir,
}

/// Output of a command.
#[derive(Debug)]
pub struct CommandOutput {
    pub ok: bool,
    pub out: String,
    pub err: String,
}

impl KubectlFixture {
    /// None, loudly, where there is no kubectl.
    pub async fn start() -> Option<Self> {
        if Command::new("kubectl")
            .args(["version", "--client"])
            .output()
            .is_err()
        {
            eprintln!("SKIPPED: kubectl is not installed, so NOTHING of this test was checked");
            return None;
        }
        let home = TempDir::new().unwrap();
        let mut options = KubernetesOptions::new(home.path().join("data"));
        let rules = vec![PolicyRule::new(&[""], &["secrets"], &["get"]).in_namespace("argocd")];
        options.identities.push(CallerIdentity {
            name: "reader".into(),
            token: None,
            rules,
        });
        let kubernetes = Kubernetes::start(options).await.unwrap();
        Some(Self { kubernetes, home })
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new("kubectl");
        command
            .args(line.split_whitespace())
            .env("KUBECONFIG", self.kubernetes.kubeconfig())
            .env("HOME", self.home.path())
            .current_dir(self.home.path());
        command
    }

    /// Runs a command; words are separated by spaces.
    pub async fn run(&self, line: &str) -> CommandOutput {
        self.run_with(line, "").await
    }

    /// Runs a command with a standard input.
    pub async fn run_with(&self, line: &str, input: &str) -> CommandOutput {
        let mut command = self.command(line);
        let input = input.to_owned();
        let output = tokio::task::spawn_blocking(move || pipe(&mut command, &input))
            .await
            .unwrap();
        CommandOutput {
            ok: output.status.success(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The output of a command that must succeed.
    pub async fn ok(&self, line: &str) -> String {
        self.ok_with(line, "").await
    }

    /// The output of a command with a standard input that must succeed.
    pub async fn ok_with(&self, line: &str, input: &str) -> String {
        let printed = self.run_with(line, input).await;
        assert!(printed.ok, "kubectl {line}: {}", printed.err);
        printed.out
    }

    /// The error text of a command that must fail.
    pub async fn fails(&self, line: &str, input: &str) -> String {
        let printed = self.run_with(line, input).await;
        assert!(!printed.ok, "kubectl {line} succeeded: {}", printed.out);
        printed.err
    }
}

fn pipe(command: &mut Command, input: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

pub const OBJECTS: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "nginx:1", ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: red}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: guestbook, namespace: argocd}
spec:
  project: default
  source: {repoURL: "https://example.com/x.git", path: a, targetRevision: HEAD}
  destination: {name: in-cluster, namespace: default}
"#;
