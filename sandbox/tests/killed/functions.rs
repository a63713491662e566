//! The functions in a process of their own.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sandbox_gitlab::GitLab;
use sandbox_kubernetes::Kubernetes;
use serde_json::Value;
use tempfile::TempDir;

/// `cargo run` with services elsewhere. Killed when dropped.
pub struct FunctionsProcess {
    process: Child,
    url: String,
    _data: TempDir,
}

impl FunctionsProcess {
    /// Starts the process and waits until it answers.
    pub async fn start(gitlab: &GitLab, kubernetes: &Kubernetes) -> Self {
        let data = TempDir::new().unwrap();
        let ready = data.path().join("ready.json");
        let arguments = [
            "--no-build",
            "--listen",
            "127.0.0.1:0",
            "--gitlab-url",
            gitlab.url(),
            "--kubernetes-url",
            kubernetes.url(),
        ];
        let process = Command::new(env!("CARGO_BIN_EXE_sandbox"))
            .args(arguments)
            .arg("--data")
            .arg(data.path())
            .arg("--ready-file")
            .arg(&ready)
            .env("RUST_LOG", "error")
            .env("NAUTES_KUBERNETES_TOKEN", kubernetes.token())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut functions = Self {
            process,
            url: String::new(),
            _data: data,
        };
        functions.url = functions.wait(&ready).await;
        functions
    }

    async fn wait(&mut self, ready: &Path) -> String {
        loop {
            if let Ok(text) = std::fs::read_to_string(ready) {
                let ready: Value = serde_json::from_str(&text).unwrap();
                return ready["api"].as_str().unwrap().to_owned();
            }
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "the functions did not start: {ended:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// URL of the API.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends the process as a power failure would (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for FunctionsProcess {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
