use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{GitLabFixture, RestClient};

async fn with_branch(files: &[(&str, Option<&str>)]) -> GitLabFixture {
    let server = GitLabFixture::start().await;
    server.git(&["branch", "nautes/register-a", "main"]);
    server
        .gitlab
        .writer()
        .commit("nautes/register-a", "Register", files)
        .unwrap();
    server
}

async fn open(client: &RestClient) -> Value {
    let body = json!({"title": "Register a", "description": "Text", "labels": "a,b",
        "source_branch": "nautes/register-a", "target_branch": "main"});
    client.post("/merge_requests", body).await.expect(201)
}

async fn put(client: &RestClient, target: &str, body: Value) -> crate::support::RestReply {
    client
        .call(
            Method::PUT,
            &format!("{}/merge_requests/{target}", client.project),
            Some(&body),
        )
        .await
}

#[tokio::test]
async fn opened_found_updated_and_merged() {
    let server = with_branch(&[("a", Some("x"))]).await;
    let (developer, maintainer) = (server.developer(), server.maintainer());
    let opened = open(&developer).await;
    let head = server.head("nautes/register-a");
    assert_eq!(
        (&opened["iid"], &opened["state"], &opened["sha"]),
        (&json!(1), &json!("opened"), &json!(head))
    );
    assert_eq!(opened["detailed_merge_status"], "mergeable");
    assert_eq!(
        (&opened["author"]["username"], &opened["labels"]),
        (&json!("developer"), &json!(["a", "b"]))
    );
    let url = format!(
        "{}/nautes/management/-/merge_requests/1",
        server.gitlab.url()
    );
    assert_eq!(opened["web_url"], url);
    assert_eq!(opened["user"]["can_merge"], false);

    let query = "state=opened&source_branch=nautes%2Fregister-a&target_branch=main";
    let found = developer
        .own(&format!("/merge_requests?{query}"))
        .await
        .expect(200);
    assert_eq!(found[0]["iid"], 1);
    for none in [
        "state=merged",
        "source_branch=b",
        "target_branch=b",
        "search=nothing",
    ] {
        assert_eq!(
            developer
                .own(&format!("/merge_requests?{none}"))
                .await
                .expect(200),
            json!([]),
            "{none}"
        );
    }

    let updated = put(
        &developer,
        "1",
        json!({"title": "New", "description": "Other"}),
    )
    .await
    .expect(200);
    assert_eq!(
        (&updated["title"], &updated["description"]),
        (&json!("New"), &json!("Other"))
    );
    let again = server
        .gitlab
        .writer()
        .commit("nautes/register-a", "More", &[("b", Some("x"))])
        .unwrap();
    assert_eq!(
        developer.own("/merge_requests/1").await.expect(200)["sha"],
        again
    );

    let stale = put(&maintainer, "1/merge", json!({"sha": head}))
        .await
        .refusal();
    assert_eq!(
        stale,
        (
            409,
            format!("SHA does not match HEAD of source branch: {again}")
        )
    );
    let body = json!({"sha": again, "should_remove_source_branch": true});
    let merged = put(&maintainer, "1/merge", body).await.expect(200);
    assert_eq!(
        (&merged["state"], &merged["sha"]),
        (&json!("merged"), &json!(again))
    );
    assert_eq!(merged["merge_commit_sha"], server.head("main"));
    assert_eq!(merged["merged_by"]["username"], "maintainer");
    assert_eq!(server.show("main", "b"), "x");
    assert_eq!(server.git(&["branch", "--format=%(refname:short)"]), "main");
    let message = "Merge branch 'nautes/register-a' into 'main'\n\nNew\n\nSee merge request nautes/management!1";
    assert_eq!(server.git(&["log", "-1", "--format=%B", "main"]), message);
    put(&maintainer, "1/merge", json!({})).await.expect(405);
}

#[tokio::test]
async fn one_open_merge_request_per_pair_of_branches() {
    let server = with_branch(&[("a", Some("x"))]).await;
    let developer = server.developer();
    let body =
        json!({"title": "Again", "source_branch": "nautes/register-a", "target_branch": "main"});
    open(&developer).await;
    let conflict = developer
        .post("/merge_requests", body.clone())
        .await
        .expect(409);
    let text = "Another open merge request already exists for this source branch: !1";
    assert_eq!(conflict, json!({"message": [text]}));
    put(&developer, "1", json!({"state_event": "close"}))
        .await
        .expect(200);
    assert_eq!(
        developer.post("/merge_requests", body).await.expect(201)["iid"],
        2
    );
}

#[tokio::test]
async fn conflicts_are_not_merged() {
    let server = with_branch(&[("README.md", Some("theirs"))]).await;
    server
        .gitlab
        .writer()
        .commit("main", "Ours", &[("README.md", Some("ours"))])
        .unwrap();
    let maintainer = server.maintainer();
    let opened = open(&maintainer).await;
    assert_eq!(
        (&opened["has_conflicts"], &opened["detailed_merge_status"]),
        (&json!(true), &json!("conflict"))
    );
    let head = server.head("main");
    let refused = put(&maintainer, "1/merge", json!({})).await.refusal();
    assert_eq!(refused, (422, "Branch cannot be merged".to_owned()));
    assert_eq!(server.head("main"), head);
}

#[tokio::test]
async fn what_is_refused() {
    let server = with_branch(&[("a", Some("x"))]).await;
    let developer = server.developer();
    let missing = developer
        .post("/merge_requests", json!({"title": "x"}))
        .await
        .expect(400);
    assert_eq!(
        missing,
        json!({"error": "source_branch is missing, target_branch is missing"})
    );
    let same = json!({"title": "x", "source_branch": "main", "target_branch": "main"});
    let same = developer.post("/merge_requests", same).await.expect(422);
    assert_eq!(
        same,
        json!({"message": ["You can't use same project/branch for source and target"]})
    );
    let unknown = json!({"title": "x", "source_branch": "no", "target_branch": "main"});
    let unknown = developer.post("/merge_requests", unknown).await.expect(400);
    assert_eq!(
        unknown,
        json!({"message": {"source_branch": ["does not exist"]}})
    );
    developer.own("/merge_requests/9").await.expect(404);

    open(&developer).await;
    put(&developer, "1/merge", json!({})).await.expect(401);
    put(&developer, "1", json!({})).await.expect(400);
    let tokens = server.gitlab.tokens();
    let body = json!({"title": "x", "source_branch": "nautes/register-a", "target_branch": "main"});
    for token in [&tokens.reporter, &tokens.guest] {
        let refused = server
            .client(token)
            .post("/merge_requests", body.clone())
            .await
            .refusal();
        assert_eq!(refused, (403, "403 Forbidden".to_owned()));
    }
}
