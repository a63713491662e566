use std::path::PathBuf;
use std::process::Output;

use crate::support::{GitLabFixture, git, stdout};

/// Clones with a token into a new folder of the server's data.
async fn clone(server: &GitLabFixture, token: &str, name: &str) -> (Output, PathBuf) {
    let folder = server.data.path().join(name);
    let url = server
        .gitlab
        .clone_url()
        .replace("://", &format!("://any:{token}@"));
    let (parent, target) = (server.data.path().to_owned(), folder.clone());
    let output = tokio::task::spawn_blocking(move || {
        git(&parent, &["clone", "-q", &url, target.to_str().unwrap()])
    });
    (output.await.unwrap(), folder)
}

/// Commits a file and pushes to a branch.
async fn push(folder: PathBuf, refspec: &str) -> Output {
    std::fs::write(folder.join(refspec.replace(['/', '+', ':'], "-")), "x").unwrap();
    stdout(git(&folder, &["add", "."]));
    stdout(git(&folder, &["commit", "-q", "-m", "Push"]));
    let refspec = refspec.to_owned();
    tokio::task::spawn_blocking(move || git(&folder, &["push", "-q", "origin", &refspec]))
        .await
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn readers_clone_and_others_do_not() {
    let server = GitLabFixture::start().await;
    let tokens = server.gitlab.tokens();
    for (name, token) in [
        ("1", &tokens.reporter),
        ("2", &tokens.read_repository),
        ("3", &tokens.write_repository),
    ] {
        let (output, folder) = clone(&server, token, name).await;
        stdout(output);
        assert!(folder.join("README.md").exists());
    }
    for (name, token) in [
        ("4", &tokens.guest),
        ("5", &tokens.stranger),
        ("6", &tokens.expired),
        ("7", &tokens.read_api),
    ] {
        let (output, _) = clone(&server, token, name).await;
        assert!(!output.status.success(), "{name}");
    }
}

#[tokio::test]
async fn maintainers_push_to_the_protected_branch() {
    let server = GitLabFixture::start().await;
    let (_, folder) = clone(&server, &server.gitlab.tokens().maintainer, "clone").await;
    stdout(push(folder.clone(), "HEAD:main").await);
    assert_eq!(
        server.head("main"),
        stdout(git(&folder, &["rev-parse", "HEAD"]))
    );
    assert_eq!(server.commit_count("main"), 2);

    stdout(git(&folder, &["reset", "-q", "--hard", "HEAD~1"]));
    let forced = push(folder, "+HEAD:main").await;
    assert!(
        stderr(&forced).contains("You are not allowed to force push code to a protected branch")
    );
    assert_eq!(server.commit_count("main"), 2);
}

#[tokio::test]
async fn developers_push_to_other_branches() {
    let server = GitLabFixture::start().await;
    let head = server.head("main");
    let (_, folder) = clone(&server, &server.gitlab.tokens().developer, "clone").await;
    let refused = push(folder.clone(), "HEAD:main").await;
    assert!(!refused.status.success());
    let text = "GitLab: You are not allowed to push code to protected branches on this project.";
    assert!(stderr(&refused).contains(text), "{}", stderr(&refused));
    assert_eq!(server.head("main"), head);
    stdout(push(folder, "HEAD:feature/x").await);
    assert_eq!(server.commit_count("feature/x"), 3);
}

#[tokio::test]
async fn readers_do_not_push() {
    let server = GitLabFixture::start().await;
    let tokens = server.gitlab.tokens();
    for (name, token) in [("1", &tokens.reporter), ("2", &tokens.read_repository)] {
        let (_, folder) = clone(&server, token, name).await;
        assert!(!push(folder, "HEAD:feature").await.status.success());
    }
    assert_eq!(server.git(&["branch", "--format=%(refname:short)"]), "main");
}

#[tokio::test]
async fn large_pushes_arrive_whole_below_a_prefix() {
    let server =
        GitLabFixture::start_with(|options| "/gitlab/".clone_into(&mut options.path_prefix)).await;
    assert!(
        server
            .gitlab
            .clone_url()
            .contains("/gitlab/nautes/management.git")
    );
    let (output, folder) = clone(&server, &server.gitlab.tokens().maintainer, "clone").await;
    stdout(output);
    // Incompressible and larger than git's post buffer: sent in chunks.
    let mut state = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    })
    .take(3 << 20)
    .collect();
    std::fs::write(folder.join("noise"), &noise).unwrap();
    stdout(push(folder, "HEAD:main").await);
    assert_eq!(
        server.git(&["cat-file", "-s", "main:noise"]),
        noise.len().to_string()
    );
    let (_, again) = clone(&server, &server.gitlab.tokens().developer, "again").await;
    assert_eq!(std::fs::read(again.join("noise")).unwrap(), noise);
}

#[tokio::test]
async fn the_first_push_fills_an_empty_repository() {
    let server = GitLabFixture::empty().await;
    let (output, folder) = clone(&server, &server.gitlab.tokens().maintainer, "clone").await;
    stdout(output);
    stdout(push(folder, "HEAD:main").await);
    let branch = server
        .maintainer()
        .own("/repository/branches/main")
        .await
        .expect(200);
    assert_eq!(branch["commit"]["title"], "Push");
}
