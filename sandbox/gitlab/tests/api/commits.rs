use serde_json::{Value, json};

use crate::support::GitLabFixture;

#[tokio::test]
async fn every_action_in_one_commit() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    client
        .change(json!([
            {"action": "create", "file_path": "a/update", "content": "1\n"},
            {"action": "create", "file_path": "a/move", "content": "2\n", "execute_filemode": true},
            {"action": "create", "file_path": "a/delete", "content": "3\n"},
            {"action": "create", "file_path": "a/chmod", "content": "4\n"},
        ]))
        .await
        .expect(201);
    let head = server.head("main");
    let commit = client
        .commit(json!({
            "branch": "main",
            "commit_message": "All actions\n\nRequest-Id: 7\n",
            "author_name": "Ada", "author_email": "ada@gitlab.example",
            "actions": [
                {"action": "create", "file_path": "b/text", "content": "a\r\nb"},
                {"action": "create", "file_path": "b/bytes", "content": "AP8Q", "encoding": "base64"},
                {"action": "update", "file_path": "a/update", "content": "1\n1\n", "last_commit_id": head},
                {"action": "move", "file_path": "c/moved", "previous_path": "a/move", "last_commit_id": head},
                {"action": "delete", "file_path": "a/delete", "last_commit_id": head},
                {"action": "chmod", "file_path": "a/chmod", "execute_filemode": true},
            ],
        }))
        .await
        .expect(201);
    assert_eq!(commit["parent_ids"], json!([head]));
    assert_eq!(commit["id"], server.head("main"));
    assert_eq!(
        (&commit["title"], &commit["author_name"]),
        (&json!("All actions"), &json!("Ada"))
    );
    assert_eq!(commit["committer_email"], "maintainer@gitlab.example");
    assert_eq!(commit["message"], "All actions\n\nRequest-Id: 7\n");
    assert_eq!(
        commit["stats"],
        json!({"additions": 3, "deletions": 1, "total": 4})
    );

    let list = server.git(&["ls-tree", "-r", "--format=%(objectmode) %(path)", "main"]);
    let expected = [
        "100644 README.md",
        "100755 a/chmod",
        "100644 a/update",
        "100644 b/bytes",
        "100644 b/text",
        "100755 c/moved",
        "100644 nautes/overlays/production/clusters/kustomization.yaml",
    ];
    assert_eq!(list.lines().collect::<Vec<_>>(), expected);
    assert_eq!(server.show("main", "b/text"), "a\r\nb");
    assert_eq!(server.show("main", "c/moved"), "2");
    server.git(&["fsck", "--strict"]);
}

#[tokio::test]
async fn actions_build_on_each_other() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    client
        .change(json!([
            {"action": "create", "file_path": "x/one", "content": "1"},
            {"action": "update", "file_path": "x/one", "content": "2"},
            {"action": "move", "file_path": "y", "previous_path": "x/one", "content": "3"},
            {"action": "create", "file_path": "x/one", "content": "4"},
            {"action": "delete", "file_path": "x/one"},
        ]))
        .await
        .expect(201);
    assert_eq!(
        server.git(&["ls-tree", "--name-only", "main"]),
        "README.md\nnautes\ny"
    );
    assert_eq!(server.show("main", "y"), "3");
}

#[tokio::test]
async fn a_file_replaces_a_directory_and_a_directory_is_deleted_whole() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    client
        .change(json!([{"action": "create", "file_path": "nautes/overlays", "content": "f"}]))
        .await
        .expect(201);
    assert_eq!(
        server.git(&["ls-tree", "-r", "--name-only", "main"]),
        "README.md\nnautes/overlays"
    );
    client
        .change(json!([{"action": "delete", "file_path": "nautes"}]))
        .await
        .expect(201);
    assert_eq!(
        server.git(&["ls-tree", "-r", "--name-only", "main"]),
        "README.md"
    );
    client
        .change(json!([{"action": "delete", "file_path": "README.md"}]))
        .await
        .expect(201);
    assert_eq!(server.git(&["ls-tree", "-r", "main"]), "");
}

#[tokio::test]
async fn paths_are_cleaned_as_gitaly_does() {
    let server = GitLabFixture::start().await;
    let create = |path| json!([{"action": "create", "file_path": path, "content": "x"}]);
    server
        .maintainer()
        .change(create("a/../b"))
        .await
        .expect(201);
    server.maintainer().change(create("/c")).await.expect(201);
    assert_eq!(
        server.git(&["ls-tree", "--name-only", "main"]),
        "README.md\nb\nc\nnautes"
    );
}

#[tokio::test]
async fn an_update_without_a_change_is_an_empty_commit() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let content = client.own("/repository/files/README.md/raw").await.body;
    let content = String::from_utf8(content.to_vec()).unwrap();
    let tree = server.git(&["rev-parse", "main^{tree}"]);
    client
        .change(json!([{"action": "update", "file_path": "README.md", "content": content}]))
        .await
        .expect(201);
    assert_eq!(server.git(&["rev-parse", "main^{tree}"]), tree);
    assert_eq!(server.commit_count("main"), 2);
    let body = json!({"branch": "main", "commit_message": "Nothing", "allow_empty": true});
    let commit = server.maintainer().commit(body).await.expect(201);
    assert_eq!(commit["stats"]["total"], 0);
    assert_eq!(server.commit_count("main"), 3);
}

#[tokio::test]
async fn statistics_on_demand() {
    let server = GitLabFixture::start().await;
    let create = |name: &str, stats: Value| {
        json!({"branch": "main", "commit_message": "m", "stats": stats,
            "actions": [{"action": "create", "file_path": name, "content": "1\n2\n"}]})
    };
    let without = server
        .maintainer()
        .commit(create("a", json!(false)))
        .await
        .expect(201);
    assert_eq!(without.get("stats"), None);
    let with = server
        .maintainer()
        .commit(create("b", json!(true)))
        .await
        .expect(201);
    assert_eq!(with["stats"]["additions"], 2);
}

#[tokio::test]
async fn new_branches_start_from_a_branch_or_a_commit() {
    let server = GitLabFixture::start().await;
    let developer = server.developer();
    let first = server.head("main");
    server
        .maintainer()
        .change(json!([{"action": "create", "file_path": "later", "content": "x"}]))
        .await
        .expect(201);
    let commit = |branch: &str, start: (&str, &str), force: bool| {
        let mut body = json!({"branch": branch, "commit_message": "m", "force": force,
            "actions": [{"action": "create", "file_path": branch, "content": "x"}]});
        body[start.0] = json!(start.1);
        developer.commit(body)
    };
    let one = commit("one", ("start_branch", "main"), false)
        .await
        .expect(201);
    assert_eq!(one["parent_ids"], json!([server.head("main")]));
    let two = commit("two", ("start_sha", &first), false)
        .await
        .expect(201);
    assert_eq!(two["parent_ids"], json!([first]));
    let forced = commit("one", ("start_sha", &first), true).await.expect(201);
    assert_eq!(
        (&forced["parent_ids"], &forced["id"]),
        (&json!([first]), &json!(server.head("one")))
    );
}

#[tokio::test]
async fn the_first_commit_of_an_empty_repository_makes_its_branch() {
    let server = GitLabFixture::empty().await;
    let client = server.maintainer();
    let missing = client.own("/repository/branches/main").await.refusal();
    assert_eq!(missing, (404, "404 Branch Not Found".to_owned()));
    assert_eq!(client.own("").await.expect(200)["empty_repo"], true);
    assert_eq!(
        client.own("/repository/commits").await.expect(200),
        json!([])
    );
    let body = json!({"branch": "trunk", "commit_message": "First",
        "actions": [{"action": "create", "file_path": "a", "content": "x"}]});
    let developers = server.developer().commit(body.clone()).await.refusal();
    assert_eq!(developers.0, 403);
    let commit = client.commit(body).await.expect(201);
    assert_eq!(commit["parent_ids"], json!([]));
    let project = client.own("").await.expect(200);
    assert_eq!(
        (&project["empty_repo"], &project["default_branch"]),
        (&json!(false), &json!("trunk"))
    );
}

#[tokio::test]
async fn history_is_listed_by_page_path_and_time() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    for number in 0..4 {
        let path = if number % 2 == 0 { "even" } else { "odd" };
        let action = if number < 2 { "create" } else { "update" };
        let body = json!({"branch": "main", "commit_message": format!("{number}\n\nNumber: {number}"),
            "actions": [{"action": action, "file_path": path, "content": number.to_string()}]});
        client.commit(body).await.expect(201);
    }
    let titles = async |query: &str| {
        let list = client
            .own(&format!("/repository/commits?{query}"))
            .await
            .expect(200);
        list.as_array()
            .unwrap()
            .iter()
            .map(|commit| commit["title"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(titles("").await, ["3", "2", "1", "0", "Initial commit"]);
    assert_eq!(titles("path=even&ref_name=main").await, ["2", "0"]);
    assert_eq!(titles("per_page=2&page=2").await, ["1", "0"]);
    assert_eq!(titles("since=2100-01-01").await, Vec::<Value>::new());
    assert_eq!(
        titles("until=2000-01-01T00:00:00Z").await,
        Vec::<Value>::new()
    );
    let page = client
        .own("/repository/commits?per_page=2&trailers=true")
        .await;
    assert_eq!(
        (page.header("x-next-page"), page.header("x-total")),
        ("2", "")
    );
    assert_eq!(page.json()[0]["trailers"], json!({"Number": "3"}));
    let unknown = client
        .own("/repository/commits?ref_name=no")
        .await
        .refusal();
    assert_eq!(unknown, (404, "404 Commit Not Found".to_owned()));
}

#[tokio::test]
async fn a_commit_its_diff_and_a_comparison() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let first = server.head("main");
    client
        .change(json!([
            {"action": "create", "file_path": "new", "content": "a\nb\n"},
            {"action": "move", "file_path": "README.txt", "previous_path": "README.md"},
        ]))
        .await
        .expect(201);
    let head = server.head("main");
    let commit = client.own("/repository/commits/main").await.expect(200);
    assert_eq!(
        (&commit["id"], &commit["stats"]["additions"]),
        (&json!(head), &json!(2))
    );
    let short = client
        .own(&format!("/repository/commits/{}?stats=false", &head[..8]))
        .await
        .expect(200);
    assert_eq!((&short["id"], short.get("stats")), (&json!(head), None));
    assert_eq!(
        client.own("/repository/commits/no").await.refusal(),
        (404, "404 Commit Not Found".to_owned())
    );

    let diff = client
        .own(&format!("/repository/commits/{head}/diff"))
        .await
        .expect(200);
    let renamed = &diff[0];
    assert_eq!(
        (&renamed["old_path"], &renamed["new_path"]),
        (&json!("README.md"), &json!("README.txt"))
    );
    assert_eq!(renamed["renamed_file"], true);
    assert_eq!(diff[1]["diff"], "@@ -0,0 +1,2 @@\n+a\n+b\n");
    assert_eq!(
        (&diff[1]["new_file"], &diff[1]["a_mode"]),
        (&json!(true), &json!("0"))
    );

    let compare = client
        .own(&format!("/repository/compare?from={first}&to=main"))
        .await
        .expect(200);
    assert_eq!(compare["commits"][0]["id"], head);
    assert_eq!(compare["diffs"], diff);
    assert_eq!(compare["compare_same_ref"], false);
    let unknown = client
        .own("/repository/compare?from=no&to=main")
        .await
        .refusal();
    assert_eq!(unknown, (404, "404 Ref Not Found".to_owned()));
    let missing = client.own("/repository/compare?to=main").await.expect(400);
    assert_eq!(missing["error"], "from is missing");
}

#[tokio::test]
async fn a_comparison_starts_at_the_merge_base_unless_straight() {
    let server = GitLabFixture::start().await;
    let writer = server.gitlab.writer();
    server.git(&["branch", "side", "main"]);
    writer
        .commit("side", "Side", &[("side", Some("s"))])
        .unwrap();
    writer
        .commit("main", "Main", &[("main", Some("m"))])
        .unwrap();
    let paths = async |straight: bool| {
        let target = format!("/repository/compare?from=main&to=side&straight={straight}");
        let compare = server.maintainer().own(&target).await.expect(200);
        assert_eq!(compare["commits"].as_array().unwrap().len(), 1);
        let diffs = compare["diffs"].as_array().unwrap();
        diffs
            .iter()
            .map(|diff| diff["new_path"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(paths(false).await, ["side"]);
    assert_eq!(paths(true).await, ["main", "side"]);
}
