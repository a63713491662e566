//! Waiting for several clusters at once: more than may be watched.

use std::time::Duration;

use sandbox_argocd::ApplicationBehaviour;
use tests::Tenant;

use crate::support::{CommandLine, FakeServer, WORKER, command_line, guide_path, tenant_and_argo};

const STEP: Duration = Duration::from_millis(20);

/// Requests for this many workers, in a folder.
fn write_workers(cli: &CommandLine, names: &[&str]) {
    for (number, name) in names.iter().enumerate() {
        let address = format!("8.217.50.{}", 120 + number);
        let request = tests::guide("v0.4", WORKER).replace("8.217.50.114", &address);
        cli.write(&format!("clusters/{name}.json"), &request);
    }
}

fn results(applied: &serde_json::Value) -> Vec<(&str, &str)> {
    let clusters = applied["clusters"].as_array().unwrap().iter();
    let text =
        |cluster: &'_ serde_json::Value, field: &str| cluster[field].as_str().unwrap().to_owned();
    clusters
        .map(|cluster| {
            let result = cluster["result"].as_str().unwrap();
            assert!(!text(cluster, "name").is_empty());
            (cluster["name"].as_str().unwrap(), result)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn six_clusters_are_waited_for_and_one_that_fails_is_told() {
    let (tenant, argo) = tenant_and_argo(STEP).await;
    let cli = command_line(&tenant);
    let names = ["a", "b", "c", "d", "e", "f"];
    write_workers(&cli, &names);
    // Among those that are watched, and beyond.
    argo.behave(
        "b-traefik",
        ApplicationBehaviour::Degraded("no such image".to_owned()),
    );
    argo.behave(
        "e-hnc",
        ApplicationBehaviour::Degraded("quota exceeded".to_owned()),
    );
    let apply = ["apply", "-f", "clusters", "--wait", "--timeout", "5m"];
    let json: Vec<&str> = apply.iter().copied().chain(["-o", "json"]).collect();
    let applied = cli.run(&json).await.expect(1);
    let answer = applied.json();
    assert_eq!(
        results(&answer),
        [
            ("a", "ready"),
            ("b", "failed"),
            ("c", "ready"),
            ("d", "ready"),
            ("e", "failed"),
            ("f", "ready")
        ],
        "{applied:#?}"
    );
    for (number, words) in [(1, "no such image"), (4, "quota exceeded")] {
        let error = answer["clusters"][number]["error"].as_str().unwrap();
        assert!(error.contains(words), "{applied:#?}");
    }
    let waited = cli.run(&["wait", "b"]).await.expect(1);
    assert!(waited.stderr.contains("no such image"), "{waited:#?}");

    // Mended: everything is ready, and a terminal shows a line for each.
    for application in ["b-traefik", "e-hnc"] {
        argo.behave(application, ApplicationBehaviour::Normal);
    }
    let (code, window) = cli.on_terminal(&apply, 60).finish();
    assert_eq!(code, 0, "{window}");
    for name in names {
        let line = format!("{name}: Ready (9/9)");
        assert_eq!(window.matches(&line).count(), 1, "{window}");
    }
    assert!(!window.contains("✔ traefik"), "{window}");
    let delete = [
        "delete", "a", "b", "c", "d", "e", "f", "--yes", "--wait", "-o", "json",
    ];
    let removed = cli.run(&delete).await.expect(0).json();
    assert!(
        results(&removed)
            .iter()
            .all(|(_, result)| *result == "removed"),
        "{removed:#}"
    );
    assert_eq!(cli.run(&["get", "-o", "name"]).await.stdout.trim(), "");
}

/// Watches of somebody else with the same token, as many as may be.
async fn take_all_places(tenant: &Tenant, name: &str) -> Vec<tests::Events> {
    let mut watches = Vec::new();
    for _ in 0..4 {
        let mut watch = tenant.watch(name, "").await;
        watch.next().await.unwrap();
        watches.push(watch);
    }
    watches
}

#[tokio::test(flavor = "multi_thread")]
async fn where_as_many_are_watched_as_may_be_it_looks() {
    let (tenant, argo) = tenant_and_argo(STEP).await;
    let cli = command_line(&tenant);
    write_workers(&cli, &["stuck"]);
    argo.behave("stuck-traefik", ApplicationBehaviour::Stuck);
    cli.run(&["apply", "-f", "clusters"]).await.expect(0);
    let watches = take_all_places(&tenant, "stuck").await;
    let applied = cli
        .run(&[
            "apply",
            "-f",
            &guide_path(WORKER),
            "--wait",
            "--timeout",
            "2m",
        ])
        .await
        .expect(0);
    assert!(applied.stdout.contains("ready"), "{applied:#?}");
    assert!(!applied.stderr.contains("asks to wait"), "{applied:#?}");
    drop(watches);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_takes_too_long_keeps_no_other_back() {
    let (tenant, argo) = tenant_and_argo(STEP).await;
    let cli = command_line(&tenant);
    write_workers(&cli, &["slow", "fast"]);
    cli.run(&["apply", "-f", "clusters", "--wait", "-q"])
        .await
        .expect(0);
    argo.behave("slow-traefik", ApplicationBehaviour::Stuck);
    let delete = [
        "delete",
        "slow",
        "fast",
        "--yes",
        "--wait",
        "--timeout",
        "30s",
    ];
    let removed = cli.run(&delete).await.expect(124);
    let rows: Vec<Vec<&str>> = removed
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows[1][..2], ["slow", "removing"], "{removed:#?}");
    assert_eq!(rows[2][..2], ["fast", "removed"], "{removed:#?}");
    assert!(
        removed.stderr.contains("slow was not gone within 30s"),
        "{removed:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_can_not_be_reached_is_named_at_once_and_at_the_end() {
    let cli = CommandLine::new("http://127.0.0.1:1").with("NAUTES_TOKEN", "t");
    for state in ["ready", "removed"] {
        let wait = ["wait", "a", "--for", state, "--timeout", "3s"];
        let waited = cli.run(&wait).await.expect(124);
        let unreachable = "http://127.0.0.1:1 can't be reached: nothing listens there";
        for words in [
            "no news at the moment: ",
            "within 3s; the last look failed: ",
        ] {
            let words = format!("{words}{unreachable}");
            assert_eq!(waited.stderr.matches(&words).count(), 1, "{waited:#?}");
        }
        assert!(!waited.stderr.contains("goes on"), "{waited:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_install_is_waited_for_across_gateways_that_restart() {
    let json = "Content-Type: application/json";
    let saved = serde_json::to_string(&api::SaveClusterResponse::default()).unwrap();
    let mut ready = serde_json::to_value(api::Cluster::default()).unwrap();
    ready["status"] = serde_json::json!({"phase": "Ready", "components": []});
    let ready = ready.to_string();
    let server = FakeServer::start(&[
        ("200 OK", json, &saved),
        ("503 Service Unavailable", "Server: nginx", "restarting"),
        ("502 Bad Gateway", "Server: nginx", "restarting"),
        ("200 OK", json, &ready),
    ]);
    let cli = CommandLine::new(&server.url).with("NAUTES_TOKEN", "t");
    let file = cli.write("build.yaml", "cluster_type: physical\nusage: host\n");
    let apply = ["apply", "-f", file.to_str().unwrap(), "--wait"];
    let applied = cli.run(&apply).await.expect(0);
    assert!(applied.stdout.contains("build  ready"), "{applied:#?}");
    let said = "no news at the moment: a gateway's page: 503 Service Unavailable from nginx";
    assert_eq!(applied.stderr.matches("no news").count(), 1, "{applied:#?}");
    assert!(applied.stderr.contains(said), "{applied:#?}");
    let lines = server.requests();
    assert!(lines[1].contains("?watch=true"), "{lines:?}");
    assert_eq!(lines.len(), 4, "{lines:?}");
}
