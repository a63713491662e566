use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use bytes::Bytes;
use sandbox_gitlab::{FaultAnswer, FaultPoint, GitLabFault, GitLabFaultAction};
use serde_json::json;

use crate::support::{GitLabFixture, RestClient};

const COMMITS: &str = "/repository/commits";

async fn try_commit(client: &RestClient) -> Result<u16, String> {
    let body = json!({"branch": "main", "commit_message": "m",
        "actions": [{"action": "create", "file_path": "a", "content": "x"}]});
    let target = format!("{}{COMMITS}", client.project);
    let reply = client.try_call(Method::POST, &target, Some(&body)).await;
    reply
        .map(|reply| reply.status.as_u16())
        .map_err(|error| format!("{error:?}"))
}

fn answer(status: StatusCode, content_type: &'static str, body: &'static str) -> FaultAnswer {
    let headers = HeaderMap::from_iter([
        (
            "content-type".parse().unwrap(),
            HeaderValue::from_static(content_type),
        ),
        (
            "retry-after".parse().unwrap(),
            HeaderValue::from_static("7"),
        ),
    ]);
    FaultAnswer {
        status,
        headers,
        body: Bytes::from_static(body.as_bytes()),
    }
}

#[tokio::test]
async fn an_answer_in_place_of_gitlabs() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let limit = answer(StatusCode::TOO_MANY_REQUESTS, "text/plain", "Retry later\n");
    let fault = GitLabFault::new(FaultPoint::Request, GitLabFaultAction::Answer(limit))
        .on(Method::GET, "/branches/");
    server.gitlab.faults().add(fault.after(1));
    client.own("/repository/branches/main").await.expect(200);
    let struck = client.own("/repository/branches/main").await;
    assert_eq!(
        (struck.status.as_u16(), struck.header("retry-after")),
        (429, "7")
    );
    assert_eq!(struck.body, "Retry later\n");
    client.own("/repository/branches/main").await.expect(200);
    assert_eq!(server.gitlab.faults().list()[0].1, 1);
}

#[tokio::test]
async fn a_reset_before_and_after_the_commit_took_effect() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let reset = |point| GitLabFault::new(point, GitLabFaultAction::Reset).on(Method::POST, COMMITS);
    server.gitlab.faults().add(reset(FaultPoint::Request));
    assert!(try_commit(&client).await.is_err());
    assert_eq!(server.commit_count("main"), 1);
    server.gitlab.faults().add(reset(FaultPoint::AfterGuards));
    assert!(try_commit(&client).await.is_err());
    assert_eq!(server.commit_count("main"), 1);
    server.gitlab.faults().add(reset(FaultPoint::Response));
    assert!(try_commit(&client).await.is_err());
    assert_eq!(server.commit_count("main"), 2);
    let statuses: Vec<_> = server
        .gitlab
        .calls()
        .iter()
        .map(|call| call.status)
        .collect();
    assert_eq!(statuses, [None, None, None]);
    client.own("").await.expect(200);
}

#[tokio::test]
async fn a_lost_answer_behind_a_proxys_page() {
    let server = GitLabFixture::start().await;
    let page = answer(StatusCode::BAD_GATEWAY, "text/html", "<html>502</html>");
    server.gitlab.faults().add(
        GitLabFault::new(FaultPoint::Response, GitLabFaultAction::Answer(page))
            .on(Method::POST, COMMITS),
    );
    assert_eq!(try_commit(&server.maintainer()).await, Ok(502));
    assert_eq!(server.commit_count("main"), 2);
}

#[tokio::test]
async fn a_truncated_body_is_no_whole_answer() {
    let server = GitLabFixture::start().await;
    server.gitlab.faults().add(GitLabFault::new(
        FaultPoint::Response,
        GitLabFaultAction::Truncate,
    ));
    let client = server.maintainer();
    let target = format!("{}{}", client.base, client.project);
    let address = server.gitlab.address();
    let request = format!(
        "GET {} HTTP/1.1\r\nhost: x\r\nprivate-token: {}\r\n\r\n",
        target.split_once(&address.to_string()).unwrap().1,
        client.token
    );
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .unwrap();
    let mut received = Vec::new();
    let end = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut received).await;
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    let text = String::from_utf8(received).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2);
}

#[tokio::test]
async fn a_request_that_hangs_is_given_up_by_its_caller() {
    let server = GitLabFixture::start().await;
    server.gitlab.faults().add(GitLabFault::new(
        FaultPoint::Response,
        GitLabFaultAction::Hang,
    ));
    let client = server.maintainer();
    let given_up = tokio::time::timeout(Duration::from_millis(200), try_commit(&client)).await;
    assert!(given_up.is_err());
    assert_eq!(server.commit_count("main"), 2);
    client.own("").await.expect(200);
}

#[tokio::test]
async fn a_delay_in_the_window_lets_another_client_in() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    server.gitlab.faults().add(
        GitLabFault::new(
            FaultPoint::AfterHeadRead,
            GitLabFaultAction::Delay(Duration::from_millis(300)),
        )
        .on(Method::POST, COMMITS),
    );
    let slow = tokio::spawn({
        let client = client.clone();
        async move { try_commit(&client).await }
    });
    while server.gitlab.faults().list()[0].1 == 0 {
        tokio::task::yield_now().await;
    }
    server
        .gitlab
        .writer()
        .commit("main", "Foreign", &[("foreign", Some("x"))])
        .unwrap();
    assert_eq!(slow.await.unwrap(), Ok(400));
}

#[tokio::test]
async fn other_processes_plan_faults_over_http() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let control = RestClient {
        base: format!("{}/-/sandbox", server.gitlab.url()),
        ..client.clone()
    };
    let fault = json!({"method": "get", "path_contains": "/version", "count": 2, "skip": 1,
        "action": {"answer": {"status": 503, "body": "<html>", "content_type": "text/html",
            "headers": {"x-a": "b"}}}});
    let added = control.call(Method::POST, "/faults", Some(&fault)).await;
    assert_eq!(added.status, 201);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(client.get("/version").await.status.as_u16());
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
    let listed = control.get("/faults").await.expect(200);
    assert_eq!(
        (&listed[0]["struck"], &listed[0]["action"]),
        (&json!(2), &json!("answer 503"))
    );
    for action in [
        json!({"delay_ms": 0}),
        json!("reset"),
        json!("truncate"),
        json!("hang"),
    ] {
        let fault = json!({"path_contains": "/never", "point": "after_guards", "action": action});
        assert_eq!(
            control
                .call(Method::POST, "/faults", Some(&fault))
                .await
                .status,
            201
        );
    }
    for wrong in [
        json!({}),
        json!({"action": "x"}),
        json!({"action": "reset", "typo": 1}),
    ] {
        control
            .call(Method::POST, "/faults", Some(&wrong))
            .await
            .expect(400);
    }
    assert_eq!(
        control.call(Method::DELETE, "/faults", None).await.status,
        204
    );
    assert_eq!(control.get("/faults").await.expect(200), json!([]));

    let calls = control.get("/calls").await.expect(200);
    assert_eq!(calls.as_array().unwrap().len(), 4);
    assert_eq!(
        (&calls[1]["path"], &calls[1]["status"]),
        (&json!("/api/v4/version"), &json!(503))
    );
    control.call(Method::DELETE, "/calls", None).await;
    assert!(server.gitlab.calls().is_empty());
}
