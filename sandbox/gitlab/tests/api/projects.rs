use axum::http::Method;
use serde_json::json;

use crate::support::GitLabFixture;

#[tokio::test]
async fn a_project_is_found_by_id_and_by_encoded_path() {
    let server =
        GitLabFixture::start_with(|options| "group/sub/tenant".clone_into(&mut options.project))
            .await;
    let client = server.maintainer();
    let by_id = client.own("").await.expect(200);
    let by_path = client
        .get("/projects/group%2Fsub%2Ftenant")
        .await
        .expect(200);
    assert_eq!(by_id, by_path);
    assert_eq!(by_id["id"], server.gitlab.project_id());
    assert_eq!(by_id["path_with_namespace"], "group/sub/tenant");
    assert_eq!(by_id["namespace"]["full_path"], "group/sub");
    assert_eq!(by_id["default_branch"], "main");
    assert_eq!(by_id["empty_repo"], false);
    assert_eq!(by_id["http_url_to_repo"], server.gitlab.clone_url());
    assert_eq!(by_id["permissions"]["project_access"]["access_level"], 40);
    for unknown in [
        "/projects/1",
        "/projects/tenant",
        "/projects/group%2Ftenant",
    ] {
        assert_eq!(
            client.get(unknown).await.refusal(),
            (404, "404 Project Not Found".to_owned())
        );
    }
}

#[tokio::test]
async fn a_guest_sees_the_project_and_not_its_code() {
    let server = GitLabFixture::start().await;
    let guest = server.client(&server.gitlab.tokens().guest);
    let project = guest.own("").await.expect(200);
    assert_eq!(project["permissions"]["project_access"]["access_level"], 10);
    assert_eq!(project.get("default_branch"), None);
    let forbidden = (403, "403 Forbidden".to_owned());
    for path in [
        "branches/main",
        "tree",
        "files/README.md?ref=main",
        "commits",
        "branches",
    ] {
        assert_eq!(
            guest.own(&format!("/repository/{path}")).await.refusal(),
            forbidden,
            "{path}"
        );
    }
    assert_eq!(guest.commit(json!({})).await.refusal(), forbidden);
}

#[tokio::test]
async fn a_moved_project_sends_get_to_its_id_and_refuses_the_rest() {
    let server = GitLabFixture::start().await;
    server.gitlab.move_project("nautes/elsewhere").unwrap();
    let client = server.maintainer();
    let (id, url) = (server.gitlab.project_id(), server.gitlab.url());
    let moved = client
        .get("/projects/nautes%2Fmanagement/repository/tree?ref=main")
        .await;
    assert_eq!(moved.status, 301);
    let target = format!("{url}/api/v4/projects/{id}/repository/tree?ref=main");
    assert_eq!(moved.header("location"), target);
    let moved = client.get("/projects/nautes%2Fmanagement").await;
    assert_eq!(
        moved.header("location"),
        format!("{url}/api/v4/projects/{id}")
    );

    let refusal = (
        405,
        "Non GET methods are not allowed for moved projects".to_owned(),
    );
    let commits = "/projects/nautes%2Fmanagement/repository/commits";
    assert_eq!(
        client
            .call(Method::POST, commits, Some(&json!({})))
            .await
            .refusal(),
        refusal
    );
    let file = "/projects/nautes%2Fmanagement/repository/files/README.md?ref=main";
    assert_eq!(client.call(Method::HEAD, file, None).await.status, 405);

    client.own("").await.expect(200);
    client.get("/projects/nautes%2Felsewhere").await.expect(200);
    let stranger = server.client(&server.gitlab.tokens().stranger);
    stranger
        .get("/projects/nautes%2Fmanagement")
        .await
        .expect(404);
}

#[tokio::test]
async fn a_renamed_default_branch_stays_protected() {
    let server = GitLabFixture::start().await;
    let head = server.head("main");
    server.gitlab.rename_default_branch("trunk").unwrap();
    let developer = server.developer();
    assert_eq!(
        developer.own("").await.expect(200)["default_branch"],
        "trunk"
    );
    let branch = developer
        .own("/repository/branches/trunk")
        .await
        .expect(200);
    assert_eq!(branch["commit"]["id"], head);
    assert_eq!(
        (&branch["default"], &branch["protected"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(branch["can_push"], false);
    developer.own("/repository/branches/main").await.expect(404);
    let taken = server.gitlab.rename_default_branch("trunk").unwrap_err();
    assert_eq!(
        taken.to_string(),
        "cannot rename the default branch to trunk"
    );
}
