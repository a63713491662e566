//! A sandbox, and the command line with an environment of its own.

mod fake;
mod impostor;
mod screen;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use sandbox_argocd::ArgoCd;
use sandbox_kubernetes::{ADMIN, CallerIdentity, Kubernetes, KubernetesOptions, PolicyRule};
use serde_json::Value;
use tempfile::TempDir;
use tests::Tenant;

pub use fake::{FakeServer, GatheringServer};
pub use impostor::{Impostor, plain_server, silent_server};
pub use screen::Screen;

/// A physical worker of the guides.
pub const WORKER: &str = "physical-worker-deployment";

/// The command line with a home, a server and a token of its own.
pub struct CommandLine {
    pub home: TempDir,
    variables: Vec<(String, String)>,
}

/// Result of a command.
#[derive(Debug)]
pub struct Finished {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl CommandLine {
    /// For a server; without a token.
    pub fn new(server: &str) -> Self {
        Self {
            home: TempDir::new().unwrap(),
            variables: vec![("NAUTES_SERVER".to_owned(), server.to_owned())],
        }
    }

    /// With another variable of the environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(there, _)| there != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file into its home.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The process's environment: nothing of the machine's but its programs.
    fn environment(&self) -> Vec<(String, String)> {
        let mut variables = vec![
            ("HOME".to_owned(), self.home.path().display().to_string()),
            ("PATH".to_owned(), std::env::var("PATH").unwrap()),
            ("GIT_CONFIG_NOSYSTEM".to_owned(), "1".to_owned()),
        ];
        // The last one of a name counts.
        variables.extend(self.variables.clone());
        variables
    }

    /// Runs a command in pipes, in its home.
    pub async fn run(&self, arguments: &[&str]) -> Finished {
        self.run_with_input(arguments, "").await
    }

    /// Runs a command that reads.
    pub async fn run_with_input(&self, arguments: &[&str], input: &str) -> Finished {
        use std::io::Write as _;
        let mut command = Command::new(env!("CARGO_BIN_EXE_nautes-clusters"));
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .current_dir(self.home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let input = input.to_owned();
        let output = tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
            child.wait_with_output().unwrap()
        });
        Finished::of(output.await.unwrap())
    }

    /// Runs a command on a terminal of this many columns.
    pub fn on_terminal(&self, arguments: &[&str], columns: u16) -> Screen {
        let program = env!("CARGO_BIN_EXE_nautes-clusters");
        self.program_on_terminal(program, arguments, (screen::ROWS, columns))
    }

    /// Runs another program as the command line is run; `size` is lines and columns.
    pub fn program_on_terminal(
        &self,
        program: &str,
        arguments: &[&str],
        size: (u16, u16),
    ) -> Screen {
        let mut environment = vec![("TERM".to_owned(), "xterm-256color".to_owned())];
        environment.extend(self.environment());
        Screen::start(program, arguments, environment, self.home.path(), size)
    }
}

impl Finished {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("a signal ended it"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The result as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Checks the exit code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

/// A sandbox with Argo CD's stand-in, whose Applications take a step in this time.
pub async fn tenant(step: Duration) -> Tenant {
    tenant_and_argo(step).await.0
}

/// The same with control of the stand-in.
pub async fn tenant_and_argo(step: Duration) -> (Tenant, ArgoCd) {
    let mut started = None;
    let tenant = Tenant::start_as(ADMIN, |gitlab, options| {
        let argo = ArgoCd::new(gitlab.repository(), step);
        options.controllers.push(Arc::new(argo.clone()));
        started = Some(argo);
    });
    let tenant = tenant.await;
    (tenant, started.unwrap())
}

/// The command line of this tenant's maintainer.
pub fn command_line(tenant: &Tenant) -> CommandLine {
    CommandLine::new(tenant.host.url()).with("NAUTES_TOKEN", &tenant.gitlab.tokens().maintainer)
}

/// Path of a guide's request.
pub fn guide_path(name: &str) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    workspace
        .join(format!("tests/cases/requests/v0.4/{name}.json"))
        .display()
        .to_string()
}

/// A kubeconfig with one context that logs in to an API server as `user` says (JSON).
pub fn kubeconfig(context: &str, server: &str, ca_pem: &str, user: &Value) -> String {
    use base64::Engine as _;
    let ca = base64::engine::general_purpose::STANDARD.encode(ca_pem);
    serde_json::json!({
        "apiVersion": "v1", "kind": "Config", "current-context": context,
        "contexts": [{"name": context, "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": server, "certificate-authority-data": ca}}],
        "users": [{"name": "u", "user": user}],
    })
    .to_string()
}

/// A cluster, and the kubeconfig of somebody who may read everything in it and change nothing; its context is `lab`.
pub async fn cluster_of_reader() -> (Kubernetes, String, TempDir) {
    let data = TempDir::new().unwrap();
    let mut options = KubernetesOptions::new(data.path());
    options.identities.push(CallerIdentity {
        name: "reader".to_owned(),
        token: None,
        rules: vec![PolicyRule::new(&["*"], &["*"], &["get", "list"])],
    });
    let cluster = Kubernetes::start(options).await.unwrap();
    let user = serde_json::json!({"token": cluster.token_of("reader").unwrap()});
    let config = kubeconfig("lab", cluster.url_tls(), cluster.ca_pem(), &user);
    (cluster, config, data)
}
