//! Who may do what: every operation, with the token of every role and scope, in every state of the repository. The table
//! beside this file has one status for each; `BLESS=1` writes it. However a request is answered, who may not write has
//! written nothing.

mod after_merge;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use reqwest::Method;
use sandbox_gitlab::ProjectCondition;
use serde_json::{Value, json};
use tests::{Tenant, guide};

const NAME: &str = "physical-worker-deployment";
const OTHER: &str = "physical-worker-pipeline";

/// Body that is sent.
#[derive(Clone, Copy)]
enum Body {
    Nothing,
    /// The body that registered the cluster.
    Same,
    /// The same with other credentials.
    Rotated,
    /// The same without any.
    Kept,
    /// Another cluster.
    New,
}

type Operation = (&'static str, Method, &'static str, Body);

/// A column of the tables: its name, and the request. `{}` is the registered cluster, `{other}` one that is not.
const OPERATIONS: [Operation; 22] = [
    ("get", Method::GET, "{}", Body::Nothing),
    ("list", Method::GET, "", Body::Nothing),
    ("save", Method::POST, "{}", Body::Same),
    ("rotate", Method::POST, "{}", Body::Rotated),
    ("keep", Method::POST, "{}", Body::Kept),
    ("new", Method::POST, "{other}", Body::New),
    ("adopt", Method::POST, "{other}?adopt=true", Body::New),
    ("sync", Method::POST, "{}?sync=true", Body::Same),
    ("sync-new", Method::POST, "{}?sync=true", Body::Rotated),
    ("sync-bare", Method::POST, "{}?sync=true", Body::Nothing),
    ("dry", Method::POST, "{other}?dry_run=true", Body::New),
    (
        "propose",
        Method::POST,
        "{other}?delivery=merge-request",
        Body::New,
    ),
    (
        "dry-propose",
        Method::POST,
        "{other}?dry_run=true&delivery=merge-request",
        Body::New,
    ),
    ("delete", Method::DELETE, "{}", Body::Nothing),
    (
        "dry-delete",
        Method::DELETE,
        "{}?dry_run=true",
        Body::Nothing,
    ),
    ("force", Method::DELETE, "{}?force=true", Body::Nothing),
    (
        "absent",
        Method::DELETE,
        "{other}?force=true",
        Body::Nothing,
    ),
    (
        "force-mr",
        Method::DELETE,
        "{}?force=true&delivery=merge-request",
        Body::Nothing,
    ),
    ("direct", Method::POST, "{other}?delivery=commit", Body::New),
    (
        "direct-force",
        Method::DELETE,
        "{}?force=true&delivery=commit",
        Body::Nothing,
    ),
    (
        "dry-force",
        Method::DELETE,
        "{}?force=true&dry_run=true",
        Body::Nothing,
    ),
    // The client takes the dots away.
    ("proposals", Method::GET, "../merge-requests", Body::Nothing),
];

/// Of those who may write only what writes nothing is tried where writing works: the rest is what the other tests are about.
const WRITERS: [&str; 2] = ["maintainer", "owner"];
const HARMLESS: [&str; 7] = [
    "get",
    "list",
    "dry",
    "dry-propose",
    "dry-delete",
    "dry-force",
    "proposals",
];

const CONDITIONS: [(&str, ProjectCondition); 5] = [
    ("usual", ProjectCondition::Usual),
    ("empty", ProjectCondition::Empty),
    ("archived", ProjectCondition::Archived),
    ("moved", ProjectCondition::Moved),
    ("branch-missing", ProjectCondition::BranchMissing),
];

fn body(body: Body) -> String {
    let same = || serde_json::from_str::<Value>(&guide("v0.4", NAME)).unwrap();
    match body {
        Body::Nothing => String::new(),
        Body::Same => same().to_string(),
        // At an API server of its own: the guide's clusters share one.
        Body::New => guide("v0.4", OTHER).replace("8.217.50.114", "10.2.0.2"),
        Body::Kept => {
            let mut kept = same();
            kept.as_object_mut().unwrap().remove("kubeconfig");
            kept.to_string()
        }
        Body::Rotated => {
            let mut rotated = same();
            rotated["kubeconfig"] =
                "clusters: [{name: a, cluster: {}}]\nusers: [{name: a, user: {token: another}}]\n"
                    .into();
            rotated.to_string()
        }
    }
}

/// Where the branches of proposals begin.
const PROPOSALS: &str = "refs/heads/nautes/";

/// Branches with their heads: proposals are the one thing that a developer may write.
fn refs(tenant: &Tenant, with_proposals: bool) -> String {
    let listed = Command::new("git")
        .arg("-C")
        .arg(tenant.repository())
        .args(["for-each-ref", "--format=%(refname) %(objectname)"])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let lines = listed.lines();
    let is_meant = |line: &&str| with_proposals || !line.starts_with(PROPOSALS);
    lines.filter(is_meant).collect::<Vec<_>>().join("\n")
}

/// Takes back what a developer may propose, so that a row says nothing of the one before it.
async fn take_back_proposals(tenant: &Tenant) {
    let (url, id) = (tenant.gitlab.url(), tenant.gitlab.project_id());
    let url = format!("{url}/api/v4/projects/{id}/merge_requests");
    let maintainer = &tenant.gitlab.tokens().maintainer;
    let client = tests::http_client();
    let open = client
        .get(format!("{url}?state=opened"))
        .bearer_auth(maintainer);
    let open: Value =
        serde_json::from_str(&open.send().await.unwrap().text().await.unwrap()).unwrap();
    for merge_request in open.as_array().into_iter().flatten() {
        let url = format!("{url}/{}", merge_request["iid"]);
        let close = client.put(url).bearer_auth(maintainer);
        let close = close.header("content-type", "application/json");
        let closed = close
            .body(r#"{"state_event": "close"}"#)
            .send()
            .await
            .unwrap();
        assert_eq!(closed.status(), 200);
    }
    for line in refs(tenant, true)
        .lines()
        .filter(|line| line.starts_with(PROPOSALS))
    {
        let name = line.split(' ').next().unwrap();
        let removed = Command::new("git")
            .arg("-C")
            .arg(tenant.repository())
            .args(["update-ref", "-d", name])
            .status();
        assert!(removed.unwrap().success());
    }
}

/// Asserts that the text has nothing that only writers may learn: names of Secrets, own ones and others'.
fn assert_names_no_secret(tenant: &Tenant, text: &str, case: &str) {
    let dump = tenant.kubernetes.store().dump();
    let kinds = dump.as_object().unwrap();
    let (_, secrets) = kinds
        .iter()
        .find(|(kind, _)| kind.starts_with("secrets"))
        .unwrap();
    let names = secrets.as_object().unwrap().keys();
    let names: Vec<&str> = names.map(|name| name.rsplit('/').next().unwrap()).collect();
    assert!(!names.is_empty());
    for name in names {
        assert!(!text.contains(name), "{case} learns of {name}: {text}");
    }
}

/// A cluster Secret of another tool, for the API server of the cluster that is not registered.
async fn put_foreign_secret(tenant: &Tenant) {
    let server = &tenant.kubernetes;
    let server_url = serde_json::from_str::<Value>(&body(Body::New)).unwrap()["api_server"].clone();
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "of-somebody", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
        "stringData": {"name": "of-somebody", "server": server_url, "config": "{}"},
    });
    let request =
        tests::http_client().post(format!("{}/api/v1/namespaces/argocd/secrets", server.url()));
    let request = request.bearer_auth(server.token());
    let request = request.header("content-type", "application/json");
    let answer = request.body(secret.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 201);
}

/// Tells whether nobody can write in such a repository, the owner included.
fn refuses_all(condition: ProjectCondition) -> bool {
    matches!(
        condition,
        ProjectCondition::Archived | ProjectCondition::BranchMissing
    )
}

async fn row(
    tenant: &Tenant,
    name: &str,
    token: Option<&str>,
    condition: ProjectCondition,
) -> String {
    let mut row = format!("{name:<17}");
    for (operation, method, path, sent) in OPERATIONS {
        let path = path.replace("{}", NAME).replace("{other}", OTHER);
        let is_tried =
            refuses_all(condition) || !WRITERS.contains(&name) || HARMLESS.contains(&operation);
        let status = match is_tried {
            true => {
                let answer = tenant.send(method, &path, token, body(sent)).await;
                if !WRITERS.contains(&name) && name != "developer" {
                    assert_names_no_secret(tenant, &answer.text, &format!("{name} {operation}"));
                }
                answer.status.to_string()
            }
            false => "-".to_owned(),
        };
        let width = operation.len().max(3);
        write!(row, " {status:>width$}").unwrap();
    }
    row
}

/// Which proposals there are when a row begins.
#[derive(Clone, Copy, PartialEq)]
enum Proposals {
    None,
    /// One of new credentials for the registered cluster.
    Rotation,
}

/// Returns the objects of the management cluster, or of these what nobody may change whom nobody approved:
/// credentials.
fn objects(tenant: &Tenant, credentials_alone: bool) -> Value {
    let dump = tenant.kubernetes.store().dump();
    if !credentials_alone {
        return dump;
    }
    let secrets = dump["secrets"].as_object().unwrap().iter();
    secrets
        .map(|(name, secret)| (name.clone(), secret["data"].clone()))
        .collect()
}

/// Merge requests, open or not, as whoever only reads has to leave them.
async fn merge_requests(tenant: &Tenant) -> Vec<String> {
    let (url, id) = (tenant.gitlab.url(), tenant.gitlab.project_id());
    let url = format!("{url}/api/v4/projects/{id}/merge_requests?state=all&per_page=100");
    let request = tests::http_client().get(url);
    let request = request.bearer_auth(&tenant.gitlab.tokens().maintainer);
    let answer = request.send().await.unwrap();
    let listed: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let members = ["iid", "state", "title", "description"];
    let listed = listed.as_array().unwrap().iter();
    listed
        .map(|request| members.map(|member| request[member].to_string()).join(" "))
        .collect()
}

async fn table(
    tenant: &Tenant,
    delivery: &str,
    proposals: Proposals,
    condition: ProjectCondition,
) -> String {
    let mut table = " ".repeat(17);
    for (operation, ..) in OPERATIONS {
        write!(table, " {operation:>3}").unwrap();
    }
    let tokens = tenant.gitlab.tokens().by_name();
    let known = tokens.into_iter().map(|(name, token)| (name, Some(token)));
    for (name, token) in known.chain([("none", None), ("garbage", Some("glpat-garbage"))]) {
        if proposals == Proposals::Rotation {
            let developer = Some(tenant.gitlab.tokens().developer.clone());
            let path = format!("{NAME}?delivery=merge-request");
            let proposed = tenant.send(
                Method::POST,
                &path,
                developer.as_deref(),
                body(Body::Rotated),
            );
            proposed.await.ok();
        }
        // A developer proposes, and where that is how changes are made has installed once more what was approved.
        let is_proposer = name == "developer";
        let installs = is_proposer && delivery == "merge-request";
        let written = || (refs(tenant, !is_proposer), objects(tenant, installs));
        let (before, requests) = (written(), merge_requests(tenant).await);
        let row = row(tenant, name, token, condition).await;
        write!(table, "\n{}", row.trim_end()).unwrap();
        let after = written();
        if !is_proposer {
            let now = merge_requests(tenant).await;
            assert_eq!(requests, now, "{name} wrote a merge request");
        }
        assert_eq!(before.0, after.0, "{name} wrote to the repository");
        assert_eq!(before.1, after.1, "{name} wrote to the management cluster");
        if name == "developer" || proposals == Proposals::Rotation {
            take_back_proposals(tenant).await;
        }
    }
    table + "\n"
}

async fn hold_the_tables(delivery: &str) {
    let tenant = Tenant::start_with(&[("delivery", delivery)]).await;
    let path = format!("{NAME}?delivery=commit");
    tenant.save(&path, body(Body::Same)).await.ok();
    let mut tables = String::new();
    let proposed = table(
        &tenant,
        delivery,
        Proposals::Rotation,
        ProjectCondition::Usual,
    )
    .await;
    for (name, condition) in CONDITIONS {
        tenant.gitlab.set_condition(condition).unwrap();
        let table = table(&tenant, delivery, Proposals::None, condition).await;
        write!(tables, "# {name}\n{table}\n").unwrap();
    }
    write!(tables, "# proposed\n{proposed}\n").unwrap();
    tenant
        .gitlab
        .set_condition(ProjectCondition::Usual)
        .unwrap();
    put_foreign_secret(&tenant).await;
    let taken = table(&tenant, delivery, Proposals::None, ProjectCondition::Usual).await;
    write!(tables, "# taken\n{taken}\n").unwrap();
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(format!("tests/authorization/{delivery}.txt"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &tables).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(tables, expected, "{}", file.display());
}

#[tokio::test]
async fn every_token_is_answered_as_the_table_has_it_where_changes_are_committed() {
    hold_the_tables("commit").await;
}

#[tokio::test]
async fn every_token_is_answered_as_the_table_has_it_where_changes_go_by_merge_request() {
    hold_the_tables("merge-request").await;
}
