//! Servers that can't be reached, or are not the ones that were meant: each is told apart, with the way out.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{
    CommandLine, Impostor, command_line, kubeconfig, plain_server, silent_server, tenant,
};

/// The year in which certificates end that hold today.
const LATER: i32 = 2090;

/// Addresses, the authority that is trusted there, and what is said of each: to whom it is the service, and to whom a cluster.
struct Case {
    url: String,
    ca_pem: String,
    finding: &'static str,
    of_service: &'static str,
    of_cluster: &'static str,
}

fn cases() -> Vec<Case> {
    let right = Impostor::start("127.0.0.1", LATER);
    let other = Impostor::start("other.example.com", LATER);
    let ended = Impostor::start("127.0.0.1", 2021);
    let case = |url: &str, ca_pem: &str, finding, of_service, of_cluster| Case {
        url: url.to_owned(),
        ca_pem: ca_pem.to_owned(),
        finding,
        of_service,
        of_cluster,
    };
    vec![
        case(
            &right.url,
            &other.ca_pem,
            "its certificate is by an authority that is not trusted here",
            "--ca-file",
            "fetch the kubeconfig anew",
        ),
        case(
            &other.url,
            &other.ca_pem,
            "its certificate is another server's",
            "as its certificate does",
            "certSANs",
        ),
        case(
            &ended.url,
            &ended.ca_pem,
            "its certificate does not hold now",
            "this machine's clock",
            "have it renewed",
        ),
        case(
            &silent_server(),
            &right.ca_pem,
            "no answer",
            "firewall",
            "private API server",
        ),
        case(
            "https://127.0.0.1:1",
            &right.ca_pem,
            "nothing listens there",
            "whether the service runs",
            "whether the API server runs",
        ),
        case(
            "https://clusters.invalid",
            &right.ca_pem,
            "no DNS server knows the name",
            "NAUTES_SERVER",
            "that was deleted",
        ),
        case(
            &plain_server(),
            &right.ca_pem,
            "does not speak TLS",
            "begin with http://",
            "port may be another one",
        ),
    ]
}

/// The failed check with these words.
#[track_caller]
fn failure<'a>(checks: &'a Value, words: &str) -> &'a Value {
    let checks = checks["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| {
        check["result"] == "failure" && check["message"].as_str().unwrap().contains(words)
    });
    found.unwrap_or_else(|| panic!("{words}: {checks:#?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_reached_is_told_apart() {
    for case in cases() {
        let cli = CommandLine::new(&case.url).with("NAUTES_TOKEN", "canary-of-the-reaching");
        let authority = cli.write("ca.pem", &case.ca_pem);
        let authority = authority.to_str().unwrap();
        let begin = Instant::now();
        let failed = cli.run(&["get", "--ca-file", authority]).await.expect(1);
        assert!(begin.elapsed() < Duration::from_secs(20), "{}", case.url);
        for words in ["can't be reached", case.finding, case.of_service] {
            assert!(failed.stderr.contains(words), "{words}: {failed:#?}");
        }
        assert!(!failed.stderr.contains("canary"), "{failed:#?}");
        // `doctor` says the same as a check.
        let doctor = ["doctor", "--ca-file", authority, "-o", "json"];
        let checked = cli.run(&doctor).await.expect(1).json();
        let hint = failure(&checked, case.finding)["hint"].to_string();
        assert!(hint.contains(case.of_service), "{hint}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_not_reached_is_told_apart_and_not_registered() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let before = tenant.written();
    for case in cases() {
        let cli = command_line(&tenant);
        let user = json!({"token": "canary-of-the-reaching"});
        let config = kubeconfig("far", &case.url, &case.ca_pem, &user);
        let config = cli.write("config", &config);
        let cli = cli.with("KUBECONFIG", config.to_str().unwrap());
        let doctor = ["doctor", "--context", "far", "-o", "json"];
        let checked = cli.run(&doctor).await.expect(1).json();
        let hint = failure(&checked, case.finding)["hint"].to_string();
        assert!(hint.contains(case.of_cluster), "{hint}");

        let management = ["doctor", "--management-context", "far", "-o", "json"];
        let checked = cli.run(&management).await.expect(1).json();
        let hint = failure(&checked, case.finding)["hint"].to_string();
        assert!(hint.contains(case.of_cluster), "{hint}");

        // An account can't be made on what is not reached, and nobody is asked.
        let add = [
            "add",
            "far",
            "--service-account",
            "--api-server",
            "https://8.217.50.114:6443",
            "--yes",
        ];
        let failed = cli.run(&add).await.expect(1);
        for words in [case.finding, case.of_cluster] {
            assert!(failed.stderr.contains(words), "{words}: {failed:#?}");
        }
        assert!(!failed.stderr.contains("canary"), "{failed:#?}");
    }
    assert_eq!(tenant.written(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_refuses_the_login_says_how_to_log_in() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let before = tenant.written();
    let cli = command_line(&tenant);
    let refusing = Impostor::start("127.0.0.1", LATER);
    let user = json!({"token": "canary-of-the-reaching"});
    let config = kubeconfig("far", &refusing.url, &refusing.ca_pem, &user);
    let config = cli.write("config", &config);
    let cli = cli.with("KUBECONFIG", config.to_str().unwrap());
    let doctor = ["doctor", "--context", "far", "-o", "json"];
    let checked = cli.run(&doctor).await.expect(1).json();
    let hint = failure(&checked, "Unauthorized")["hint"].to_string();
    assert!(hint.contains("log in as you do for kubectl"), "{hint}");
    let add = [
        "add",
        "far",
        "--service-account",
        "--yes",
        "--api-server",
        "https://8.217.50.114:6443",
    ];
    let failed = cli.run(&add).await.expect(1);
    assert!(
        failed.stderr.contains("log in as you do for kubectl"),
        "{failed:#?}"
    );
    assert_eq!(tenant.written(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_somebody_else_is_found_before_it_is_registered() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let kubernetes = &tenant.kubernetes;
    let user = json!({"token": kubernetes.token()});
    let config = kubeconfig("k", kubernetes.url_tls(), kubernetes.ca_pem(), &user);
    let cli = command_line(&tenant);
    let config = cli.write("config", &config);
    let cli = cli.with("KUBECONFIG", config.to_str().unwrap());
    // Another server with a certificate for this very name, by its own authority.
    let other = Impostor::start("127.0.0.1", LATER);
    let doctor = [
        "doctor",
        "--context",
        "k",
        "--api-server",
        &other.url,
        "-o",
        "json",
    ];
    let checked = cli.run(&doctor).await.expect(1).json();
    let found = failure(&checked, "does not answer as this cluster");
    assert!(
        found["message"].as_str().unwrap().contains("not trusted"),
        "{found}"
    );
}
