//! Changes by merge request, from the proposal to the uninstall.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Tenant, guide};

const NAME: &str = "physical-worker-deployment";
const HOST: &str = "cluster-host";
const OTHER: &str = "another-worker";
const BRANCH: &str = "nautes/register-physical-worker-deployment";
const KUSTOMIZATION: &str = "nautes/overlays/production/clusters/kustomization.yaml";

/// A tenant whose branch only maintainers may push to.
async fn tenant() -> Tenant {
    Tenant::start_with(&[("delivery", "merge-request")]).await
}

/// With the token of a developer, who may not push to it.
async fn send(tenant: &Tenant, method: Method, name: &str, body: &str) -> Answer {
    let token = &tenant.gitlab.tokens().developer;
    tenant
        .send(method, name, Some(token), body.to_owned())
        .await
}

async fn post(tenant: &Tenant, name: &str, body: &str) -> Answer {
    send(tenant, Method::POST, name, body).await
}

/// GitLab's answer to the maintainer.
async fn ask_gitlab(tenant: &Tenant, method: Method, path: &str, body: Value) -> (u16, Value) {
    let (url, id) = (tenant.gitlab.url(), tenant.gitlab.project_id());
    let request = tests::http_client()
        .request(method, format!("{url}/api/v4/projects/{id}{path}"))
        .bearer_auth(&tenant.gitlab.tokens().maintainer)
        .json(&body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

pub(crate) async fn merge(tenant: &Tenant, iid: &Value) -> u16 {
    let path = format!("/merge_requests/{iid}/merge");
    ask_gitlab(tenant, Method::PUT, &path, json!({})).await.0
}

fn text(files: &tests::Files, path: &str) -> String {
    String::from_utf8(files[path].clone()).unwrap()
}

fn changed(body: &str) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap();
    body["reserved_namespaces_allowed_products"] = json!({"tekton-pipelines": ["another-product"]});
    body.to_string()
}

/// Neither the merge requests nor anything in the repository has it.
async fn assert_no_kubeconfig(tenant: &Tenant, body: &str) {
    let body: Value = serde_json::from_str(body).unwrap();
    let kubeconfig = body["kubeconfig"].as_str().unwrap();
    let (_, list) = ask_gitlab(tenant, Method::GET, "/merge_requests", json!({})).await;
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert!(!list.to_string().contains(kubeconfig), "{list:#}");
    let objects = tenant.git_objects();
    let has_it = |object: &Vec<u8>| String::from_utf8_lossy(object).contains(kubeconfig);
    assert!(!objects.iter().any(has_it));
}

#[tokio::test]
async fn a_cluster_is_proposed_merged_installed_and_removed_in_the_same_way() {
    let tenant = tenant().await;
    let before = tenant.written();
    let objects = tenant.kubernetes.store().dump();
    let body = guide("v0.4", NAME);

    let first = post(&tenant, NAME, &body).await.ok();
    assert_eq!(first["merge_request"]["state"], "opened", "{first:#}");
    assert_eq!(first["merge_request"]["source_branch"], BRANCH);
    assert_eq!(first["merge_request"]["target_branch"], "main");
    assert_eq!(first["installs"], json!([]));
    let second = post(&tenant, NAME, &changed(&body)).await.ok();
    assert_eq!(second["merge_request"], first["merge_request"]);
    assert_ne!(second["commit"]["id"], first["commit"]["id"]);
    let messages = tenant.messages_on(BRANCH);
    assert_eq!(messages.len(), 3, "{messages:?}");
    for message in &messages[..2] {
        for trailer in [
            "\nRequest-Id: ",
            "\nCluster: physical-worker-deployment\n",
            "\nOperation: SaveCluster\n",
        ] {
            assert!(message.contains(trailer), "{message}");
        }
    }
    let third = post(&tenant, NAME, &changed(&body)).await.ok();
    assert_eq!(third["commit"], Value::Null);

    let sync = format!("{NAME}?sync=true");
    let problem = post(&tenant, &sync, &changed(&body)).await;
    let problem = problem.problem(409, "NOT_MERGED");
    let url = first["merge_request"]["web_url"].as_str().unwrap();
    assert!(problem["detail"].as_str().unwrap().contains(url));
    assert_eq!(tenant.written(), before);
    assert_no_kubeconfig(&tenant, &body).await;

    assert_eq!(merge(&tenant, &first["merge_request"]["iid"]).await, 200);
    assert_eq!(tenant.kubernetes.store().dump(), objects);
    post(&tenant, &sync, &body).await.problem(409, "NOT_MERGED");
    let saved = post(&tenant, &sync, &changed(&body)).await.ok();
    assert_eq!(
        saved["message"],
        format!("Successfully saved {NAME} cluster")
    );
    assert_eq!(saved["commit"], Value::Null);
    assert!(
        saved["installs"].to_string().contains("\"Secret\""),
        "{saved:#}"
    );
    // The credentials are stored now.
    let again = post(&tenant, &sync, "").await.ok();
    assert!(
        again["installs"].to_string().contains("\"Secret\""),
        "{again:#}"
    );
    assert_eq!(tenant.get(NAME).await.ok()["status"]["phase"], "Registered");

    let installed = tenant.written();
    let removal = send(&tenant, Method::DELETE, NAME, "").await.ok();
    assert_eq!(removal["merge_request"]["iid"], 2, "{removal:#}");
    assert_eq!(tenant.written(), installed);
    assert_eq!(merge(&tenant, &removal["merge_request"]["iid"]).await, 200);
    let removed = send(&tenant, Method::DELETE, NAME, "").await.ok();
    assert_eq!(
        removed["message"],
        format!("Successfully deleted {NAME} cluster")
    );
    assert_eq!(removed["uninstalling"], json!([]));
    let answer = send(&tenant, Method::DELETE, NAME, "").await;
    answer.problem(404, "CLUSTER_NOT_FOUND");
    let secrets = tenant.kubernetes.store().list("", "secrets", "argocd");
    assert!(secrets.iter().all(|it| {
        !it["metadata"]["name"]
            .as_str()
            .unwrap()
            .starts_with("cluster-")
    }));
}

#[tokio::test]
async fn two_proposals_are_merged_one_after_another_and_the_lists_keep_both() {
    let tenant = tenant().await;
    let body = guide("v0.4", NAME);
    let other_body = body.replace("8.217.50.114", "198.51.100.7");
    let first = post(&tenant, NAME, &body).await.ok();
    let second = post(&tenant, OTHER, &other_body).await.ok();
    assert_eq!(merge(&tenant, &first["merge_request"]["iid"]).await, 200);
    // Both add the first entry of the same list.
    assert_eq!(merge(&tenant, &second["merge_request"]["iid"]).await, 422);
    let anew = post(&tenant, OTHER, &other_body).await.ok();
    assert_eq!(anew["merge_request"]["iid"], second["merge_request"]["iid"]);
    assert_eq!(
        tenant.messages_on("nautes/register-another-worker").len(),
        4
    );
    assert_eq!(merge(&tenant, &anew["merge_request"]["iid"]).await, 200);
    let list = text(&tenant.files(), KUSTOMIZATION);
    for (name, body) in [(NAME, &body), (OTHER, &other_body)] {
        assert!(list.contains(&format!("- {name}.yaml\n")), "{list}");
        let saved = post(&tenant, name, body).await.ok();
        assert_eq!(saved["merge_request"]["state"], "merged");
        assert!(!saved["installs"].as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_commit_of_somebody_else_stays_on_the_branch() {
    let tenant = tenant().await;
    let body = guide("v0.4", NAME);
    post(&tenant, NAME, &body).await.ok();
    let action = json!({"action": "update", "file_path": "README.md", "content": "Mended\n"});
    let commit = json!({"branch": BRANCH, "commit_message": "Mend", "actions": [action]});
    let (status, _) = ask_gitlab(&tenant, Method::POST, "/repository/commits", commit).await;
    assert_eq!(status, 201);
    tenant
        .commit(&[("another-file", "moves the target on\n")])
        .await;
    let answer = post(&tenant, NAME, &changed(&body)).await.ok();
    assert!(
        answer["warnings"].to_string().contains("commits of others"),
        "{answer:#}"
    );
    let files = tenant.files_on(BRANCH);
    assert_eq!(text(&files, "README.md"), "Mended\n");
    let file = text(
        &files,
        &format!("nautes/overlays/production/clusters/{NAME}.yaml"),
    );
    assert!(file.contains("another-product"), "{file}");
    assert_eq!(tenant.messages_on(BRANCH).len(), 4);
}

#[tokio::test]
async fn a_request_may_ask_for_the_other_way() {
    let tenant = tenant().await;
    let before = tenant.written();
    let body = guide("v0.4", NAME);
    let direct = format!("{NAME}?delivery=commit");
    let answer = post(&tenant, &direct, &body).await;
    answer.problem(403, "PERMISSION_DENIED");
    assert_eq!(tenant.written(), before);
    let saved = tenant.save(&direct, body).await.ok();
    assert!(saved["commit"]["id"].is_string());
    assert_eq!(saved.get("merge_request"), None);
    assert!(!saved["installs"].as_array().unwrap().is_empty());

    let tenant = Tenant::start().await;
    let proposed = format!("{HOST}?delivery=merge-request");
    let answer = post(&tenant, &proposed, &guide("v0.4", HOST)).await.ok();
    assert_eq!(answer["merge_request"]["iid"], 1);
    let problem = post(&tenant, &format!("{HOST}?delivery=never"), "{}").await;
    problem.problem(422, "VALIDATION_FAILED");
}

#[tokio::test]
async fn the_default_branch_is_followed_unless_another_one_is_set() {
    let tenant = Tenant::start().await;
    tenant.gitlab.rename_default_branch("trunk").unwrap();
    tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    let files = tenant.files_on("trunk");
    assert!(text(&files, KUSTOMIZATION).contains(NAME));
    assert_eq!(tenant.get(NAME).await.ok()["name"], NAME);

    let tenant = Tenant::start_with(&[("gitlab_branch", "release")]).await;
    let before = tenant.written();
    let problem = tenant.save(NAME, guide("v0.4", NAME)).await;
    let problem = problem.problem(500, "MISCONFIGURED");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("branch release does not exist"), "{detail}");
    assert!(detail.contains("default branch is main"), "{detail}");
    assert_eq!(tenant.written(), before);
}
