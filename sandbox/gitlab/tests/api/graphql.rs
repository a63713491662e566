//! Many files by one query.

use axum::http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::support::{GitLabFixture, RestReply};

const QUERY: &str = "query($project: ID!, $ref: String!, $paths: [String!]!) {
  project(fullPath: $project) { repository { blobs(ref: $ref, paths: $paths) { nodes { path oid rawTextBlob } } } } }";

async fn ask(server: &GitLabFixture, token: &str, query: &str, variables: Value) -> RestReply {
    let client = server.client(token);
    let url = client.base.replace("/v4", "/graphql");
    let body = json!({ "query": query, "variables": variables });
    let request = Request::post(url)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Full::from(body.to_string()));
    client.send(request.unwrap()).await.unwrap()
}

fn variables(paths: &[&str]) -> Value {
    json!({"project": "nautes/management", "ref": "main", "paths": paths})
}

#[tokio::test]
async fn files_come_with_id_and_text_in_the_order_of_their_paths() {
    let server = GitLabFixture::start().await;
    server
        .maintainer()
        .change(json!([
            {"action": "create", "file_path": "a/b.yaml", "content": "one: 1\n"},
            {"action": "create", "file_path": "c", "content": "AP8=", "encoding": "base64"},
        ]))
        .await
        .expect(201);
    let token = &server.gitlab.tokens().reporter;
    let asked = variables(&["c", "a/b.yaml", "a", "missing"]);
    let answer = ask(&server, token, QUERY, asked).await.expect(200);
    let id = |path: &str| server.git(&["rev-parse", &format!("main:{path}")]);
    assert_eq!(
        answer["data"]["project"]["repository"]["blobs"]["nodes"],
        json!([
            {"path": "c", "oid": id("c"), "rawTextBlob": null},
            {"path": "a/b.yaml", "oid": id("a/b.yaml"), "rawTextBlob": "one: 1\n"},
        ])
    );
    // Pinned to a commit, later ones do not show.
    let mut pinned = variables(&["a/b.yaml"]);
    pinned["ref"] = server.head("main~1").into();
    let answer = ask(&server, token, QUERY, pinned).await.expect(200);
    let nodes = &answer["data"]["project"]["repository"]["blobs"]["nodes"];
    assert_eq!(nodes, &json!([]));
}

#[tokio::test]
async fn who_may_not_read_gets_null_or_401() {
    let server = GitLabFixture::start().await;
    let tokens = server.gitlab.tokens();
    let asked = || variables(&["README.md"]);
    for token in [
        &tokens.expired,
        &tokens.revoked,
        &tokens.read_user,
        &tokens.job,
    ] {
        let refused = ask(&server, token, QUERY, asked()).await.expect(401);
        assert_eq!(refused, json!({"errors": [{"message": "Invalid token"}]}));
    }
    let stranger = ask(&server, &tokens.stranger, QUERY, asked()).await;
    assert_eq!(stranger.expect(200), json!({"data": {"project": null}}));
    let guest = ask(&server, &tokens.guest, QUERY, asked()).await;
    let expected = json!({"data": {"project": {"repository": null}}});
    assert_eq!(guest.expect(200), expected);
}

#[tokio::test]
async fn limits_and_unknown_fields_are_errors_in_a_200() {
    let server = GitLabFixture::start().await;
    let token = &server.gitlab.tokens().maintainer;
    let many: Vec<String> = (0..130).map(|number| format!("f{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let long = format!("{QUERY}{}", " ".repeat(10_000));
    let unknown = QUERY.replace("rawTextBlob", "rawTextBlub");
    for (query, paths, message) in [
        (
            QUERY,
            &many[..],
            "Query has complexity of 274, which exceeds max complexity of 250",
        ),
        (long.as_str(), &[], "Query too large"),
        (
            unknown.as_str(),
            &["README.md"][..],
            "Field 'rawTextBlub' doesn't exist on type 'RepositoryBlob'",
        ),
    ] {
        let answer = ask(&server, token, query, variables(paths))
            .await
            .expect(200);
        assert_eq!(answer["errors"][0]["message"], message);
        assert!(answer.get("data").is_none());
    }
}
