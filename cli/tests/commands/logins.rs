//! Logins that nobody can pass on, or not for long: tokens of an `auth-provider`, and what ends soon.

use std::time::Duration;

use sandbox_kubernetes::Kubernetes;
use serde_json::{Value, json};

use crate::adding::{
    ACCOUNTS, API_SERVER, CONTEXT, account_token, create, laptop_with_program, names, stored_token,
};
use crate::support::{command_line, kubeconfig, tenant};

/// A JWT without a signature that anybody would take.
fn foreign_token(end: i64) -> String {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let claims = encoded.encode(json!({"exp": end}).to_string());
    format!("e30.{claims}.c2ln")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_an_auth_provider_has_left_is_used_and_one_that_has_ended_is_not() {
    let laptop = laptop_with_program().await;
    let provider = |config: Value| json!({"auth-provider": {"name": "oidc", "config": config}});
    let add = ["add", CONTEXT, "--api-server", API_SERVER, "--yes"];
    let before = (names(&laptop.cluster), laptop.tenant.written());
    let ended = foreign_token(1_000_000_000);
    let config = json!({"id-token": ended, "refresh-token": "canary", "client-id": "kubernetes"});
    laptop.log_in_with(&provider(config));
    let refused = laptop.cli.run(&add).await.expect(1);
    for words in [
        "its auth-provider oidc has a token that ended at 2001-09-09 01:46 UTC, and it is not renewed here",
        "run `kubectl get nodes`",
        "`exec`",
        "service account",
    ] {
        assert!(refused.stderr.contains(words), "{words}: {refused:#?}");
    }
    let doctor = ["doctor", "--context", CONTEXT, "-o", "json"];
    let checked = laptop.cli.run(&doctor).await.expect(1).json();
    let checks = checked["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["area"] == "cluster");
    let check = check.unwrap();
    assert_eq!(check["result"], "failure", "{check:#}");
    let hint = check["hint"].as_str().unwrap();
    assert!(hint.starts_with("run `kubectl get nodes`"), "{check:#}");
    // A program logs in on this machine alone, not in the management cluster.
    laptop.cli.write(
        "prod.yaml",
        "name: prod\ncluster_type: physical\nusage: host\n",
    );
    let apply = ["apply", "-f", "prod.yaml", "--context", CONTEXT];
    let refused = laptop.cli.run(&apply).await.expect(2);
    let advice = format!("`nautes-clusters add {CONTEXT} --name prod` makes a service account");
    assert!(refused.stderr.contains(&advice), "{refused:#?}");
    let written = (names(&laptop.cluster), laptop.tenant.written());
    assert_eq!(written, before);
    assert!(!format!("{refused:?}{checked}").contains(&ended));

    laptop.log_in_with(&provider(json!({"id-token": laptop.cluster.token()})));
    let added = laptop.cli.run(&add).await.expect(0);
    let said = "logs in with the auth-provider oidc, which the management cluster does not have";
    assert!(added.stderr.contains(said), "{added:#?}");
    let token = account_token(&laptop.cluster).await;
    assert_eq!(stored_token(&laptop.tenant.kubernetes).await, token);
}

/// A token for an hour, of an administrator of the cluster.
async fn session_token(cluster: &Kubernetes) -> String {
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "me"}});
    create(cluster, ACCOUNTS, &account).await;
    let group = "rbac.authorization.k8s.io";
    let version = format!("{group}/v1");
    let role = json!({
        "apiVersion": version, "kind": "ClusterRole", "metadata": {"name": "cluster-admin"},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}],
    });
    create(cluster, &format!("/apis/{version}/clusterroles"), &role).await;
    let binding = json!({
        "apiVersion": version, "kind": "ClusterRoleBinding", "metadata": {"name": "me"},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "namespace": "kube-system", "name": "me"}],
    });
    let path = format!("/apis/{version}/clusterrolebindings");
    create(cluster, &path, &binding).await;
    let request = json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600},
    });
    let answer = create(cluster, &format!("{ACCOUNTS}/me/token"), &request).await;
    answer["status"]["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_soon_is_said_and_not_passed_on() {
    let laptop = laptop_with_program().await;
    let session = session_token(&laptop.cluster).await;
    laptop.log_in_with(&json!({"token": session}));
    let add = ["add", CONTEXT, "--api-server", API_SERVER];
    let screen = laptop.cli.on_terminal(&add, 200);
    screen.wait_for("[y/N]");
    let asked = screen.contents();
    for words in [
        "logs in with a token that ends at 20",
        "and the service account kube-system/nautes-clusters-manager",
    ] {
        assert!(asked.contains(words), "{words}: {asked}");
    }
    screen.send("y");
    let (code, window) = screen.finish();
    assert_eq!(code, 0, "{window}");
    let stored = stored_token(&laptop.tenant.kubernetes).await;
    assert_eq!(stored, account_token(&laptop.cluster).await);
    assert_ne!(stored, session);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_ends_soon_is_warned_of_and_one_that_has_ended_is_not_sent() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let request =
        "name: prod\ncluster_type: physical\nusage: host\napi_server: https://8.217.50.114:6443\n";
    cli.write("prod.yaml", &format!("{request}kubeconfigFile: lab.conf\n"));
    let log_in_until = |end: i64| {
        let user = json!({"token": foreign_token(end)});
        let config = kubeconfig("lab", API_SERVER, tenant.kubernetes.ca_pem(), &user);
        cli.write("lab.conf", &config);
    };
    let account =
        "`nautes-clusters add lab --kubeconfig lab.conf --name prod` makes a service account";
    let before = tenant.written();
    log_in_until(1_000_000_000);
    for command in ["diff", "apply"] {
        let refused = cli.run(&[command, "-f", "prod.yaml"]).await.expect(2);
        let why =
            "context lab logs in with a token that ended at 2001-09-09 01:46 UTC: log in again";
        for words in [why, account, "prod.yaml:5:"] {
            assert!(refused.stderr.contains(words), "{words}: {refused:#?}");
        }
    }
    assert_eq!(tenant.written(), before);
    log_in_until(time::OffsetDateTime::now_utc().unix_timestamp() + 3600);
    for (command, code) in [("diff", 1), ("apply", 0)] {
        let warned = cli.run(&[command, "-f", "prod.yaml"]).await.expect(code);
        let why = "warning: prod: context lab logs in with a token that ends at 20";
        for words in [
            why,
            "and is not renewed in the management cluster: ",
            account,
        ] {
            assert!(warned.stderr.contains(words), "{words}: {warned:#?}");
        }
    }
}

/// A user with a certificate that holds for this long from now on.
fn certificate_user(days: i64) -> Value {
    use base64::Engine as _;
    let encoded = |pem: String| base64::engine::general_purpose::STANDARD.encode(pem);
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    let now = time::OffsetDateTime::now_utc();
    parameters.not_before = now - time::Duration::days(1);
    parameters.not_after = now + time::Duration::days(days);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap().pem();
    json!({"client-certificate-data": encoded(certificate), "client-key-data": encoded(key.serialize_pem())})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ends_soon_is_said() {
    let laptop = laptop_with_program().await;
    let add = ["add", CONTEXT, "--api-server", API_SERVER, "--dry-run"];
    laptop.log_in_with(&certificate_user(2));
    let short = laptop.cli.run(&add).await.expect(0);
    for words in [
        "logs in with a certificate that ends at 20",
        "will be registered as prod, and the service account",
    ] {
        assert!(short.stderr.contains(words), "{words}: {short:#?}");
    }
    laptop.log_in_with(&certificate_user(300));
    let long = laptop.cli.run(&add).await.expect(0);
    for words in ["certificate that ends", "service account"] {
        assert!(!long.stderr.contains(words), "{words}: {long:#?}");
    }
}
