//! `doctor`: what can be in the way, found before it is.

use std::time::Duration;

use serde_json::Value;

use crate::support::{CommandLine, command_line, kubeconfig, tenant};

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

    let guest = maintainer.with("NAUTES_TOKEN", &tenant.gitlab.tokens().guest);
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
    assert_eq!(result_of(&checked, "no default StorageClass"), "warning");
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
