//! `delete`, in pipes.

use std::time::Duration;

use sandbox_argocd::ApplicationBehaviour;

use crate::support::{
    WORKER, cluster_of_reader, command_line, guide_path, tenant, tenant_and_argo,
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_removed_without_a_yes_and_everything_with_one() {
    // Long enough for a busy machine to see a removal under way.
    let tenant = tenant(Duration::from_millis(400)).await;
    let cli = command_line(&tenant);
    cli.run(&["apply", "-f", &guide_path(WORKER), "--wait", "-q"])
        .await
        .expect(0);
    let before = tenant.written();
    let asked = cli.run(&["delete", WORKER]).await.expect(2);
    assert!(
        asked
            .stderr
            .contains("say it with --yes; nothing was changed"),
        "{asked:#?}"
    );
    assert!(
        asked
            .stderr
            .contains("- nautes/overlays/production/clusters/physical-worker-deployment.yaml"),
        "{asked:#?}"
    );
    cli.run(&["delete", "unknown", "--yes"]).await.expect(1);
    let absent = cli
        .run(&["delete", "unknown", "--yes", "--ignore-not-found"])
        .await
        .expect(0);
    assert_eq!(absent.stderr, "unknown: not registered\n", "{absent:#?}");
    let absent = [
        "delete",
        "unknown",
        "--yes",
        "--ignore-not-found",
        "-o",
        "json",
    ];
    let none = cli.run(&absent).await.expect(0).json();
    assert_eq!(none["clusters"][0]["result"], "absent", "{none:#}");
    // As kubectl has it: what would go is the result, and nobody is asked.
    let dry = cli
        .run(&[
            "delete",
            WORKER,
            "unknown",
            "--dry-run",
            "--ignore-not-found",
        ])
        .await
        .expect(0);
    assert!(
        dry.stdout
            .contains("- nautes/overlays/production/clusters/physical-worker-deployment.yaml"),
        "{dry:#?}"
    );
    let dry = cli
        .run(&["delete", WORKER, "--dry-run=server", "-o", "json"])
        .await
        .expect(0);
    let files = &dry.json()["clusters"][0]["answer"]["changes"];
    assert!(
        files.as_array().is_some_and(|files| !files.is_empty()),
        "{dry:#?}"
    );
    let waited = cli
        .run(&["wait", WORKER, "--for", "removed", "--timeout", "1s"])
        .await
        .expect(124);
    assert!(
        waited.stderr.contains(&format!(
            "nobody removes it: `nautes-clusters delete {WORKER}` does"
        )),
        "{waited:#?}"
    );
    assert_eq!(tenant.written(), before);

    let removed = cli
        .run(&["remove", WORKER, "--yes", "--wait"])
        .await
        .expect(0);
    assert!(
        removed.stdout.contains(&format!("{WORKER}  removed")),
        "{removed:#?}"
    );
    assert!(
        removed.stderr.contains(": being removed") && removed.stderr.contains(": gone"),
        "{removed:#?}"
    );
    cli.run(&["wait", WORKER, "--for", "removed", "--timeout", "5s"])
        .await
        .expect(0);
    let gone = cli.run(&["get", WORKER]).await.expect(1);
    assert!(gone.stderr.contains("CLUSTER_NOT_FOUND"), "{gone:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_knows_keeps_no_other_back() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let other = tests::guide("v0.4", WORKER).replace("8.217.50.114", "8.217.50.115");
    cli.write("other.json", &other);
    let apply = [
        "apply",
        "-f",
        &guide_path(WORKER),
        "other.json",
        "--wait",
        "-q",
    ];
    cli.run(&apply).await.expect(0);
    let before = tenant.written();
    cli.write("again.yaml", "name: other\nusage: worker\n");
    for command in ["apply", "diff", "delete"] {
        let twice = [command, "-f", "other.json", "again.yaml"];
        let twice = cli.run(&twice).await.expect(2);
        let said = "cluster other is there twice: other.json, line 1, and again.yaml, line 1; nothing was sent";
        assert!(twice.stderr.contains(said), "{twice:#?}");
    }
    let names = ["delete", WORKER, "unknown", "other"];
    let dry: Vec<&str> = names
        .into_iter()
        .chain(["--dry-run", "-o", "json"])
        .collect();
    let dry = cli.run(&dry).await.expect(1).json();
    assert_eq!(dry["clusters"][0]["problem"]["reason"], "CLUSTER_NOT_FOUND");
    assert_eq!(dry["clusters"].as_array().unwrap().len(), 3, "{dry:#}");
    assert_eq!(tenant.written(), before);

    let removed: Vec<&str> = names
        .into_iter()
        .chain(["other", "--yes", "--wait"])
        .collect();
    let removed = cli.run(&removed).await.expect(1);
    let mut rows: Vec<Vec<&str>> = removed
        .stdout
        .lines()
        .map(|line| line.split_whitespace().take(2).collect())
        .collect();
    rows.sort();
    let expected = [
        ["NAME", "RESULT"],
        ["other", "removed"],
        [WORKER, "removed"],
        ["unknown", "failed"],
    ];
    assert_eq!(rows, expected, "{removed:#?}");
    assert!(
        removed
            .stderr
            .contains("error[CLUSTER_NOT_FOUND]: cluster unknown is not registered"),
        "{removed:#?}"
    );
    let listed = cli.run(&["get", "-o", "name"]).await.expect(0);
    assert_eq!(listed.stdout.trim(), "");
    let alone = ["delete", "unknown", "--yes", "-o", "json"];
    let alone = cli.run(&alone).await.expect(1).json();
    assert_eq!(alone["clusters"][0]["result"], "failed", "{alone:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn virtual_clusters_go_before_their_host_and_files_name_them() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let inner = "name: inner\napi_server: https://8.217.50.114:31456\ncluster_type: virtual\nusage: worker\nworker_type: deployment\n\
                 host_cluster: cluster-host\n";
    cli.write("inner.yaml", inner);
    cli.run(&["apply", "-f", &guide_path("cluster-host"), "inner.yaml"])
        .await
        .expect(0);
    let host_alone = cli
        .run(&["delete", "cluster-host", "--yes"])
        .await
        .expect(1);
    assert!(
        host_alone.stderr.contains("error[CLUSTER_IN_USE]"),
        "{host_alone:#?}"
    );
    // Together they can go: what runs in the host goes first, and is waited for.
    let arguments = [
        "delete",
        "-f",
        &guide_path("cluster-host"),
        "inner.yaml",
        "--yes",
        "--wait",
        "-o",
        "json",
    ];
    let both = cli.run(&arguments).await.expect(0).json();
    assert_eq!(both["clusters"][0]["name"], "inner");
    assert_eq!(both["clusters"][1]["name"], "cluster-host");
    assert_eq!(both["clusters"][1]["result"], "removed");
    assert_eq!(
        cli.run(&["get", "-o", "name"])
            .await
            .expect(0)
            .stdout
            .trim(),
        ""
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_does_not_answer_any_more_goes_by_force() {
    let (tenant, argo) = tenant_and_argo(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    cli.run(&["apply", "-f", &guide_path(WORKER), "--wait", "-q"])
        .await
        .expect(0);
    let application = format!("{WORKER}-traefik");
    argo.behave(&application, ApplicationBehaviour::Unreachable);
    // Argo CD goes on writing the status of the cluster's Applications.
    let before = (tenant.messages(), tenant.files());
    let dry = ["delete", WORKER, "--force", "--dry-run"];
    let dry = cli.run(&dry).await.expect(0);
    assert!(
        dry.stdout
            .contains("clusters/physical-worker-deployment.yaml"),
        "{dry:#?}"
    );
    assert_eq!((tenant.messages(), tenant.files()), before);

    let delete = ["delete", WORKER, "--yes", "--wait", "--timeout"];
    let late = cli.run(&[&delete[..], &["5s"]].concat()).await.expect(124);
    let waits_for = format!("Application argocd/{application}");
    assert!(late.stderr.contains(&waits_for), "{late:#?}");
    let forced = cli
        .run(&[&delete[..], &["2m", "--force"]].concat())
        .await
        .expect(0);
    assert!(
        forced.stdout.contains(&format!("{WORKER}  removed")),
        "{forced:#?}"
    );
    let gone = ["wait", WORKER, "--for", "removed", "--timeout", "30s"];
    cli.run(&gone).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_can_not_remove_the_account_is_found_before_anything_goes() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let (cluster, config, _data) = cluster_of_reader().await;
    let cli = command_line(&tenant).with("KUBECONFIG", "config");
    cli.write("config", &config);
    cli.run(&["apply", "-f", &guide_path(WORKER), "-q"])
        .await
        .expect(0);
    // Argo CD's stand-in goes on writing the status of what it installs.
    let before = (cluster.store().dump(), tenant.files());
    let delete = ["delete", WORKER, "--yes", "--remove-access"];
    let delete = [&delete[..], &["--context", "lab"]].concat();
    let refused = cli.run(&delete).await.expect(1);
    let words = "context lab is no administrator of the cluster, so it can't remove the service account; nothing was changed";
    assert!(refused.stderr.contains(words), "{refused:#?}");
    assert!((cluster.store().dump(), tenant.files()) == before);
    let waited = cli.run(&["wait", WORKER]).await.expect(0);
    assert_eq!(waited.stdout, format!("{WORKER} is ready\n"));
}
