use super::*;
use crate::error::RaceKind;

fn answer(status: u16, body: &str) -> Answer {
    let body = body.as_bytes().to_vec();
    Response::builder().status(status).body(body).unwrap()
}

#[test]
fn a_project() {
    let body = r#"{"id":7,"path_with_namespace":"g/s/p","default_branch":"main","web_url":"https://g.example/g/s/p","empty_repo":false,"archived":true,"permissions":{"project_access":null}}"#;
    let project = parse_project(&answer(200, body)).unwrap();
    assert_eq!((project.id, project.archived), (7, true));
    assert!(!project.is_developer());
    assert_eq!(project.default_branch.as_deref(), Some("main"));
    // Without the right to read the code.
    let body = r#"{"id":7,"path_with_namespace":"g/p","web_url":"u","default_branch":null}"#;
    assert_eq!(
        parse_project(&answer(200, body)).unwrap().default_branch,
        None
    );
}

#[test]
fn memberships() {
    for (permissions, is_developer) in [
        ("null", false),
        (r#"{"project_access":null,"group_access":null}"#, false),
        (
            r#"{"project_access":{"access_level":20},"group_access":null}"#,
            false,
        ),
        (
            r#"{"project_access":{"access_level":30},"group_access":null}"#,
            true,
        ),
        (
            r#"{"project_access":{"access_level":20},"group_access":{"access_level":50}}"#,
            true,
        ),
    ] {
        let body = format!(
            r#"{{"id":7,"path_with_namespace":"g/p","web_url":"u","permissions":{permissions}}}"#
        );
        let project = parse_project(&answer(200, &body)).unwrap();
        assert_eq!(project.is_developer(), is_developer, "{permissions}");
    }
}

#[test]
fn a_branch() {
    let body = r#"{"name":"main","protected":true,"can_push":true,"commit":{"id":"abc","parent_ids":["p"],"message":"m\n","web_url":"u","title":"m"}}"#;
    let branch = parse_branch(&answer(200, body)).unwrap();
    assert_eq!(branch.commit.id, "abc");
    assert!(branch.can_push && branch.protected);
    let missing = answer(404, r#"{"message":"404 Branch Not Found"}"#);
    assert_eq!(parse_branch(&missing), Err(Error::BranchNotFound));
}

#[test]
fn files() {
    assert_eq!(
        parse_file(&answer(200, "a: 1\n")),
        Ok(Some(b"a: 1\n".to_vec()))
    );
    assert_eq!(parse_file(&answer(200, "")), Ok(Some(Vec::new())));
    let missing = answer(404, r#"{"message":"404 File Not Found"}"#);
    assert_eq!(parse_file(&missing), Ok(None));
    let gone = answer(404, r#"{"message":"404 Commit Not Found"}"#);
    assert_eq!(
        parse_file(&gone),
        Err(Error::LostRace(RaceKind::CommitGone))
    );
    for body in [
        "<html>404 File Not Found</html>",
        r#"{"error":"404 Not Found"}"#,
    ] {
        assert!(matches!(
            parse_file(&answer(404, body)),
            Err(Error::NotGitLab { .. })
        ));
    }
}

#[test]
fn a_submodule_is_no_empty_file() {
    let commit = "4d7a".repeat(10);
    let answered = |id: &str, body: &str| {
        let mut answer = answer(200, body);
        let headers = answer.headers_mut();
        headers.insert("x-gitlab-blob-id", id.parse().unwrap());
        headers.insert("x-gitlab-file-path", "a/b.yaml".parse().unwrap());
        headers.insert("x-gitlab-size", body.len().into());
        parse_file(&answer)
    };
    let path = "a/b.yaml".to_owned();
    assert_eq!(answered(&commit, ""), Err(Error::Submodule { path }));
    for empty in [
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    ] {
        assert_eq!(answered(empty, ""), Ok(Some(Vec::new())));
    }
    // Whatever else the id may be of.
    assert_eq!(answered(&commit, "a"), Ok(Some(b"a".to_vec())));
}

#[test]
fn half_a_file_is_no_file() {
    let response = |size: &str| {
        let response = Response::builder().header("x-gitlab-size", size);
        response.body(b"abc".to_vec()).unwrap()
    };
    assert_eq!(parse_file(&response("3")), Ok(Some(b"abc".to_vec())));
    assert!(matches!(
        parse_file(&response("4")),
        Err(Error::Unavailable { .. })
    ));
}

#[test]
fn a_commit_that_was_made() {
    let body = r#"{"id":"abc","parent_ids":["head"],"message":"m","web_url":"u","stats":null}"#;
    let commit = parse_created_commit(&answer(201, body)).unwrap();
    assert_eq!(commit.parent_ids, ["head"]);
    // It was made, but its answer did not arrive whole.
    let cut = parse_created_commit(&answer(201, r#"{"id":"abc","par"#));
    assert!(matches!(cut, Err(Error::UnknownOutcome { .. })));
    let cut = parse_commits(&answer(200, r#"[{"id":"abc","par"#));
    assert!(matches!(cut, Err(Error::Unavailable { .. })));
}

#[test]
fn comparisons() {
    let body = r#"{"commits":[{"id":"a","parent_ids":["h"],"message":"m"}],"compare_timeout":false,"diffs":[]}"#;
    let commits = parse_comparison(&answer(200, body)).unwrap();
    assert_eq!(commits[0].parent_ids, ["h"]);
}

#[test]
fn commits_and_merge_requests() {
    let body = r#"[{"id":"b","parent_ids":["a"],"message":"m"},{"id":"a"}]"#;
    assert_eq!(parse_commits(&answer(200, body)).unwrap().len(), 2);
    let body = r#"{"iid":5,"web_url":"u","state":"opened"}"#;
    let opened = parse_merge_request(&answer(201, body)).unwrap();
    assert_eq!((opened.iid, opened.is_open()), (5, true));
    assert_eq!(
        parse_merge_requests(&answer(200, &format!("[{body}]")))
            .unwrap()
            .len(),
        1
    );
}

/// A sign-in page with status 200 is no file, and a file that is a page has the id of its blob.
#[test]
fn a_page_is_no_file() {
    let answered = |headers: &[(&str, &str)]| {
        let mut answer = http::Response::builder();
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        parse_file(
            &answer
                .body(b"<html><title>Sign in</title>".to_vec())
                .unwrap(),
        )
    };
    let page = ("content-type", "text/html; charset=utf-8");
    let error = answered(&[page]).unwrap_err();
    assert!(
        matches!(error, Error::NotGitLab { status: 200, .. }),
        "{error}"
    );
    assert!(
        answered(&[page, ("x-gitlab-blob-id", "1")])
            .unwrap()
            .is_some()
    );
    assert!(
        answered(&[("content-type", "text/plain")])
            .unwrap()
            .is_some()
    );
}
