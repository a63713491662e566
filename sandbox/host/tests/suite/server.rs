//! The HTTP server.

use crate::support::TestApplication;
use sandbox_host::{ComponentHost, LogSource};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const ROUTES: &str = r#"
[[trigger.http]]
route = "/hidden/:name/echo"
component = "service"
"#;

async fn connect(host: &ComponentHost) -> TcpStream {
    TcpStream::connect(host.url().strip_prefix("http://").unwrap())
        .await
        .unwrap()
}

/// Sends requests on one connection, the last of which closes it, and reads everything.
async fn exchange(host: &ComponentHost, requests: &str) -> String {
    let mut stream = connect(host).await;
    stream.write_all(requests.as_bytes()).await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    answers
}

#[tokio::test]
async fn connections_are_kept_between_requests() {
    let host = TestApplication::one("").start().await;
    let requests = "GET /count HTTP/1.1\r\nHost: a\r\n\r\nGET /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answers = exchange(&host, requests).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert_eq!(
        answers.matches("content-length: 1\r\n").count(),
        2,
        "{answers}"
    );
}

#[tokio::test]
async fn the_component_of_the_route_answers() {
    let manifest = crate::support::ONE.replace("route = \"/...\"", "route = \"/echo\"");
    let host = TestApplication::new(&manifest.replace(
        "[component.service]",
        &format!("{ROUTES}[component.service]"),
    ))
    .start()
    .await;
    let answer = exchange(
        &host,
        "POST /echo?q HTTP/1.0\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
    )
    .await;
    assert!(answer.ends_with("POST /echo?q\nbody"), "{answer}");
    let answer = exchange(&host, "GET /hidden/x/echo HTTP/1.0\r\nHost: a\r\n\r\n").await;
    assert!(answer.contains("/hidden/x/echo"), "{answer}");
    let answer = exchange(&host, "GET /nowhere HTTP/1.0\r\nHost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 404 Not Found\r\n"), "{answer}");
    assert!(
        answer.contains("\"reason\":\"ROUTE_NOT_FOUND\""),
        "{answer}"
    );
}

#[tokio::test]
async fn a_private_route_is_not_served() {
    let manifest = crate::support::ONE.replace("route = \"/...\"", "route = { private = true }");
    let host = TestApplication::new(&manifest).start().await;
    let answer = exchange(&host, "GET /echo HTTP/1.0\r\nHost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 404"), "{answer}");
}

#[tokio::test]
async fn a_request_says_which_host_it_is_for() {
    let host = TestApplication::one("").start().await;
    let answer = exchange(&host, "GET /echo HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 400"), "{answer}");
}

#[tokio::test]
async fn an_answer_without_length_is_passed_on_and_warned_about() {
    let app = TestApplication::one("");
    let host = app.start().await;
    let answer = exchange(
        &host,
        "GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(
        answer.contains("transfer-encoding: chunked") && answer.contains("part 2"),
        "{answer}"
    );
    let lines = app.lines(LogSource::Host);
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("service: an answer without Content-Length")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let mut app = TestApplication::one("");
    let host = app.start().await;
    let address = host.url().strip_prefix("http://").unwrap();
    app.options.listen = address.parse().unwrap();
    let refusal = app.refusal().await;
    assert!(
        refusal.starts_with(&format!("cannot listen on {address}")),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_shutdown_lets_requests_end_and_frees_the_port() {
    let app = TestApplication::one("");
    let host = app.start().await;
    let mut busy = connect(&host).await;
    busy.write_all(b"GET /sleep?300 HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let mut idle = connect(&host).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let address = host.url().strip_prefix("http://").unwrap().to_owned();
    host.shutdown().await;
    let mut answer = String::new();
    busy.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("slept 300"), "{answer}");
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}
