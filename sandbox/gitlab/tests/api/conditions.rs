//! The token of every role and scope, and the states of the project, as requests meet them.

use axum::http::Method;
use sandbox_gitlab::ProjectCondition;
use serde_json::{Value, json};

use crate::support::GitLabFixture;

const PROJECT: &str = "/projects/nautes%2Fmanagement";

/// Status of: the project, its tree, a user, a commit without actions to the protected branch.
const ROWS: [(&str, [u16; 4]); 15] = [
    ("maintainer", [200, 200, 200, 400]),
    ("owner", [200, 200, 200, 400]),
    ("developer", [200, 200, 200, 403]),
    ("reporter", [200, 200, 200, 403]),
    ("planner", [200, 200, 200, 403]),
    ("guest", [200, 403, 200, 403]),
    ("stranger", [404, 404, 200, 404]),
    ("blocked", [403, 403, 403, 403]),
    ("expired", [401, 401, 401, 401]),
    ("revoked", [401, 401, 401, 401]),
    ("read_api", [200, 200, 200, 403]),
    ("read_user", [403, 403, 200, 403]),
    ("read_repository", [403, 403, 403, 403]),
    ("write_repository", [403, 403, 403, 403]),
    ("job", [401, 401, 401, 401]),
];

#[tokio::test]
async fn every_token_has_its_answers_and_none_of_them_writes() {
    let server = GitLabFixture::start().await;
    let before = server.head("main");
    let tokens = server.gitlab.tokens().by_name();
    assert_eq!(tokens.map(|(name, _)| name), ROWS.map(|(name, _)| name));
    let nothing = json!({"branch": "main", "commit_message": "x", "actions": []});
    for ((name, token), (_, expected)) in tokens.into_iter().zip(ROWS) {
        let client = server.client(token);
        let answers = [
            client.get(PROJECT).await.status,
            client.own("/repository/tree").await.status,
            client.get("/user").await.status,
            client.commit(nothing.clone()).await.status,
        ];
        assert_eq!(answers.map(|status| status.as_u16()), expected, "{name}");
    }
    assert_eq!(server.head("main"), before);
}

#[tokio::test]
async fn an_empty_list_of_actions_is_refused_after_the_rights() {
    let server = GitLabFixture::start().await;
    let commit = json!({"branch": "main", "commit_message": "x", "actions": []});
    let refused = server.maintainer().commit(commit.clone()).await.expect(400);
    assert_eq!(
        refused["message"],
        "400 Bad request - Provide at least one action, or set allow_empty to true"
    );
    let refused = server.developer().commit(commit).await.expect(403);
    assert_eq!(
        refused["message"],
        "403 Forbidden - You are not allowed to push into this branch"
    );
}

#[tokio::test]
async fn a_jobs_token_reads_branches_commits_and_files_alone() {
    let server = GitLabFixture::start().await;
    let job = server.client(&server.gitlab.tokens().job);
    job.own("/repository/branches/main").await.expect(200);
    job.own("/repository/commits").await.expect(200);
    let raw = job.own("/repository/files/README.md/raw").await;
    assert_eq!(raw.status.as_u16(), 200);
    job.own("/repository/tree").await.expect(401);
    job.own("").await.expect(401);
}

async fn set(server: &GitLabFixture, condition: ProjectCondition) {
    let client = server.client("");
    let url = client.base.replace("/api/v4", "/-/sandbox/condition");
    let body = json!({ "condition": condition });
    let request = axum::http::Request::put(url).body(http_body_util::Full::from(body.to_string()));
    let answer = client.send(request.unwrap()).await.unwrap();
    assert_eq!(answer.status.as_u16(), 204);
}

/// Answers to the maintainer: project, branch, a commit; status of each.
async fn statuses(server: &GitLabFixture) -> [u16; 3] {
    let client = server.maintainer();
    let commit = json!({"branch": "main", "commit_message": "x", "actions":
        [{"action": "create", "file_path": "a", "content": "b", "last_commit_id": null}]});
    let post = format!("{PROJECT}/repository/commits");
    [
        client.get(PROJECT).await.status,
        client.own("/repository/branches/main").await.status,
        client.call(Method::POST, &post, Some(&commit)).await.status,
    ]
    .map(|status| status.as_u16())
}

#[tokio::test]
async fn states_come_and_go() {
    let server = GitLabFixture::start().await;
    let head = server.head("main");
    for (condition, expected) in [
        (ProjectCondition::Archived, [200, 200, 403]),
        (ProjectCondition::Moved, [301, 200, 405]),
        (ProjectCondition::BranchMissing, [200, 404, 400]),
    ] {
        set(&server, condition).await;
        assert_eq!(statuses(&server).await, expected, "{condition:?}");
        set(&server, ProjectCondition::Usual).await;
        assert_eq!(server.head("main"), head, "{condition:?}");
    }
    set(&server, ProjectCondition::Empty).await;
    let project = server.maintainer().get(PROJECT).await.expect(200);
    assert_eq!(project["empty_repo"], true);
    let tree = server
        .maintainer()
        .own("/repository/tree")
        .await
        .expect(404);
    assert_eq!(tree["message"], "404 Tree Not Found");
    set(&server, ProjectCondition::Usual).await;
    assert_eq!(statuses(&server).await, [200, 200, 201]);
}

#[tokio::test]
async fn an_archived_project_says_so_and_takes_nothing() {
    let server = GitLabFixture::start().await;
    server
        .gitlab
        .set_condition(ProjectCondition::Archived)
        .unwrap();
    let client = server.maintainer();
    assert_eq!(client.get(PROJECT).await.expect(200)["archived"], true);
    let branch = client.own("/repository/branches/main").await.expect(200);
    assert_eq!(branch["can_push"], Value::Bool(false));
    let request = json!({"title": "t", "source_branch": "a", "target_branch": "main"});
    client.post("/merge_requests", request).await.expect(403);
}
