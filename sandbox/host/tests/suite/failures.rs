//! Components that fail.

use crate::support::{TestApplication, get, text};
use bytes::Bytes;
use http::Request;
use sandbox_host::LogSource;
use std::time::Duration;

async fn problem(host: &sandbox_host::ComponentHost, path: &str) -> (u16, serde_json::Value) {
    let request = Request::get(format!("http://test{path}"))
        .body(Bytes::new())
        .unwrap();
    let response = host.handle("service", request).await.unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let length: usize = response.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(length, response.body().len());
    (
        response.status().as_u16(),
        serde_json::from_str(&text(&response)).unwrap(),
    )
}

#[tokio::test]
async fn a_trap_is_a_problem_and_ends_the_instance() {
    let app = TestApplication::one("");
    let host = app.start().await;
    assert_eq!(get(&host, "/count").await.1, "0");
    assert_eq!(get(&host, "/count").await.1, "1");
    let (status, problem) = problem(&host, "/trap").await;
    assert_eq!(
        (status, &problem["reason"]),
        (500, &"COMPONENT_FAILED".into())
    );
    assert_eq!(
        (&problem["status"], &problem["code"]),
        (&500.into(), &500.into())
    );
    assert_eq!(get(&host, "/count").await.1, "0");
    assert!(
        app.lines(LogSource::Stderr)
            .iter()
            .any(|line| line.contains("asked to trap"))
    );
    assert!(app.lines(LogSource::Host)[0].starts_with("service: the instance ended: "));
}

#[tokio::test]
async fn endless_computation_is_ended_and_holds_nobody_up() {
    let mut app = TestApplication::one("");
    app.options.request_timeout = Duration::from_millis(600);
    let host = app.start().await;
    let spinning = problem(&host, "/spin");
    let others = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let mut answered = 0;
        for _ in 0..5 {
            answered += usize::from(get(&host, "/echo").await.0 == 200);
        }
        answered
    };
    let ((status, problem), answered) = tokio::join!(spinning, others);
    assert_eq!(
        (status, &problem["reason"]),
        (504, &"COMPONENT_TIMEOUT".into())
    );
    assert_eq!(answered, 5);
    assert!(
        app.lines(LogSource::Host)
            .contains(&"service: no answer within 600ms".to_owned())
    );
}

#[tokio::test]
async fn a_component_that_waits_too_long_is_given_up() {
    let mut app = TestApplication::one("");
    app.options.request_timeout = Duration::from_millis(100);
    let host = app.start().await;
    assert_eq!(problem(&host, "/sleep?60000").await.0, 504);
    assert_eq!(get(&host, "/sleep?1").await, (200, "slept 1".to_owned()));
}
