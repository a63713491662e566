use axum::http::Method;
use serde_json::json;

use crate::support::GitLabFixture;

const KUSTOMIZATION: &str = "nautes%2Foverlays%2Fproduction%2Fclusters%2Fkustomization%2Eyaml";

#[tokio::test]
async fn a_file_with_everything_gitlab_tells_of_it() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let first = server.head("main");
    client
        .change(json!([{"action": "create", "file_path": "other", "content": "x"}]))
        .await
        .expect(201);
    let head = server.head("main");
    let path = "nautes/overlays/production/clusters/kustomization.yaml";
    let file = client
        .own(&format!("/repository/files/{KUSTOMIZATION}?ref=main"))
        .await
        .expect(200);
    assert_eq!(file["file_name"], "kustomization.yaml");
    assert_eq!(file["file_path"], path);
    assert_eq!(
        (&file["encoding"], &file["ref"]),
        (&json!("base64"), &json!("main"))
    );
    assert_eq!(
        file["blob_id"],
        server.git(&["rev-parse", &format!("main:{path}")])
    );
    assert_eq!(
        (&file["commit_id"], &file["last_commit_id"]),
        (&json!(head), &json!(first))
    );
    assert_eq!(file["execute_filemode"], false);
    assert_eq!(file["size"], 78);

    let raw = client
        .own(&format!("/repository/files/{KUSTOMIZATION}/raw"))
        .await;
    assert!(raw.header("content-type").starts_with("text/plain"));
    assert_eq!(raw.header("x-gitlab-last-commit-id"), first);
    assert!(
        raw.body
            .starts_with(b"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n")
    );
}

#[tokio::test]
async fn head_answers_in_headers() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let name = "Überblick";
    client
        .change(json!([{"action": "create", "file_path": name, "content": "abc"}]))
        .await
        .expect(201);
    let encoded = "%C3%9Cberblick";
    let target = format!("{}/repository/files/{encoded}?ref=main", client.project);
    let reply = client.call(Method::HEAD, &target, None).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-gitlab-file-name"), encoded);
    assert_eq!(reply.header("x-gitlab-size"), "3");
    assert_eq!(reply.header("x-gitlab-encoding"), "base64");
    assert_eq!(reply.header("x-gitlab-execute-filemode"), "false");
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(reply.header("x-gitlab-content-sha256"), sha256);
    for name in ["commit-id", "last-commit-id"] {
        assert_eq!(
            reply.header(&format!("x-gitlab-{name}")),
            server.head("main")
        );
    }
    assert_eq!(
        reply.header("x-gitlab-blob-id"),
        server.git(&["rev-parse", "main:Überblick"])
    );
}

#[tokio::test]
async fn files_that_are_not_there() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let get = async |target: &str| client.own(&format!("/repository/files/{target}")).await;
    assert_eq!(
        get("README.md").await.expect(400),
        json!({"error": "ref is missing, ref is empty"})
    );
    assert_eq!(
        get("README.md?ref=").await.expect(400),
        json!({"error": "ref is empty"})
    );
    assert_eq!(
        get("README.md?ref=no").await.refusal(),
        (404, "404 Commit Not Found".to_owned())
    );
    assert_eq!(
        get("no?ref=main").await.refusal(),
        (404, "404 File Not Found".to_owned())
    );
    assert_eq!(
        get("nautes?ref=main").await.refusal(),
        (404, "404 File Not Found".to_owned())
    );
    assert_eq!(
        get("no/raw").await.refusal(),
        (404, "404 File Not Found".to_owned())
    );
    get("..%2Fx?ref=main").await.expect(400);
}

#[tokio::test]
async fn blobs_by_id() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    client
        .change(json!([{"action": "create", "file_path": "bin", "content": "AP8Q", "encoding": "base64"}]))
        .await
        .expect(201);
    let id = server.git(&["rev-parse", "main:bin"]);
    let blob = client
        .own(&format!("/repository/blobs/{id}"))
        .await
        .expect(200);
    assert_eq!(
        blob,
        json!({"size": 3, "encoding": "base64", "content": "AP8Q", "sha": id})
    );
    let raw = client.own(&format!("/repository/blobs/{id}/raw")).await;
    assert_eq!(raw.body.as_ref(), [0, 255, 16]);
    let missing = (404, "404 Blob Not Found".to_owned());
    let tree = server.git(&["rev-parse", "main:nautes"]);
    for id in ["0".repeat(40), "x".to_owned(), tree] {
        assert_eq!(
            client
                .own(&format!("/repository/blobs/{id}"))
                .await
                .refusal(),
            missing
        );
    }
}

/// As `Gitlab::Git::Blob.tree_entry` has it.
#[tokio::test]
async fn a_submodule_is_an_empty_file_with_the_id_of_its_commit() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let commit = "4d7a".repeat(10);
    server.git(&["read-tree", "main"]);
    let entry = format!("160000,{commit},sub/module");
    server.git(&["update-index", "--add", "--cacheinfo", &entry]);
    let tree = server.git(&["write-tree"]);
    let head = server.git(&["commit-tree", &tree, "-p", "main", "-m", "A submodule"]);
    server.git(&["update-ref", "refs/heads/main", &head]);
    let raw = client
        .own("/repository/files/sub%2Fmodule/raw?ref=main")
        .await;
    assert_eq!((raw.status.as_u16(), raw.body.len()), (200, 0));
    assert_eq!(raw.header("x-gitlab-blob-id"), commit);
    assert_eq!(raw.header("x-gitlab-size"), "0");
    let tree = client.own("/repository/tree?path=sub&ref=main").await;
    assert_eq!(tree.expect(200)[0]["type"], "commit");
    for path in ["sub/module", "sub/module/a"] {
        let create = json!([{"action": "create", "file_path": path, "content": "x"}]);
        let refused = client.change(create).await.refusal();
        let words = "A file with this name already exists".to_owned();
        assert_eq!(refused, (400, words));
    }
}
