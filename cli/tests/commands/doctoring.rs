//! `doctor`: what can be in the way, found before it is.

use std::time::Duration;

use serde_json::Value;

use crate::support::{CommandLine, cluster_of_reader, command_line, kubeconfig, tenant};

fn result_of<'a>(checks: &'a Value, words: &str) -> &'a str {
    let checks = checks["checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["message"].as_str().unwrap().contains(words));
    check.unwrap_or_else(|| panic!("{words}: {checks:#?}"))["result"]
        .as_str()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_and_gitlab_are_checked() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let before = tenant.written();
    let maintainer = command_line(&tenant).with("NAUTES_GITLAB", tenant.gitlab.url());
    let checked = maintainer
        .run(&["doctor", "-o", "json"])
        .await
        .expect(0)
        .json();
    for words in [
        "answers: nautes-clusters",
        "GitLab and the management cluster",
        "may change the branch",
        "has the scope api",
    ] {
        assert_eq!(result_of(&checked, words), "ok", "{words}");
    }
    let text = maintainer.run(&["doctor"]).await.expect(0).stdout;
    assert!(
        text.starts_with("service\n  ✔ ") && text.contains("\ngitlab\n"),
        "{text}"
    );

    let project = [
        "doctor",
        "--gitlab-project",
        "nautes/management",
        "-o",
        "json",
    ];
    let checked = maintainer.run(&project).await.expect(0).json();
    for words in [
        "has the role Maintainer in nautes/management",
        "may push to main",
    ] {
        assert_eq!(result_of(&checked, words), "ok", "{words}");
    }
    let none = [
        "doctor",
        "--gitlab-project",
        "nautes/elsewhere",
        "-o",
        "json",
    ];
    let checked = maintainer.run(&none).await.expect(1).json();
    assert_eq!(
        result_of(&checked, "nautes/elsewhere can't be read"),
        "failure"
    );
    let developer = maintainer.with("NAUTES_TOKEN", &tenant.gitlab.tokens().developer);
    let checked = developer.run(&project).await.expect(1).json();
    assert_eq!(result_of(&checked, "has the role Developer"), "ok");
    // The branch is protected, so that the service refuses as well.
    assert_eq!(
        result_of(&checked, "the token may not push to main"),
        "warning"
    );

    let guest = developer.with("NAUTES_TOKEN", &tenant.gitlab.tokens().guest);
    let checked = guest.run(&["doctor", "-o", "json"]).await.expect(1).json();
    assert!(checked.to_string().contains("failure"), "{checked:#}");
    let none = CommandLine::new("http://127.0.0.1:1")
        .run(&["doctor", "-o", "json"])
        .await
        .expect(1)
        .json();
    assert_eq!(result_of(&none, "can't be reached"), "failure");
    assert_eq!(tenant.written(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_checked_before_it_is_registered() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let kubernetes = &tenant.kubernetes;
    let user = serde_json::json!({"token": kubernetes.token()});
    let cli = command_line(&tenant);
    let good = cli.write(
        "good",
        &kubeconfig("k", kubernetes.url_tls(), kubernetes.ca_pem(), &user),
    );
    let cli = cli.with("KUBECONFIG", good.to_str().unwrap());
    let before = tenant.written();
    let checked = cli
        .run(&["doctor", "--context", "k", "-o", "json"])
        .await
        .json();
    assert_eq!(result_of(&checked, "its certificate is trusted"), "ok");
    assert_eq!(
        result_of(&checked, "the login is a cluster administrator"),
        "ok"
    );
    assert_eq!(result_of(&checked, "is this machine"), "failure");
    // No component of a worker has a volume.
    assert!(!checked.to_string().contains("StorageClass"), "{checked:#}");
    assert_eq!(result_of(&checked, "already there: Argo CD"), "warning");
    let host = cli
        .run(&["doctor", "--context", "k", "--host", "-o", "json"])
        .await
        .expect(1)
        .json();
    assert_eq!(result_of(&host, "no default StorageClass"), "failure");
    let management = cli
        .run(&["doctor", "--management-context", "k", "-o", "json"])
        .await
        .expect(1)
        .json();
    assert_eq!(
        result_of(&management, "applications.argoproj.io is defined"),
        "ok"
    );
    assert_eq!(
        result_of(&management, "there is no argocd-application-controller"),
        "failure"
    );
    assert_eq!(
        result_of(&management, "there is no argocd-server"),
        "warning"
    );
    let missing = "nautes/nautes-clusters may not list secrets in argocd, get secrets in argocd";
    assert_eq!(result_of(&management, missing), "failure");
    // Nobody is at that address, and the certificate of this server has another name.
    let far = [
        "doctor",
        "--context",
        "k",
        "--api-server",
        "https://clusters.invalid:6443",
        "-o",
        "json",
    ];
    let far = cli.run(&far).await.expect(1).json();
    assert_eq!(
        result_of(&far, "does not have the name clusters.invalid"),
        "failure"
    );
    assert_eq!(
        result_of(
            &far,
            "https://clusters.invalid:6443 does not answer from here"
        ),
        "warning"
    );
    assert!(!far.to_string().contains("is this machine"), "{far:#}");
    assert_eq!(tenant.written(), before);

    // Another authority, a token that is none, and nobody there.
    let foreign = std::fs::read_to_string(cli.home.path().join("good")).unwrap();
    let foreign: Value = serde_json::from_str(&foreign).unwrap();
    let mut untrusted = foreign.clone();
    untrusted["clusters"][0]["cluster"]["certificate-authority-data"] = Value::Null;
    let mut refused = foreign.clone();
    refused["users"][0]["user"]["token"] = "canary-wrong".into();
    let mut nobody = foreign;
    nobody["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1".into();
    for (config, words) in [
        (untrusted, "certificate"),
        (refused, "nauthorized"),
        (nobody, "refused"),
    ] {
        cli.write("good", &config.to_string());
        let checked = cli
            .run(&["doctor", "--context", "k", "-o", "json"])
            .await
            .expect(1);
        assert_eq!(result_of(&checked.json(), words), "failure");
        assert!(!checked.stdout.contains("canary"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_may_not_do_everything_is_found_before_anything_is_made() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let (cluster, config, _data) = cluster_of_reader().await;
    let cli = command_line(&tenant).with("KUBECONFIG", "config");
    cli.write("config", &config);
    let before = (cluster.store().dump(), tenant.written());
    let doctor = ["doctor", "--context", "lab", "-o", "json"];
    let checked = cli.run(&doctor).await.expect(1).json();
    assert_eq!(result_of(&checked, "its certificate is trusted"), "ok");
    let words = "the login is no cluster administrator: Argo CD can't install with it";
    assert_eq!(result_of(&checked, words), "failure");
    // Checks that need fewer rights are made nevertheless.
    let words = "node ports 30080 and 30443 are free";
    assert_eq!(result_of(&checked, words), "ok");

    let add = ["add", "lab", "--service-account", "--yes", "--api-server"];
    let add = [&add[..], &["https://8.217.50.114:6443"]].concat();
    let refused = cli.run(&add).await.expect(1);
    let words = "context lab is no administrator of the cluster, so it can't make one either";
    assert!(refused.stderr.contains(words), "{refused:#?}");
    assert_eq!((cluster.store().dump(), tenant.written()), before);
}

/// Applies every object of a file, as its path says.
async fn apply(kubernetes: &sandbox_kubernetes::Kubernetes, file: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let objects: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
    for object in objects {
        let kind = object["kind"].as_str().unwrap();
        let group = if kind == "ServiceAccount" {
            "api/v1"
        } else {
            "apis/rbac.authorization.k8s.io/v1"
        };
        let namespace = object["metadata"]["namespace"].as_str();
        let namespace = namespace.map_or_else(String::new, |name| format!("namespaces/{name}/"));
        let (plural, name) = (
            kind.to_lowercase() + "s",
            object["metadata"]["name"].as_str().unwrap(),
        );
        let url = format!(
            "{}/{group}/{namespace}{plural}/{name}?fieldManager=test",
            kubernetes.url()
        );
        let request = reqwest::Client::new()
            .patch(url)
            .bearer_auth(kubernetes.token());
        let request = request.header("content-type", "application/apply-patch+yaml");
        let answer = request.body(object.to_string()).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rights_of_the_service_are_those_of_the_file_that_grants_them() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let kubernetes = &tenant.kubernetes;
    let user = serde_json::json!({"token": kubernetes.token()});
    let config = kubeconfig("k", kubernetes.url_tls(), kubernetes.ca_pem(), &user);
    let cli = command_line(&tenant);
    let config = cli.write("config", &config);
    let cli = cli.with("KUBECONFIG", config.to_str().unwrap());
    apply(kubernetes, "deploy/rbac.yaml").await;
    let doctor = ["doctor", "--management-context", "k", "-o", "json"];
    let checked = cli.run(&doctor).await.json();
    let words = "the service account nautes/nautes-clusters and its Job's have all";
    assert_eq!(result_of(&checked, words), "ok");
    let other = [&doctor[..], &["--service-account", "nautes/somebody"]].concat();
    let checked = cli.run(&other).await.expect(1).json();
    assert_eq!(result_of(&checked, "nautes/somebody may not"), "failure");
    let wrong = [&doctor[..], &["--service-account", "somebody"]].concat();
    cli.run(&wrong).await.expect(2);
}

/// The checks of an area.
fn checks_of(checked: &Value, area: &str) -> Vec<Value> {
    let checks = checked["checks"].as_array().unwrap().iter();
    let of_area = checks.filter(|check| check["area"] == area);
    of_area.cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_that_can_not_be_used_is_a_failure_beside_the_checks_of_the_service() {
    const NAME: &str = "a; b";
    let tenant = tenant(Duration::from_millis(20)).await;
    let server = tenant.kubernetes.url_tls();
    let program = serde_json::json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": "false", "interactiveMode": "Never",
    }});
    let config = kubeconfig(NAME, server, tenant.kubernetes.ca_pem(), &program);
    let config: Value = serde_json::from_str(&config).unwrap();
    let mut without_authority = config.clone();
    without_authority["users"][0]["user"] = serde_json::json!({"token": "canary-of-the-doctor"});
    without_authority["clusters"][0]["cluster"] =
        serde_json::json!({"server": server, "certificate-authority": "nowhere.pem"});
    let mut without_context = config.clone();
    without_context["contexts"] = serde_json::json!([]);
    let cli = command_line(&tenant).with("KUBECONFIG", "config");
    let before = tenant.written();
    let mend = "mend the kubeconfig, or name another one with --kubeconfig, and run this again";
    for (config, message, hint) in [
        (
            config,
            "the cluster of context a; b: the login program failed (exit status: 1)",
            "run `kubectl get nodes` to see what it says",
        ),
        (without_authority, "nowhere.pem", mend),
        (without_context, "the kubeconfig has no context a; b", mend),
    ] {
        cli.write("config", &config.to_string());
        for (argument, area) in [
            ("--context", "cluster"),
            ("--management-context", "management cluster"),
        ] {
            let doctor = ["doctor", argument, NAME, "-o", "json"];
            let checked = cli.run(&doctor).await.expect(1);
            assert!(!format!("{checked:?}").contains("canary"), "{checked:#?}");
            let checked = checked.json();
            assert_eq!(result_of(&checked, "answers: nautes-clusters"), "ok");
            let checks = checks_of(&checked, area);
            assert_eq!(checks.len(), 1, "{checked:#}");
            assert_eq!(checks[0]["result"], "failure");
            assert_eq!(checks[0]["hint"], hint);
            let said = checks[0]["message"].as_str().unwrap();
            assert!(said.contains(message), "{said}");
        }
    }
    assert_eq!(tenant.written(), before);
}
