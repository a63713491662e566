//! Pages as they are sent.

use api::{ProposedChange, Reason};
use serde_json::{Value, json};

use crate::browser::{Browser, Functions, KUBECONFIG, Page, cluster};

/// A tag to a line, without what is new with every change of the style sheet, or sealed.
fn lines(page: &Page) -> String {
    let text = page.text.replace('>', ">\n").replace('<', "\n<");
    let mut lines: Vec<String> = Vec::new();
    for line in text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
    {
        let line = match line.split_once("/assets/") {
            Some((before, rest)) => {
                let (file, rest) = rest.split_once('?').unwrap();
                let (_, rest) = rest.split_once('"').unwrap();
                format!("{before}/assets/{file}?…\"{rest}")
            }
            None => line.to_owned(),
        };
        let is_sealed = line.contains("name=\"draft\"");
        lines.push(if is_sealed {
            "<sealed draft>".to_owned()
        } else {
            line
        });
    }
    assert!(!page.text.contains("secret-token"), "{}", page.text);
    lines.join("\n")
}

fn degraded() -> Value {
    let component = |name: &str, sync: &str, health: &str, message: &str| json!({"name": name, "sync": sync, "health": health, "message": message, "since": "2027-01-15T07:30:00Z"});
    let mut cluster = json!(cluster("berlin-1"));
    cluster["created_at"] = "2027-01-14T08:00:00Z".into();
    cluster["last_commit"] = json!({"id": "3f1c", "web_url": "https://gitlab.example.com/c/3f1c", "title": "Save <berlin-1>", "author_name": "Ada", "committed_at": "2027-01-14T08:00:00Z"});
    cluster["status"] = json!({
        "phase": "Degraded",
        "components": [
            component("argo-rollouts", "Synced", "Healthy", ""),
            component("traefik", "OutOfSync", "Degraded", "<script>alert(1)</script> is no manifest"),
        ],
        "credentials": {"expires_at": "2027-01-19T08:00:00Z"},
    });
    cluster
}

fn functions() -> Functions {
    let functions = Functions::new();
    let host = {
        let mut host = json!(cluster("munich"));
        host["usage"] = "host".into();
        host["worker_type"] = "".into();
        host
    };
    let team = {
        let mut team = json!(cluster("team-red"));
        team["cluster_type"] = "virtual".into();
        team["host_cluster"] = "munich".into();
        team
    };
    let list = json!({"items": [degraded(), team, host]});
    functions.answer(
        "GET /api/v1/clusters?include_status=true&per_page=500",
        200,
        list,
    );
    functions.answer("GET /api/v1/clusters/berlin%2D1", 200, degraded());
    functions
}

#[test]
fn the_login() {
    let functions = functions();
    let page = Browser::new(&functions).get("/login?to=%2Fclusters%2Fberlin-1&expired=1");
    insta::assert_snapshot!(lines(&page));
}

#[test]
fn the_list() {
    let functions = functions();
    insta::assert_snapshot!(lines(&Browser::logged_in(&functions).get("/")));
}

#[test]
fn a_cluster() {
    let functions = functions();
    let page = Browser::logged_in(&functions).get("/clusters/berlin-1");
    let link = "href=\"https://argocd.example.com/applications?search=berlin-1-\"";
    assert!(page.has(link), "{}", page.text);
    insta::assert_snapshot!(lines(&page));
}

#[test]
fn the_forms() {
    let functions = functions();
    let browser = Browser::logged_in(&functions);
    insta::assert_snapshot!("kinds", lines(&browser.get("/register")));
    insta::assert_snapshot!("worker", lines(&browser.get("/register?kind=deployment")));
    insta::assert_snapshot!("change", lines(&browser.get("/clusters/berlin-1/change")));
}

#[test]
fn a_review() {
    let functions = functions();
    let planned = json!({
        "message": "Successfully saved berlin-2 cluster",
        "warnings": ["the certificate ends in 3 days"],
        "commit": null,
        "installs": [{"kind": "Secret", "namespace": "argocd", "name": "berlin-2-cluster", "action": "planned"}],
        "changes": [{"path": "clusters/berlin-2.yaml", "action": "create"}],
        "diff": "--- /dev/null\n+++ b/clusters/berlin-2.yaml\n@@ -0,0 +1 @@\n+name: <berlin-2>\n",
    });
    functions.answer(
        "POST /api/v1/clusters/berlin%2D2?dry_run=true",
        200,
        planned,
    );
    let browser = Browser::logged_in(&functions);
    let fields = [
        ("kind", "deployment"),
        ("name", "berlin-2"),
        ("api_server", "https://10.0.0.7:6443"),
        ("kubeconfig", KUBECONFIG),
    ];
    insta::assert_snapshot!(lines(&browser.post("/register", &fields)));
}

#[test]
fn proposals() {
    let functions = functions();
    let proposal = |name: &str, change: ProposedChange, state: &str| {
        json!({"cluster_name": name, "change": change, "merge_request": {
        "iid": 7, "web_url": "https://gitlab.example.com/mr/7", "state": state, "source_branch": format!("nautes/register-{name}"), "target_branch": "main"}})
    };
    let items = [
        proposal("berlin-3", ProposedChange::Register, "opened"),
        proposal("gone", ProposedChange::Remove, "merged"),
    ];
    functions.answer("GET /api/v1/merge-requests", 200, json!({"items": items}));
    let mut gone = json!(cluster("gone"));
    gone["status"] = json!({"phase": "Removing", "components": []});
    functions.answer("GET /api/v1/clusters/gone", 200, gone);
    insta::assert_snapshot!(lines(
        &Browser::logged_in(&functions).get("/merge-requests")
    ));
}

#[test]
fn a_removal() {
    let functions = functions();
    let planned = json!({"message": "", "warnings": ["volumes stay"], "commit": null,
        "installs": [{"kind": "Application", "namespace": "argocd", "name": "berlin-1-runtime", "action": "planned"}],
        "changes": [{"path": "clusters/berlin-1.yaml", "action": "delete"}], "diff": "-a\n"});
    functions.answer(
        "DELETE /api/v1/clusters/berlin%2D1?dry_run=true",
        200,
        planned,
    );
    let browser = Browser::logged_in(&functions);
    insta::assert_snapshot!("removal", lines(&browser.get("/clusters/berlin-1/remove")));
    functions.refuse(
        "DELETE /api/v1/clusters/berlin%2D1?dry_run=true",
        409,
        Reason::ClusterInUse,
    );
    insta::assert_snapshot!("in_use", lines(&browser.get("/clusters/berlin-1/remove")));
}

#[test]
fn failures() {
    let functions = functions();
    let browser = Browser::logged_in(&functions);
    functions.refuse("GET /api/v1/clusters/nobody", 404, Reason::ClusterNotFound);
    insta::assert_snapshot!("unknown_cluster", lines(&browser.get("/clusters/nobody")));
    insta::assert_snapshot!("unknown_page", lines(&browser.get("/nowhere")));
}
