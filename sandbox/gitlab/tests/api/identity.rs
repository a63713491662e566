use axum::http::{Method, Request};
use bytes::Bytes;
use http_body_util::Full;
use sandbox_gitlab::{AccessLevel, NewUser, TokenScope};
use serde_json::json;

use crate::support::GitLabFixture;

#[tokio::test]
async fn a_token_is_found_in_each_place_gitlab_looks() {
    let server = GitLabFixture::start().await;
    let (tokens, client) = (server.gitlab.tokens(), server.client(""));
    let url = format!("{}/user", client.base);
    let request = || Request::builder().uri(&url);
    let empty = || Full::<Bytes>::default();
    let bearer = request().header("authorization", format!("Bearer {}", tokens.developer));
    let private = request().header("private-token", &tokens.developer);
    let query = Request::builder().uri(format!("{url}?private_token={}", tokens.developer));
    let both = request()
        .header("private-token", &tokens.developer)
        .header("authorization", format!("Bearer {}", tokens.guest));
    for request in [bearer, private, query, both] {
        let user = client
            .send(request.body(empty()).unwrap())
            .await
            .unwrap()
            .expect(200);
        assert_eq!(user["username"], "developer");
        assert_eq!(user["email"], "developer@gitlab.example");
    }
}

#[tokio::test]
async fn tokens_that_are_not_accepted_are_told_apart() {
    let server = GitLabFixture::start().await;
    let tokens = server.gitlab.tokens();
    let project = "/projects/nautes%2Fmanagement";

    let none = server.client("");
    assert_eq!(
        none.get("/user").await.expect(401),
        json!({"message": "401 Unauthorized"})
    );
    assert_eq!(
        none.get(project).await.expect(404),
        json!({"message": "404 Project Not Found"})
    );
    assert_eq!(
        none.commit(json!({})).await.expect(404)["message"],
        "404 Project Not Found"
    );
    assert_eq!(
        none.post("/merge_requests", json!({})).await.expect(401)["message"],
        "401 Unauthorized"
    );

    let stranger = server.client(&tokens.stranger);
    assert_eq!(
        stranger.get(project).await.expect(404),
        json!({"message": "404 Project Not Found"})
    );
    let garbage = server.client("garbage");
    assert_eq!(
        garbage.get(project).await.expect(401),
        json!({"message": "401 Unauthorized"})
    );

    let expired = server.client(&tokens.expired).get(project).await;
    assert!(expired.header("www-authenticate").contains("invalid_token"));
    assert_eq!(
        expired.expect(401),
        json!({
            "error": "invalid_token",
            "error_description": "Token is expired. You can either do re-authorization or token refresh.",
        })
    );
    assert_eq!(
        server
            .client(&tokens.revoked)
            .get(project)
            .await
            .expect(401),
        json!({
            "error": "invalid_token",
            "error_description": "Token was revoked. You have to re-authorize from the user.",
        })
    );
    let blocked = server.client(&tokens.blocked).get(project).await.refusal();
    assert_eq!(
        blocked,
        (
            403,
            "403 Forbidden - Your account has been blocked.".to_owned()
        )
    );
}

#[tokio::test]
async fn scopes_open_what_they_open_in_gitlab() {
    let server = GitLabFixture::start().await;
    let tokens = server.gitlab.tokens();
    let file = "/repository/files/README.md?ref=main";
    let needs = |scope: &str| {
        json!({
            "error": "insufficient_scope",
            "error_description": "The request requires higher privileges than provided by the access token.",
            "scope": scope,
        })
    };

    let read_api = server.client(&tokens.read_api);
    // `can_push` is about the user, not about the token's scope.
    assert_eq!(
        read_api.own("/repository/branches/main").await.expect(200)["can_push"],
        true
    );
    assert_eq!(read_api.commit(json!({})).await.expect(403), needs("api"));

    let read_repository = server.client(&tokens.read_repository);
    read_repository.own(file).await.expect(200);
    assert_eq!(
        read_repository.own("").await.expect(403),
        needs("api read_api")
    );

    let write_repository = server.client(&tokens.write_repository);
    assert_eq!(
        write_repository.commit(json!({})).await.expect(403),
        needs("api")
    );
    assert_eq!(
        write_repository.own(file).await.expect(403),
        needs("api read_api read_repository")
    );

    let read_user = server.client(&tokens.read_user);
    read_user.get("/user").await.expect(200);
    assert_eq!(read_user.own("").await.expect(403), needs("api read_api"));

    for token in [&tokens.write_repository, &tokens.read_user] {
        let own = server
            .client(token)
            .get("/personal_access_tokens/self")
            .await
            .expect(200);
        assert_eq!(
            (&own["active"], &own["revoked"]),
            (&json!(true), &json!(false))
        );
    }
    let own = read_api
        .get("/personal_access_tokens/self")
        .await
        .expect(200);
    assert_eq!(own["scopes"], json!(["read_api"]));
    assert_eq!(
        own["expires_at"].as_str().map(str::len),
        Some("2026-01-31".len())
    );
}

#[tokio::test]
async fn version_needs_a_token() {
    let server = GitLabFixture::start().await;
    assert!(server.maintainer().get("/version").await.expect(200)["version"].is_string());
    server.client("").get("/version").await.expect(401);
}

#[tokio::test]
async fn further_users_and_tokens_can_be_added() {
    let server = GitLabFixture::start().await;
    let user = NewUser {
        username: "ada".to_owned(),
        name: "Ada".to_owned(),
        access_level: Some(AccessLevel::Owner),
        blocked: false,
    };
    let token = server.gitlab.add_user(user.clone()).unwrap();
    assert_eq!(
        server
            .client(&token)
            .own("/repository/branches/main")
            .await
            .expect(200)["can_push"],
        true
    );
    assert_eq!(
        server.gitlab.add_user(user).unwrap_err().to_string(),
        "user ada exists"
    );
    let reading = server
        .gitlab
        .add_token("ada", &[TokenScope::ReadUser])
        .unwrap();
    assert_ne!(reading, token);
    assert_eq!(
        server.client(&reading).get("/user").await.expect(200)["name"],
        "Ada"
    );
    assert_eq!(
        server.gitlab.add_token("bob", &[]).unwrap_err().to_string(),
        "no user bob"
    );
}

#[tokio::test]
async fn routes_that_do_not_exist() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    assert_eq!(
        client.get("/nothing").await.expect(404),
        json!({"error": "404 Not Found"})
    );
    // A path parameter is one segment: its slashes have to be encoded.
    let unencoded = client.own("/repository/files/nautes/x?ref=main").await;
    assert_eq!(unencoded.expect(404), json!({"error": "404 Not Found"}));
    let wrong = client.call(Method::DELETE, "/user", None).await;
    assert_eq!(wrong.expect(405), json!({"error": "405 Not Allowed"}));
}
