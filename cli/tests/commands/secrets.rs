//! No token and no kubeconfig in an argument list, an output or a message.

use std::time::Duration;

use crate::support::{WORKER, command_line, kubeconfig, tenant, tenant_and_argo};

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

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn no_process_has_a_secret_among_its_arguments() {
    let (tenant, argo) = tenant_and_argo(Duration::from_millis(20)).await;
    let token = tenant.gitlab.tokens().maintainer.clone();
    argo.behave(
        "tenant1-management",
        sandbox_argocd::ApplicationBehaviour::Unreachable,
    );
    let cli = command_line(&tenant);
    let file = crate::support::guide_path(WORKER);
    let screen = cli.on_terminal(&["apply", "-f", &file, "--wait"], 100);
    screen.wait_for("saving");
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&line).contains(&token));
    }
    screen.send("\x03");
    screen.finish();
}
