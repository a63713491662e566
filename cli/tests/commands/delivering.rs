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
