//! The command line on a cluster that is none of ours: `tests/real/with-cluster cargo test --test commands a_real_cluster`.

use std::time::Duration;

use serde_json::Value;

use crate::adding::API_SERVER;
use crate::support::{CommandLine, Finished, command_line, tenant};

/// The kubeconfig whose current context is an administrator's, and that context.
fn named_cluster() -> Option<(String, String)> {
    let Ok(config) = std::env::var("NAUTES_TEST_CLUSTER_KUBECONFIG") else {
        eprintln!("skipped: NAUTES_TEST_CLUSTER_KUBECONFIG names no cluster");
        return None;
    };
    let text = std::fs::read_to_string(&config).unwrap();
    let parsed: Value = serde_saphyr::from_str(&text).unwrap();
    let context = parsed["current-context"].as_str().unwrap().to_owned();
    Some((config, context))
}

async fn checks(cli: &CommandLine, arguments: &[&str]) -> Vec<(String, String)> {
    let arguments: Vec<&str> = ["doctor", "-o", "json"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    let checked = cli.run(&arguments).await;
    let checks = checked.json();
    let checks = checks["checks"].as_array().unwrap().clone();
    let text = |check: &Value, field: &str| check[field].as_str().unwrap().to_owned();
    let each = checks
        .iter()
        .map(|check| (text(check, "message"), text(check, "result")));
    each.collect()
}

#[track_caller]
fn assert_check(checks: &[(String, String)], words: &str, result: &str) {
    let found = checks.iter().find(|(message, _)| message.contains(words));
    assert!(
        found.is_some_and(|(_, there)| there == result),
        "{words}: {checks:#?}"
    );
}

/// Asks kubectl whether the account may do something.
async fn may(cli: &CommandLine, config: &str, verb: &str) -> Option<String> {
    let kubectl = std::env::var("KUBECTL").ok()?;
    let output = std::process::Command::new(kubectl)
        .args([
            "--kubeconfig",
            config,
            "auth",
            "can-i",
            verb,
            "*",
            "--all-namespaces",
        ])
        .args([
            "--as",
            "system:serviceaccount:kube-system:nautes-clusters-manager",
        ])
        .current_dir(cli.home.path())
        .output()
        .unwrap();
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_cluster_gets_a_service_account_and_loses_it_again() {
    let Some((config, context)) = named_cluster() else {
        return;
    };
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant).with("KUBECONFIG", &config);
    let arguments = [
        "add",
        &context,
        "--name",
        "real",
        "--api-server",
        API_SERVER,
        "--service-account",
        "--yes",
    ];
    let added: Finished = cli.run(&arguments).await.expect(0);
    assert!(
        added.stderr.contains("Successfully saved real cluster"),
        "{added:#?}"
    );
    if let Some(answer) = may(&cli, &config, "*").await {
        assert_eq!(answer, "yes");
    }
    cli.run(&["wait", "real", "--for", "ready"]).await.expect(0);
    let again = cli.run(&arguments).await.expect(0);
    assert!(again.stdout.contains("nothing had to change"), "{again:#?}");
    let delete = [
        "delete",
        "real",
        "--yes",
        "--remove-access",
        "--context",
        &context,
    ];
    let gone = cli.run(&delete).await.expect(0);
    assert!(gone.stderr.contains("was removed"), "{gone:#?}");
    cli.run(&["wait", "real", "--for", "removed"])
        .await
        .expect(0);
    if let Some(answer) = may(&cli, &config, "*").await {
        assert_eq!(answer, "no");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_cluster_is_checked() {
    let Some((config, context)) = named_cluster() else {
        return;
    };
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant).with("KUBECONFIG", &config);
    let found = checks(&cli, &["--context", &context, "--host"]).await;
    for (words, result) in [
        ("its certificate is trusted", "ok"),
        ("the login is a cluster administrator", "ok"),
        ("is this machine", "failure"),
        ("no default StorageClass", "failure"),
        ("node ports 30080 and 30443 are free", "ok"),
        ("no component is there already", "ok"),
    ] {
        assert_check(&found, words, result);
    }
    // A name that the certificate has, under which nobody answers here, and one that it lacks.
    let own = [
        "--context",
        &context,
        "--api-server",
        "https://kubernetes.default.svc",
    ];
    let found = checks(&cli, &own).await;
    assert_check(
        &found,
        "its certificate has the name kubernetes.default.svc",
        "ok",
    );
    assert_check(&found, "does not answer from here", "warning");
    let foreign = [
        "--context",
        &context,
        "--api-server",
        "https://clusters.invalid:6443",
    ];
    let found = checks(&cli, &foreign).await;
    assert_check(&found, "does not have the name clusters.invalid", "failure");
    let found = checks(&cli, &["--management-context", &context]).await;
    assert_check(&found, "no argocd-application-controller", "failure");
    // An authorizer that knows every verb, and a service account that has none of the rights.
    assert_check(
        &found,
        "nautes/nautes-clusters may not list secrets in argocd",
        "failure",
    );
}
