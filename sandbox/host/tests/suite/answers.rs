//! Components answer requests.

use crate::support::{TestApplication, get, text};
use bytes::Bytes;
use http::Request;
use sandbox_host::LogSource;

#[tokio::test]
async fn a_dependency_is_called() {
    let host = TestApplication::one("").start().await;
    assert_eq!(get(&host, "/library").await, (200, "42 b 1".to_owned()));
}

#[tokio::test]
async fn method_path_query_and_body_arrive() {
    let host = TestApplication::one("").start().await;
    let body = Bytes::from(vec![b'x'; 300_000]);
    let request = Request::put("http://test/echo?a=%20b")
        .body(body.clone())
        .unwrap();
    let response = host.handle("service", request).await.unwrap();
    let echoed = text(&response);
    assert_eq!(echoed.lines().next().unwrap(), "PUT /echo?a=%20b");
    assert!(echoed.as_bytes().ends_with(&body));
}

#[tokio::test]
async fn a_body_may_follow_the_head_in_parts() {
    let host = TestApplication::one("").start().await;
    assert_eq!(
        get(&host, "/stream").await,
        (200, "part 0\npart 1\npart 2\n".to_owned())
    );
}

#[tokio::test]
async fn random_numbers_differ() {
    let host = TestApplication::one("").start().await;
    assert_ne!(get(&host, "/random").await, get(&host, "/random").await);
}

#[tokio::test]
async fn what_a_component_prints_arrives_by_line_with_its_name() {
    let app = TestApplication::one("");
    let host = app.start().await;
    get(&host, "/print?x").await;
    assert_eq!(app.lines(LogSource::Stdout), ["service: out x"]);
    assert_eq!(app.lines(LogSource::Stderr), ["service: err x"]);
}

#[tokio::test]
async fn a_component_sees_the_environment_of_the_manifest_and_no_other() {
    let host = TestApplication::one("environment = { COLOUR = \"blue\" }")
        .start()
        .await;
    assert_eq!(
        get(&host, "/environment").await.1,
        "[(\"COLOUR\", \"blue\")]"
    );
}

#[tokio::test]
async fn components_that_do_not_exist_are_an_error() {
    let host = TestApplication::one("").start().await;
    let error = host
        .handle("nobody", Request::new(Bytes::new()))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "no component `nobody` has a trigger");
}
