//! Components send requests to other servers.

use crate::origin::OriginServer;
use crate::support::{TestApplication, get};
use sandbox_host::LogSource;

fn allowing(origin: &OriginServer) -> TestApplication {
    TestApplication::one(&format!(
        "allowed_outbound_hosts = [\"http://{}\"]",
        origin.address
    ))
}

#[tokio::test]
async fn an_allowed_host_is_reached() {
    let origin = OriginServer::start(None).await;
    let host = allowing(&origin).start().await;
    let (status, body) = get(&host, &format!("/fetch?{}", origin.url("/path?query"))).await;
    assert_eq!(
        (status, body),
        (200, format!("GET /path?query {}\n", origin.address))
    );
}

#[tokio::test]
async fn other_hosts_are_refused_and_named_in_the_log() {
    let origin = OriginServer::start(None).await;
    let app = TestApplication::one("allowed_outbound_hosts = [\"http://127.0.0.1:1\"]");
    let host = app.start().await;
    let (status, body) = get(&host, &format!("/fetch?{}", origin.url("/secret?token=x"))).await;
    assert_eq!(status, 502);
    assert!(body.contains("HttpRequestDenied"), "{body}");
    assert_eq!(origin.connections(), 0);
    let line = format!(
        "service: refused a request to http://{}: not in allowed_outbound_hosts",
        origin.address
    );
    assert_eq!(app.lines(LogSource::Host), [line]);
}

#[tokio::test]
async fn an_allowed_host_may_come_from_a_variable() {
    let origin = OriginServer::start(None).await;
    let mut app = TestApplication::one("allowed_outbound_hosts = [\"{{ greeting }}\"]");
    app.options
        .variables
        .insert("greeting".into(), format!("http://{}", origin.address));
    let host = app.start().await;
    assert_eq!(
        get(&host, &format!("/fetch?{}", origin.url("/"))).await.0,
        200
    );
}

#[tokio::test]
async fn an_entry_that_means_nothing_stops_the_start() {
    let refusal = TestApplication::one("allowed_outbound_hosts = [\"gitlab.com\"]")
        .refusal()
        .await;
    assert!(
        refusal.contains("component `service`: `gitlab.com` is not an allowed outbound host"),
        "{refusal}"
    );
}

#[tokio::test]
async fn connections_are_kept() {
    let origin = OriginServer::start(None).await;
    let mut app = allowing(&origin);
    app.options.reuse.max_requests = 1;
    let host = app.start().await;
    for _ in 0..5 {
        assert_eq!(
            get(&host, &format!("/fetch?{}", origin.url("/"))).await.0,
            200
        );
    }
    assert_eq!(origin.connections(), 1);
}

#[tokio::test]
async fn two_requests_are_under_way_at_the_same_time() {
    let origin = OriginServer::start(None).await;
    let host = allowing(&origin).start().await;
    let url = origin.url("/together");
    let (status, body) = get(&host, &format!("/fetch-both?{url},{url}")).await;
    assert_eq!((status, body.lines().count()), (200, 2));
}

#[tokio::test]
async fn a_component_need_not_wait_for_the_first_byte() {
    let origin = OriginServer::start(None).await;
    let host = allowing(&origin).start().await;
    let (status, body) = get(
        &host,
        &format!("/fetch-impatiently?{}", origin.url("/never")),
    )
    .await;
    assert_eq!(
        (status, body.as_str()),
        (504, "ErrorCode::ConnectionReadTimeout")
    );
}

#[tokio::test]
async fn a_component_need_not_wait_for_the_rest() {
    let origin = OriginServer::start(None).await;
    let host = allowing(&origin).start().await;
    let (status, body) = get(
        &host,
        &format!("/fetch-impatiently?{}", origin.url("/half")),
    )
    .await;
    assert_eq!(
        (status, body.as_str()),
        (504, "ErrorCode::ConnectionReadTimeout")
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_of_its_own() {
    let app = TestApplication::one("allowed_outbound_hosts = [\"http://127.0.0.1:9\"]");
    let host = app.start().await;
    let (status, body) = get(&host, "/fetch?http://127.0.0.1:9/").await;
    assert_eq!(
        (status, body.as_str()),
        (502, "ErrorCode::ConnectionRefused")
    );
    let line = &app.lines(LogSource::Host)[0];
    assert!(
        line.starts_with("service: a request to http://127.0.0.1:9 failed: connecting failed"),
        "{line}"
    );
}
