//! Two writers, 6.5: what is detected, what is lost, what is never lost.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::http::Method;
use sandbox_gitlab::{FaultPoint, GitLabFault, GitLabFaultAction};
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{GitLabFixture, RestClient, git, stdout};

const LOST: &str = "9:reference update: reference does not point to expected object";
const LOCKED: &str = "9:reference update: reference is already locked";

fn hook(point: FaultPoint, work: impl Fn() + Send + Sync + 'static) -> GitLabFault {
    GitLabFault::new(point, GitLabFaultAction::Hook(Arc::new(work)))
        .on(Method::POST, "/repository/commits")
}

/// Commits a file of its own until it is there; the number of lost attempts.
async fn insist(client: RestClient, name: String) -> usize {
    for lost in 0.. {
        let action = json!([{"action": "create", "file_path": name, "content": "x"}]);
        let reply = client.change(action).await;
        if reply.status == 201 {
            return lost;
        }
        // Who holds the branch's lock for long has others refused before anything is compared.
        let (status, text) = reply.refusal();
        assert!(
            status == 400 && [LOST, LOCKED].contains(&text.as_str()),
            "{status} {text}"
        );
    }
    unreachable!()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_many_commit_at_once() {
    let server = GitLabFixture::start().await;
    let mut tasks = JoinSet::new();
    for number in 0..24 {
        tasks.spawn(insist(server.maintainer(), format!("file-{number}")));
    }
    let lost: usize = tasks.join_all().await.into_iter().sum();
    assert_eq!(server.commit_count("main"), 25);
    assert_eq!(
        server
            .git(&["ls-tree", "--name-only", "main"])
            .lines()
            .count(),
        24 + 2
    );
    assert_eq!(
        server.git(&["rev-list", "--min-parents=2", "main"]),
        "",
        "linear"
    );
    let refused = server
        .gitlab
        .calls()
        .iter()
        .filter(|call| call.status == Some(400))
        .count();
    assert_eq!(refused, lost);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_winner_per_head() {
    let server = GitLabFixture::start().await;
    let parents: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let barrier = Arc::new(std::sync::Barrier::new(8));
    // All eight have read the same head before the first goes on.
    server.gitlab.faults().add(
        hook(FaultPoint::AfterHeadRead, {
            move || {
                barrier.wait();
            }
        })
        .times(8),
    );
    let mut tasks = JoinSet::new();
    for number in 0..8 {
        let (client, parents) = (server.maintainer(), Arc::clone(&parents));
        tasks.spawn(async move {
            let path = format!("file-{number}");
            let reply = client
                .change(json!([{"action": "create", "file_path": path, "content": "x"}]))
                .await;
            if reply.status == 400 {
                assert_eq!(reply.refusal(), (400, LOST.to_owned()));
                return 0;
            }
            let parent = reply.expect(201)["parent_ids"][0]
                .as_str()
                .unwrap()
                .to_owned();
            assert!(
                parents.lock().unwrap().insert(parent),
                "two commits on one head"
            );
            1
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().sum::<usize>(), 1);
    assert_eq!(server.commit_count("main"), 2);
}

#[tokio::test]
async fn a_commit_in_the_window_is_overwritten_by_an_update_and_shows_in_the_parent() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    client
        .change(json!([{"action": "create", "file_path": "shared", "content": "1"}]))
        .await
        .expect(201);
    let seen = server.head("main");
    let writer = server.gitlab.writer();
    server
        .gitlab
        .faults()
        .add(hook(FaultPoint::AfterGuards, move || {
            writer
                .commit("main", "Foreign", &[("shared", Some("foreign"))])
                .unwrap();
        }));
    let update = json!([{"action": "update", "file_path": "shared", "content": "ours", "last_commit_id": seen}]);
    let commit = client.change(update).await.expect(201);
    assert_eq!(
        server.show("main", "shared"),
        "ours",
        "the foreign change is gone without an error"
    );
    assert_ne!(commit["parent_ids"][0], seen, "which only the parent tells");
    assert_eq!(server.show("main~1", "shared"), "foreign");
}

#[tokio::test]
async fn existence_is_judged_on_the_parent_of_the_commit() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let writer = server.gitlab.writer();
    server.gitlab.faults().add(hook(FaultPoint::AfterGuards, {
        let writer = writer.clone();
        move || {
            drop(
                writer
                    .commit("main", "Foreign", &[("new", Some("foreign"))])
                    .unwrap(),
            )
        }
    }));
    let create = json!([{"action": "create", "file_path": "new", "content": "ours"}]);
    let refusal = client.change(create).await.refusal();
    assert_eq!(
        refusal,
        (400, "A file with this name already exists".to_owned())
    );

    let seen = server.head("main");
    server
        .gitlab
        .faults()
        .add(hook(FaultPoint::AfterGuards, move || {
            writer.commit("main", "Foreign", &[("new", None)]).unwrap();
        }));
    let update =
        json!([{"action": "update", "file_path": "new", "content": "x", "last_commit_id": seen}]);
    let refusal = client.change(update).await.refusal();
    assert_eq!(
        refusal,
        (400, "A file with this name doesn't exist".to_owned())
    );
}

#[tokio::test]
async fn a_commit_after_the_head_was_read_wins() {
    let server = GitLabFixture::start().await;
    let writer = server.gitlab.writer();
    server
        .gitlab
        .faults()
        .add(hook(FaultPoint::AfterHeadRead, move || {
            writer
                .commit("main", "Foreign", &[("foreign", Some("x"))])
                .unwrap();
        }));
    let create = json!([{"action": "create", "file_path": "ours", "content": "x"}]);
    assert_eq!(
        server.maintainer().change(create).await.refusal(),
        (400, LOST.to_owned())
    );
    assert_eq!(
        server.git(&["ls-tree", "--name-only", "main"]),
        "README.md\nforeign\nnautes"
    );
}

#[tokio::test]
async fn two_that_make_the_same_branch() {
    let server = GitLabFixture::start().await;
    let writer = server.gitlab.writer();
    server
        .gitlab
        .faults()
        .add(hook(FaultPoint::AfterHeadRead, move || {
            writer
                .commit("new", "Foreign", &[("x", Some("x"))])
                .unwrap();
        }));
    let body = json!({"branch": "new", "start_branch": "main", "commit_message": "m",
        "actions": [{"action": "create", "file_path": "a", "content": "x"}]});
    let refusal = server.developer().commit(body).await.refusal();
    assert_eq!(
        refusal,
        (
            400,
            "9:reference update: reference already exists".to_owned()
        )
    );
}

#[tokio::test]
async fn a_lock_that_is_held_refuses() {
    let server = GitLabFixture::start().await;
    let lock = server.gitlab.repository().join("refs/heads/main.lock");
    std::fs::write(&lock, "").unwrap();
    let create = json!([{"action": "create", "file_path": "a", "content": "x"}]);
    let refusal = server.maintainer().change(create.clone()).await.refusal();
    assert_eq!(
        refusal,
        (
            400,
            "9:reference update: reference is already locked".to_owned()
        )
    );
    std::fs::remove_file(&lock).unwrap();
    server.maintainer().change(create).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_and_commits_race_without_a_loss() {
    let server = GitLabFixture::start().await;
    let mut tasks = JoinSet::new();
    for number in 0..12 {
        tasks.spawn(insist(server.maintainer(), format!("api-{number}")));
    }
    let (repository, folder) = (
        server.gitlab.repository().to_owned(),
        server.data.path().join("clone"),
    );
    let pushes = tokio::task::spawn_blocking(move || {
        let path = folder.to_str().unwrap();
        stdout(git(&repository, &["clone", "-q", ".", path]));
        for number in 0..4 {
            std::fs::write(folder.join(format!("push-{number}")), "x").unwrap();
            stdout(git(&folder, &["add", "."]));
            stdout(git(&folder, &["commit", "-q", "-m", "Push"]));
            while !git(&folder, &["push", "-q"]).status.success() {
                stdout(git(&folder, &["pull", "-q", "--rebase"]));
            }
        }
    });
    pushes.await.unwrap();
    tasks.join_all().await;
    assert_eq!(server.commit_count("main"), 1 + 12 + 4);
    assert_eq!(
        server
            .git(&["ls-tree", "--name-only", "main"])
            .lines()
            .count(),
        2 + 12 + 4
    );
    server.git(&["fsck", "--strict"]);
}
