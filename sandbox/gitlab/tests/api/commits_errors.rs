use axum::http::Request;
use bytes::Bytes;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::support::{GitLabFixture, RestClient};

/// Every refusal leaves the repository as it was.
async fn refusals(server: &GitLabFixture, client: &RestClient, cases: &[(Value, &str)]) {
    let refs = server.git(&["for-each-ref"]);
    for (body, text) in cases {
        let refusal = client.commit(body.clone()).await.refusal();
        assert_eq!(refusal, (400, (*text).to_owned()), "{body}");
    }
    assert_eq!(server.git(&["for-each-ref"]), refs);
}

fn with(action: Value) -> Value {
    json!({"branch": "main", "commit_message": "m", "actions": [action]})
}

#[tokio::test]
async fn parameters() {
    let server = GitLabFixture::start().await;
    let cases = [
        (json!({}), "400 Bad request - branch is required"),
        (
            json!({"branch": "main"}),
            "400 Bad request - commit_message is required",
        ),
        (
            json!({"branch": "main", "commit_message": "m"}),
            "400 Bad request - actions is required",
        ),
        (
            json!({"branch": "main", "commit_message": "m", "actions": {}}),
            "400 Bad request - actions must be an array",
        ),
        (
            json!({"branch": "main", "commit_message": "m", "actions": []}),
            "400 Bad request - Provide at least one action, or set allow_empty to true",
        ),
        (
            with(json!({})),
            "400 Bad request - actions[0][action] is required",
        ),
        (
            with(json!({"action": "create"})),
            "400 Bad request - actions[0][file_path] is required",
        ),
        (
            with(json!({"action": "create", "file_path": ""})),
            "400 Bad request - actions[0][file_path] is required",
        ),
        (
            with(json!({"action": "x", "file_path": "a"})),
            "400 Bad request - actions[0][action] must be one of: create, update, move, delete, chmod",
        ),
        (
            with(json!({"action": "update", "file_path": "a"})),
            "400 Bad request - actions[0][content] is required for update action",
        ),
        (
            with(json!({"action": "move", "file_path": "a"})),
            "400 Bad request - actions[0][previous_path] is required for move action",
        ),
        (
            with(json!({"action": "create", "file_path": "a", "encoding": "hex", "content": ""})),
            "400 Bad request - actions[0][encoding] must be text or base64",
        ),
        (
            json!({"branch": "x", "commit_message": "m", "start_branch": "main", "start_sha": "0",
                "actions": [{"action": "delete", "file_path": "a"}]}),
            "400 Bad request - start_branch, start_sha are mutually exclusive",
        ),
    ];
    refusals(&server, &server.maintainer(), &cases).await;
}

#[tokio::test]
async fn bodies_that_are_not_json() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let send = async |content_type: &str, body: &'static str| {
        let request = Request::builder()
            .method("POST")
            .uri(format!(
                "{}{}/repository/commits",
                client.base, client.project
            ))
            .header("private-token", &client.token)
            .header("content-type", content_type)
            .body(Full::from(Bytes::from(body)))
            .unwrap();
        client.send(request).await.unwrap().expect(400)
    };
    let invalid = json!({"message": "Invalid json", "error": "Invalid json"});
    assert_eq!(send("application/json", "{").await, invalid);
    assert_eq!(send("application/json; charset=utf-8", "[]").await, invalid);
    let unsupported = send("text/plain", "{}").await;
    assert_eq!(
        unsupported["message"],
        "400 Bad request - Unsupported Content-Type: text/plain"
    );
}

#[tokio::test]
async fn branches() {
    let server = GitLabFixture::start().await;
    server.git(&["branch", "other", "main"]);
    let action = json!([{"action": "create", "file_path": "a", "content": "x"}]);
    let to = |branch: &str, start: Value| {
        let mut body = json!({"branch": branch, "commit_message": "m", "actions": action});
        body.as_object_mut()
            .unwrap()
            .extend(start.as_object().unwrap().clone());
        body
    };
    let unknown = "1".repeat(40);
    let exists =
        "A branch called 'other' already exists. Switch to that branch in order to make changes";
    let on_branch = "You can only create or edit files when you are on a branch";
    let cases = [
        (to("no", json!({})), on_branch.to_owned()),
        (
            to("new", json!({"start_branch": "no"})),
            on_branch.to_owned(),
        ),
        (
            to("other", json!({"start_branch": "main"})),
            exists.to_owned(),
        ),
        (
            to("other", json!({"start_sha": server.head("main")})),
            exists.to_owned(),
        ),
        (
            to("new", json!({"start_sha": "main"})),
            "Invalid start_sha 'main'".to_owned(),
        ),
        (
            to("new", json!({"start_sha": unknown})),
            format!("Cannot find start_sha '{unknown}'"),
        ),
        (
            to("a b", json!({"start_branch": "main"})),
            "Something went wrong when we tried to create 'a b' for you: Branch name is invalid"
                .to_owned(),
        ),
    ];
    let cases: Vec<_> = cases
        .iter()
        .map(|(body, text)| (body.clone(), text.as_str()))
        .collect();
    refusals(&server, &server.maintainer(), &cases).await;
}

#[tokio::test]
async fn files_and_paths() {
    let server = GitLabFixture::start().await;
    let exists = "A file with this name already exists";
    let missing = "A file with this name doesn't exist";
    let create = |path| with(json!({"action": "create", "file_path": path, "content": "x"}));
    let cases = [
        (create("README.md"), exists),
        (create("README.md/below"), exists),
        (
            with(json!({"action": "move", "file_path": "README.md",
                "previous_path": "nautes/overlays/production/clusters/kustomization.yaml"})),
            exists,
        ),
        (
            with(json!({"action": "update", "file_path": "no", "content": "x"})),
            missing,
        ),
        (
            with(json!({"action": "update", "file_path": "nautes", "content": "x"})),
            missing,
        ),
        (
            with(json!({"action": "delete", "file_path": "no"})),
            missing,
        ),
        (
            with(json!({"action": "chmod", "file_path": "no", "execute_filemode": true})),
            missing,
        ),
        (
            with(json!({"action": "move", "file_path": "x", "previous_path": "no"})),
            missing,
        ),
        (create("../x"), "Path cannot include directory traversal"),
        (
            create("a/../../x"),
            "Path cannot include directory traversal",
        ),
        (create("a//b"), "invalid path: 'a//b'"),
        (create(".git/hooks/x"), "invalid path: '.git/hooks/x'"),
        (create("."), "invalid path: '.'"),
        (
            with(
                json!({"action": "create", "file_path": "x", "content": "AP8", "encoding": "base64"}),
            ),
            "illegal base64 data at input byte 0",
        ),
    ];
    refusals(&server, &server.maintainer(), &cases).await;
}

#[tokio::test]
async fn all_or_nothing() {
    let server = GitLabFixture::start().await;
    let head = server.head("main");
    let actions = json!([
        {"action": "create", "file_path": "first", "content": "x"},
        {"action": "delete", "file_path": "no"},
    ]);
    server.maintainer().change(actions).await.expect(400);
    assert_eq!(server.head("main"), head);
}

#[tokio::test]
async fn without_the_right_to_push() {
    let server = GitLabFixture::start().await;
    let tokens = server.gitlab.tokens();
    let text = "403 Forbidden - You are not allowed to push into this branch";
    // The right is checked before the parameters are.
    for (token, branch) in [(&tokens.developer, "main"), (&tokens.reporter, "new")] {
        let refusal = server
            .client(token)
            .commit(json!({"branch": branch}))
            .await
            .refusal();
        assert_eq!(refusal, (403, text.to_owned()));
    }
    let body = json!({"branch": "new", "start_branch": "main", "commit_message": "m",
        "actions": [{"action": "create", "file_path": "a", "content": "x"}]});
    server.developer().commit(body).await.expect(201);
}
