//! `last_commit_id`, gitlab.com's semantics of 6.4: any commit at which the file was seen as it is.

use serde_json::{Value, json};

use crate::support::GitLabFixture;

const STALE: &str = "The file has changed since you started editing it: file";

/// A server whose `main` has `file` with a history; the commits' ids, oldest first.
async fn with_history() -> (GitLabFixture, Vec<String>) {
    let server = GitLabFixture::start().await;
    let writer = server.gitlab.writer();
    let mut ids = vec![server.head("main")];
    for (path, content) in [("file", "1"), ("other", "1"), ("file", "2"), ("other", "2")] {
        ids.push(
            writer
                .commit("main", "Change", &[(path, Some(content))])
                .unwrap(),
        );
    }
    (server, ids)
}

async fn update(server: &GitLabFixture, last_commit_id: &str) -> (u16, String) {
    let action = json!([{"action": "update", "file_path": "file", "content": "x",
        "last_commit_id": last_commit_id}]);
    server.maintainer().change(action).await.refusal()
}

#[tokio::test]
async fn any_commit_since_the_last_change_is_accepted() {
    for seen in [3, 4] {
        let (server, ids) = with_history().await;
        assert_eq!(update(&server, &ids[seen]).await.0, 201);
    }
}

#[tokio::test]
async fn a_commit_before_the_last_change_is_stale() {
    for seen in [1, 2] {
        let (server, ids) = with_history().await;
        assert_eq!(update(&server, &ids[seen]).await, (400, STALE.to_owned()));
        assert_eq!(server.head("main"), ids[4]);
    }
}

#[tokio::test]
async fn the_check_passes_where_there_is_nothing_to_compare() {
    let (server, ids) = with_history().await;
    assert_eq!(
        update(&server, &ids[0]).await.0,
        201,
        "the file did not exist there"
    );
    assert_eq!(
        update(&server, &"1".repeat(40)).await.0,
        201,
        "no such commit"
    );
}

#[tokio::test]
async fn every_action_on_an_existing_file_is_checked() {
    let (server, ids) = with_history().await;
    let seen = &ids[2];
    let stale = (400, STALE.to_owned());
    let actions: [Value; 3] = [
        json!({"action": "delete", "file_path": "file", "last_commit_id": seen}),
        json!({"action": "move", "file_path": "new", "previous_path": "file", "last_commit_id": seen}),
        json!({"action": "chmod", "file_path": "file", "execute_filemode": true, "last_commit_id": seen}),
    ];
    for action in actions {
        assert_eq!(
            server.maintainer().change(json!([action])).await.refusal(),
            stale
        );
    }
    let create =
        json!([{"action": "create", "file_path": "file", "content": "x", "last_commit_id": seen}]);
    let refusal = server.maintainer().change(create).await.refusal();
    assert_eq!(refusal.1, "A file with this name already exists");
}

#[tokio::test]
async fn a_deleted_file_counts_as_changed() {
    let (server, ids) = with_history().await;
    server
        .gitlab
        .writer()
        .commit("main", "Delete", &[("file", None)])
        .unwrap();
    assert_eq!(update(&server, &ids[4]).await, (400, STALE.to_owned()));
}

#[tokio::test]
async fn the_file_is_compared_on_the_start_branch() {
    let (server, ids) = with_history().await;
    server.git(&["branch", "old", &ids[2]]);
    let developer = server.developer();
    let commit = |seen: &str| {
        developer.commit(json!({"branch": format!("new-{seen}"), "start_branch": "old",
            "commit_message": "m", "actions": [
                {"action": "update", "file_path": "file", "content": "x", "last_commit_id": seen}]}))
    };
    assert_eq!(commit(&ids[1]).await.status, 201);
    assert_eq!(commit(&ids[4]).await.refusal(), (400, STALE.to_owned()));
}

#[tokio::test]
async fn a_merge_that_took_one_side_is_not_a_change() {
    let (server, ids) = with_history().await;
    let writer = server.gitlab.writer();
    server.git(&["branch", "side", "main"]);
    let changed = writer
        .commit("side", "Side", &[("file", Some("3"))])
        .unwrap();
    writer
        .commit("main", "Main", &[("other", Some("3"))])
        .unwrap();
    let mr = json!({"title": "Side", "source_branch": "side", "target_branch": "main"});
    let client = server.maintainer();
    client.post("/merge_requests", mr).await.expect(201);
    let target = format!("{}/merge_requests/1/merge", client.project);
    client
        .call(axum::http::Method::PUT, &target, None)
        .await
        .expect(200);

    let file = client
        .own("/repository/files/file?ref=main")
        .await
        .expect(200);
    assert_eq!(file["last_commit_id"], changed);
    assert_eq!(
        server.git(&["log", "-1", "--format=%H", "main", "--", "file"]),
        changed
    );
    assert_eq!(update(&server, &ids[4]).await, (400, STALE.to_owned()));
    assert_eq!(update(&server, &changed).await.0, 201);
}

#[tokio::test]
async fn the_last_commit_is_gits_through_a_long_history() {
    let server = GitLabFixture::start().await;
    let writer = server.gitlab.writer();
    let early = writer
        .commit("main", "Early", &[("deep/er/early", Some("x"))])
        .unwrap();
    for number in 0..300 {
        writer
            .commit(
                "main",
                "Filler",
                &[(&format!("filler/{}", number % 7), Some(&number.to_string()))],
            )
            .unwrap();
    }
    let client = server.maintainer();
    for path in ["deep/er/early", "filler/0", "filler/6", "README.md"] {
        let target = format!("/repository/files/{}?ref=main", path.replace('/', "%2F"));
        let file = client.own(&target).await.expect(200);
        assert_eq!(
            file["last_commit_id"],
            server.git(&["log", "-1", "--format=%H", "main", "--", path])
        );
    }
    let late = writer
        .commit("main", "Late", &[("late", Some("x"))])
        .unwrap();
    let again = client
        .own("/repository/files/deep%2Fer%2Fearly?ref=main")
        .await
        .expect(200);
    assert_eq!(
        (&again["last_commit_id"], &again["commit_id"]),
        (&json!(early), &json!(late))
    );
}
