//! No token and no kubeconfig in an argument list, an output or a message.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::adding::{API_SERVER, CONTEXT, account_token, laptop_with_program};
use crate::support::{WORKER, command_line, kubeconfig, tenant};

/// Returns a secret that nobody may see, in every form it could have.
fn forms(canary: &str) -> Vec<String> {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(canary);
    vec![canary.to_owned(), encoded.trim_end_matches('=').to_owned()]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_command_shows_a_secret_whether_it_works_or_not() {
    const CANARY: &str = "canary-of-the-kubeconfig-0123456789";
    let tenant = tenant(Duration::from_millis(20)).await;
    let token = tenant.gitlab.tokens().maintainer.clone();
    let user = serde_json::json!({"token": CANARY});
    let ca = tenant.kubernetes.ca_pem();
    let config = kubeconfig("laptop", "https://8.217.50.114:6443", ca, &user);
    let cli = command_line(&tenant);
    let config_path = cli.write("config", &config);
    let cli = cli
        .with("KUBECONFIG", config_path.to_str().unwrap())
        .with("RUST_BACKTRACE", "full")
        .with("RUST_LOG", "trace");
    let indented = config.replace('\n', "");
    cli.write(
        "inline.yaml",
        &format!("name: inline\napi_server: nonsense\nkubeconfig: |\n  {indented}\n"),
    );
    cli.write(
        "broken.yaml",
        &format!("name: broken\nkubeconfig: |\n  {indented}\n usage: [host\n"),
    );
    cli.write(
        "broken.json",
        &format!("{{\"name\": \"broken\", \"kubeconfig\": {:?}, }}", config),
    );
    cli.write(
        "twice.yaml",
        &format!("name: a\nkubeconfig: '{indented}'\nkubeconfigFile: config\n"),
    );
    cli.write(
        "map.yaml",
        &format!("name: map\nusage: nonsense\nkubeconfig: {config}\n"),
    );
    cli.write(
        "no-kubeconfig",
        &format!("{{\"users\": [{{\"name\": 1, \"user\": {{\"token\": \"{CANARY}\"}}, }}"),
    );
    let mut shown = String::new();
    for arguments in [
        vec!["add", "laptop", "--yes", "--no-wait", "--full-diff"],
        vec!["add", "laptop", "--name", "Not_A_Name", "--yes"],
        vec!["add", "laptop", "--kubeconfig", "no-kubeconfig"],
        vec!["apply", "-f", "inline.yaml"],
        vec!["apply", "-f", "inline.yaml", "-o", "json"],
        vec!["apply", "-f", "broken.yaml"],
        vec!["apply", "-f", "broken.json"],
        vec!["apply", "-f", "twice.yaml"],
        vec!["apply", "-f", "map.yaml"],
        vec!["diff", "-f", "map.yaml", "-o", "yaml"],
        vec![
            "doctor",
            "--context",
            "laptop",
            "--gitlab",
            tenant.gitlab.url(),
        ],
        vec!["get", "-o", "yaml"],
        vec!["status", "laptop"],
        vec!["delete", "laptop", "--yes", "--wait", "-o", "json"],
    ] {
        let finished = cli.run(&arguments).await;
        shown += &format!("{arguments:?}\n{}\n{}\n", finished.stdout, finished.stderr);
    }
    assert!(
        shown.contains(WORKER) || shown.contains("laptop"),
        "{shown}"
    );
    for secret in forms(CANARY).iter().chain(&forms(&token)) {
        let place = shown.find(secret.as_str());
        assert!(place.is_none(), "{secret}: {shown}");
    }
}

/// Command lines of all processes of this machine, looked at again and again.
#[cfg(target_os = "linux")]
struct ProcessWatch {
    is_over: Arc<AtomicBool>,
    seen: JoinHandle<BTreeSet<String>>,
}

#[cfg(target_os = "linux")]
impl ProcessWatch {
    fn start() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&is_over);
        let seen = std::thread::spawn(move || {
            let mut seen = BTreeSet::new();
            while !end.load(Ordering::Relaxed) {
                for process in std::fs::read_dir("/proc").unwrap().flatten() {
                    let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
                    seen.insert(String::from_utf8_lossy(&line).replace('\0', " "));
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            seen
        });
        Self { is_over, seen }
    }

    fn finish(self) -> BTreeSet<String> {
        self.is_over.store(true, Ordering::Relaxed);
        self.seen.join().unwrap()
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn no_process_has_a_secret_among_its_arguments() {
    const CANARY: &str = "canary-of-the-arguments-0123456789";
    let laptop = laptop_with_program().await;
    let cli = &laptop.cli;
    // Long enough to be seen.
    let program = cli.home.path().join("kube/bin/cloud-login");
    let text = std::fs::read_to_string(&program).unwrap();
    std::fs::write(
        &program,
        text.replace("#!/bin/sh\n", "#!/bin/sh\nsleep 0.5\n"),
    )
    .unwrap();
    let server = "https://8.217.50.115:6443";
    let user = serde_json::json!({"token": CANARY});
    let ca_pem = laptop.cluster.ca_pem();
    cli.write("other.conf", &kubeconfig("other", server, ca_pem, &user));
    let request = format!("api_server: {server}\ncluster_type: physical\nusage: host\n");
    cli.write(
        "other.yaml",
        &format!("{request}kubeconfigFile: other.conf\n"),
    );
    let watch = ProcessWatch::start();
    let add = ["add", CONTEXT, "--api-server", API_SERVER, "--yes"];
    cli.run(&add).await.expect(0);
    let apply = ["apply", "-f", "other.yaml", "--wait"];
    cli.run(&apply).await.expect(0);
    let seen = watch.finish();
    for shown in [&add[..2].join(" "), &apply.join(" "), "cloud-login"] {
        assert!(
            seen.iter().any(|line| line.contains(shown)),
            "{shown}: {seen:#?}"
        );
    }
    let account = account_token(&laptop.cluster).await;
    let maintainer = &laptop.tenant.gitlab.tokens().maintainer;
    for secret in [CANARY, &account, maintainer, laptop.cluster.token()] {
        for form in forms(secret) {
            let shown = seen.iter().find(|line| line.contains(&form));
            assert!(shown.is_none(), "{shown:?}");
        }
    }
}
