//! Changes that somebody has to merge, what is installed afterwards, and what others made before.

use std::time::Duration;

use serde_json::{Value, json};
use tests::Tenant;

use crate::support::{Finished, WORKER, command_line, guide_path, tenant};

const STEP: Duration = Duration::from_millis(20);

/// Merges in GitLab, as a maintainer does.
async fn merge(tenant: &Tenant, iid: u64) {
    let (url, id) = (tenant.gitlab.url(), tenant.gitlab.project_id());
    let request = reqwest::Client::new()
        .put(format!(
            "{url}/api/v4/projects/{id}/merge_requests/{iid}/merge"
        ))
        .bearer_auth(&tenant.gitlab.tokens().maintainer);
    assert_eq!(request.send().await.unwrap().status(), 200);
}

/// The table has the merge request's page, and a message says what comes next.
#[track_caller]
fn assert_proposed(finished: &Finished, iid: u64) {
    let page = format!("/merge_requests/{iid}");
    assert!(
        finished.stdout.contains("proposed") && finished.stdout.contains(&page),
        "{finished:#?}"
    );
    let said = finished.stderr.contains("then run the same command again")
        && finished.stderr.contains(&page);
    assert!(said, "{finished:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_told_and_carried_out_once_it_is_merged() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    let file = guide_path(WORKER);
    let apply = [
        "apply",
        "-f",
        &file,
        "--delivery",
        "merge-request",
        "--wait",
    ];
    let proposed = cli.run(&apply).await.expect(0);
    assert_proposed(&proposed, 1);
    let listed = cli.run(&["get", "-o", "name"]).await.expect(0);
    assert_eq!(listed.stdout.trim(), "");
    let words = async |arguments: &[&str]| {
        let finished = cli.run(arguments).await.expect(0);
        let row = finished.stdout.lines().nth(1).unwrap_or_default();
        row.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let row = words(&["proposals"]).await;
    assert!(
        row.starts_with(&format!("{WORKER} register opened merge it !1 ")),
        "{row}"
    );

    merge(&tenant, 1).await;
    let row = words(&["proposals"]).await;
    assert!(
        row.starts_with(&format!("{WORKER} register merged apply its file again")),
        "{row}"
    );
    let installed = cli.run(&apply).await.expect(0);
    assert!(installed.stdout.contains("ready"), "{installed:#?}");
    assert!(!installed.stderr.contains("then run"), "{installed:#?}");

    let delete = [
        "delete",
        WORKER,
        "--yes",
        "--wait",
        "--delivery",
        "merge-request",
    ];
    assert_proposed(&cli.run(&delete).await.expect(0), 2);
    merge(&tenant, 2).await;
    let row = words(&["proposals"]).await;
    assert!(
        row.starts_with(&format!("{WORKER} remove merged delete it again !2 ")),
        "{row}"
    );
    let removed = cli.run(&delete).await.expect(0);
    assert!(removed.stdout.contains("removed"), "{removed:#?}");
    let none = cli.run(&["proposals"]).await.expect(0);
    assert_eq!(none.stderr, "nothing is proposed\n", "{none:#?}");
    let row = words(&["proposals", "--all"]).await;
    assert!(
        row.starts_with(&format!("{WORKER} remove merged - !2 ")),
        "{row}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_says_what_has_to_be_done_before_anything_goes_on() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    let file = guide_path(WORKER);
    let by_request = ["--delivery", "merge-request"];
    let propose: Vec<&str> = ["apply", "-f", &file]
        .into_iter()
        .chain(by_request)
        .collect();
    cli.run(&propose).await.expect(0);
    let wait = ["wait", WORKER, "--timeout", "2s"];
    let unmerged = cli.run(&wait).await.expect(1);
    assert!(
        unmerged.stderr.contains(
            "/merge_requests/1 is not merged: merge it, then run `nautes-clusters apply`"
        ),
        "{unmerged:#?}"
    );
    merge(&tenant, 1).await;
    let merged = cli.run(&wait).await.expect(124);
    let next = "/merge_requests/1 is merged and nothing is installed: run `nautes-clusters apply` with its file again";
    assert_eq!(merged.stderr.matches(next).count(), 2, "{merged:#?}");
    assert!(
        merged.stderr.contains("was not ready within 2s; http")
            && !merged.stderr.contains("goes on"),
        "{merged:#?}"
    );
    cli.run(&["apply", "-f", &file, "--wait", "-q"])
        .await
        .expect(0);
    let ready = cli.run(&wait).await.expect(0);
    assert!(!ready.stderr.contains("merge_requests"), "{ready:#?}");

    let delete: Vec<&str> = ["delete", WORKER, "--yes"]
        .into_iter()
        .chain(by_request)
        .collect();
    cli.run(&delete).await.expect(0);
    let wait = ["wait", WORKER, "--for", "removed", "--timeout", "2s"];
    let unmerged = cli.run(&wait).await.expect(124);
    assert!(
        unmerged
            .stderr
            .contains("/merge_requests/2 is not merged: merge it"),
        "{unmerged:#?}"
    );
    merge(&tenant, 2).await;
    let merged = cli.run(&wait).await.expect(124);
    let next = format!("run `nautes-clusters delete {WORKER}` again");
    assert!(merged.stderr.contains(&next), "{merged:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_repository_says_is_installed_without_a_file() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    cli.run(&["apply", "-f", &guide_path(WORKER)])
        .await
        .expect(0);
    let messages = tenant.messages();
    let synced = cli.run(&["sync", WORKER, "--wait"]).await.expect(0);
    assert!(
        synced.stdout.contains(WORKER) && synced.stdout.contains("ready"),
        "{synced:#?}"
    );
    assert_eq!(tenant.messages(), messages);
    let both = cli
        .run(&["sync", "unknown", WORKER, "-o", "json"])
        .await
        .expect(1);
    let results = both.json();
    assert_eq!(results["clusters"][0]["result"], "failed", "{both:#?}");
    assert_eq!(results["clusters"][1]["result"], "synced", "{both:#?}");
}

/// Somebody removes the cluster's credentials in the management cluster.
async fn remove_secret(tenant: &Tenant) {
    let server = &tenant.kubernetes;
    let path = "api/v1/namespaces/argocd/secrets/cluster-8.217.50.114-2588429234";
    let request = reqwest::Client::new()
        .delete(format!("{}/{path}", server.url()))
        .bearer_auth(server.token());
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_tells_what_waits_and_what_the_management_cluster_lacks() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    let file = guide_path(WORKER);
    let diff = ["diff", "--summary", "-f", &file];
    let propose = ["apply", "-f", &file, "--delivery", "merge-request"];
    cli.run(&propose).await.expect(0);
    let proposed = cli.run(&diff).await.expect(1);
    assert!(
        proposed.stderr.contains(
            "/merge_requests/1 is not merged: merge it, then run `nautes-clusters apply`"
        ),
        "{proposed:#?}"
    );

    merge(&tenant, 1).await;
    let merged = cli.run(&diff).await.expect(1);
    assert!(
        merged.stdout.starts_with("▸ ") && merged.stdout.contains("▸ Secret argocd/cluster-8."),
        "{merged:#?}"
    );
    for words in [
        "the management cluster has nothing of it: `nautes-clusters apply` has it installed",
        "/merge_requests/1 is merged and nothing is installed",
    ] {
        assert!(merged.stderr.contains(words), "{words}: {merged:#?}");
    }
    let document = ["diff", "-f", &file, "-o", "json"];
    let entry = cli.run(&document).await.expect(1).json()["clusters"][0].clone();
    assert_eq!(entry["differs"], true, "{entry:#}");
    assert_eq!(entry["phase"], "Registered", "{entry:#}");

    cli.run(&["apply", "-f", &file, "--wait", "-q"])
        .await
        .expect(0);
    let none = cli.run(&diff).await.expect(0);
    let said = format!("{WORKER}: no differences in the repository, and everything is installed\n");
    assert!(none.stderr.ends_with(&said), "{none:#?}");
    // What Argo CD made for the cluster goes with its Secret.
    remove_secret(&tenant).await;
    let lost = cli.run(&diff).await.expect(1);
    assert!(
        lost.stderr
            .contains("the management cluster has nothing of it")
            && lost.stdout.contains("▸ Secret argocd/cluster-8."),
        "{lost:#?}"
    );
}

/// As `argocd cluster add` leaves it.
async fn add_foreign_secret(tenant: &Tenant) {
    use base64::Engine as _;
    let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let secret: Value = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {
            "name": "cluster-8.217.50.114-2588429234",
            "labels": {"argocd.argoproj.io/secret-type": "cluster"},
        },
        "data": {
            "name": encoded("theirs"), "config": encoded("{}"),
            "server": encoded("https://8.217.50.114:6443"),
        },
    });
    let server = &tenant.kubernetes;
    let request = reqwest::Client::new()
        .post(format!("{}/api/v1/namespaces/argocd/secrets", server.url()))
        .bearer_auth(server.token())
        .header("content-type", "application/json");
    let answer = request.body(secret.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_made_is_taken_over_where_that_is_asked_for() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    add_foreign_secret(&tenant).await;
    let file = guide_path(WORKER);
    let before = tenant.written();
    for (command, code) in [("apply", 1), ("diff", 2)] {
        let refused = cli.run(&[command, "-f", &file]).await.expect(code);
        assert!(
            refused.stderr.contains("give --adopt with the kubeconfig")
                && !refused.stderr.contains("adopt=true"),
            "{refused:#?}"
        );
    }
    assert_eq!(tenant.written(), before);
    cli.run(&["diff", "-f", &file, "--adopt"]).await.expect(1);
    let taken = cli.run(&["apply", "-f", &file, "--adopt"]).await.expect(0);
    assert!(
        taken.stderr.contains("cluster-8.217.50.114-2588429234"),
        "{taken:#?}"
    );
}
