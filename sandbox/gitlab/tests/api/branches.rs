use axum::http::Method;
use serde_json::json;

use crate::support::GitLabFixture;

#[tokio::test]
async fn a_branch_tells_its_head_and_the_callers_push_right() {
    let server = GitLabFixture::start().await;
    let tokens = server.gitlab.tokens();
    let head = server.head("main");
    for (token, can_push) in [
        (&tokens.maintainer, true),
        (&tokens.developer, false),
        (&tokens.reporter, false),
    ] {
        let branch = server
            .client(token)
            .own("/repository/branches/main")
            .await
            .expect(200);
        assert_eq!(branch["can_push"], can_push);
        assert_eq!(branch["protected"], true);
        assert_eq!(branch["default"], true);
        let commit = &branch["commit"];
        assert_eq!(commit["id"], head);
        assert_eq!(commit["short_id"], head[..8]);
        assert_eq!(commit["parent_ids"], json!([]));
        assert_eq!(
            (&commit["title"], &commit["trailers"]),
            (&json!("Initial commit"), &json!({}))
        );
        assert!(
            commit["web_url"]
                .as_str()
                .unwrap()
                .ends_with(&format!("/nautes/management/-/commit/{head}"))
        );
    }
}

#[tokio::test]
async fn branches_that_are_not_there() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let missing = client.own("/repository/branches/nothing").await.refusal();
    assert_eq!(missing, (404, "404 Branch Not Found".to_owned()));
    let malformed = client.own("/repository/branches/a..b").await.refusal();
    assert_eq!(malformed, (400, "The branch refname is invalid".to_owned()));
    for (name, status) in [("main", 204), ("nothing", 404)] {
        let target = format!("{}/repository/branches/{name}", client.project);
        assert_eq!(
            client.call(Method::HEAD, &target, None).await.status,
            status
        );
    }
}

#[tokio::test]
async fn branches_are_made_listed_and_deleted() {
    let server = GitLabFixture::start().await;
    let developer = server.developer();
    let created = developer
        .post(
            "/repository/branches",
            json!({"branch": "nautes/register-a", "ref": "main"}),
        )
        .await
        .expect(201);
    assert_eq!(
        (&created["can_push"], &created["protected"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(created["merged"], true);
    let by_query = format!(
        "{}/repository/branches?branch=b&ref={}",
        developer.project,
        server.head("main")
    );
    developer
        .call(Method::POST, &by_query, None)
        .await
        .expect(201);

    let list = developer.own("/repository/branches?per_page=2").await;
    assert_eq!(list.header("x-total"), "3");
    assert_eq!(list.header("x-next-page"), "2");
    let list = list.json();
    let names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|branch| &branch["name"])
        .collect();
    assert_eq!(names, ["b", "main"]);
    let found = developer
        .own("/repository/branches?search=register")
        .await
        .expect(200);
    assert_eq!(found.as_array().unwrap().len(), 1);

    let target = format!(
        "{}/repository/branches/nautes%2Fregister-a",
        developer.project
    );
    assert_eq!(
        developer.get(&target).await.expect(200)["name"],
        "nautes/register-a"
    );
    assert_eq!(
        developer.call(Method::DELETE, &target, None).await.status,
        204
    );
    developer
        .call(Method::DELETE, &target, None)
        .await
        .expect(404);
    assert_eq!(
        server.git(&["branch", "--format=%(refname:short)"]),
        "b\nmain"
    );
}

#[tokio::test]
async fn branches_that_cannot_be_made_or_deleted() {
    let server = GitLabFixture::start().await;
    let developer = server.developer();
    let make = async |branch: &str, source: &str| {
        developer
            .post(
                "/repository/branches",
                json!({"branch": branch, "ref": source}),
            )
            .await
            .refusal()
    };
    assert_eq!(
        make("main", "main").await,
        (400, "Branch already exists".to_owned())
    );
    assert_eq!(
        make("new", "nothing").await,
        (400, "Invalid reference name: nothing".to_owned())
    );
    assert_eq!(
        make("a b", "main").await,
        (400, "Branch name is invalid".to_owned())
    );
    let missing = developer.post("/repository/branches", json!({})).await;
    assert_eq!(
        missing.expect(400),
        json!({"error": "branch is missing, ref is missing"})
    );
    let reporter = server.client(&server.gitlab.tokens().reporter);
    let refused = reporter
        .post(
            "/repository/branches",
            json!({"branch": "x", "ref": "main"}),
        )
        .await;
    assert_eq!(refused.refusal(), (403, "403 Forbidden".to_owned()));
    let main = format!("{}/repository/branches/main", developer.project);
    developer
        .call(Method::DELETE, &main, None)
        .await
        .expect(405);
    assert_eq!(server.git(&["branch", "--format=%(refname:short)"]), "main");
}
