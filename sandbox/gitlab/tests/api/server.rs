use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use axum::http::{Method, Request};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use sandbox_gitlab::{GitLab, GitLabOptions, TlsIdentity};
use serde_json::json;
use tokio::net::TcpStream;

use crate::support::GitLabFixture;

#[tokio::test]
async fn everything_lies_below_the_prefix() {
    let server =
        GitLabFixture::start_with(|options| "/gitlab".clone_into(&mut options.path_prefix)).await;
    let client = server.maintainer();
    assert!(client.base.ends_with("/gitlab/api/v4"));
    let project = client
        .get("/projects/nautes%2Fmanagement")
        .await
        .expect(200);
    assert_eq!(
        project["web_url"],
        format!("{}/nautes/management", server.gitlab.url())
    );
    let page = client
        .own("/repository/tree?recursive=true&pagination=keyset&per_page=1")
        .await;
    assert!(
        page.header("link")
            .starts_with(&format!("<{}/projects/", client.base)),
        "{}",
        page.header("link")
    );
    server.gitlab.move_project("nautes/moved").unwrap();
    let moved = client.get("/projects/nautes%2Fmanagement").await;
    assert!(
        moved
            .header("location")
            .starts_with(&format!("{}/projects/", client.base))
    );
    let outside = crate::support::RestClient {
        base: client.base.replace("/gitlab/", "/"),
        ..client
    };
    outside.own("").await.expect(404);
}

#[tokio::test]
async fn data_and_tokens_are_kept() {
    let server = GitLabFixture::start().await;
    let (data, token) = (server.data, server.gitlab.tokens().maintainer.clone());
    let head = server
        .gitlab
        .writer()
        .commit("main", "Kept", &[("kept", Some("x"))])
        .unwrap();
    let mode = |name: &str| {
        std::fs::metadata(data.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        (mode("accounts.json"), mode("project.json")),
        (0o600, 0o600)
    );

    let second = GitLab::start(GitLabOptions::new(data.path()))
        .await
        .unwrap_err();
    assert!(
        second
            .to_string()
            .ends_with("is used by another running server"),
        "{second}"
    );
    std::fs::write(data.path().join("repository.git/refs/heads/main.lock"), "").unwrap();
    server.gitlab.shutdown().await;

    let options = GitLabOptions {
        project: "nautes/renamed".to_owned(),
        ..GitLabOptions::new(data.path())
    };
    let again = GitLabFixture {
        gitlab: GitLab::start(options).await.unwrap(),
        data,
    };
    assert_eq!(again.gitlab.tokens().maintainer, token);
    let client = again.maintainer();
    assert_eq!(
        client.own("/repository/branches/main").await.expect(200)["commit"]["id"],
        head
    );
    assert_eq!(
        client.get("/projects/nautes%2Fmanagement").await.status,
        301
    );
    let create = json!([{"action": "create", "file_path": "a", "content": "x"}]);
    client.change(create).await.expect(201);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let server = GitLabFixture::start().await;
    let data = tempfile::tempdir().unwrap();
    let options = GitLabOptions {
        listen: server.gitlab.address(),
        ..GitLabOptions::new(data.path())
    };
    let error = GitLab::start(options).await.unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("cannot listen on {}: ", server.gitlab.address())),
        "{error}"
    );
}

#[tokio::test]
async fn a_stopped_server_listens_no_more() {
    let server = GitLabFixture::start().await;
    let address = server.gitlab.address();
    let client = server.maintainer();
    client.own("").await.expect(200);
    server.gitlab.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn requests_share_a_connection() {
    let server = GitLabFixture::start().await;
    let stream = TcpStream::connect(server.gitlab.address()).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let project = format!("/api/v4/projects/{}", server.gitlab.project_id());
    let create =
        r#"{"branch":"main","commit_message":"m","actions":[{"action":"create","file_path":"a"}]}"#;
    let requests = [
        (Method::GET, format!("{project}/repository/tree"), "", 200),
        (
            Method::POST,
            format!("{project}/repository/commits"),
            create,
            201,
        ),
        (
            Method::POST,
            format!("{project}/repository/commits"),
            "{",
            400,
        ),
        (
            Method::HEAD,
            format!("{project}/repository/files/a?ref=main"),
            "",
            200,
        ),
        (Method::GET, "/nothing".to_owned(), "", 404),
        (
            Method::DELETE,
            format!("{project}/repository/branches/no"),
            "",
            404,
        ),
        (
            Method::GET,
            format!("{project}/repository/files/a/raw"),
            "",
            200,
        ),
    ];
    for (method, path, body, status) in requests {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("private-token", &server.gitlab.tokens().maintainer)
            .body(Full::<Bytes>::from(body))
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert!(response.headers().contains_key("content-length") || status == 204);
        response.into_body().collect().await.unwrap();
    }
}

#[tokio::test]
async fn https() {
    let key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let tls = TlsIdentity {
        cert_pem: key.cert.pem(),
        key_pem: key.signing_key.serialize_pem(),
    };
    let server = GitLabFixture::start_with(|options| options.tls = Some(tls)).await;
    assert!(server.gitlab.url().starts_with("https://"));
    let mut roots = rustls::RootCertStore::empty();
    roots.add(key.cert.der().clone()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(roots)
    .with_no_client_auth();
    let stream = TcpStream::connect(server.gitlab.address()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = Request::builder()
        .uri("/api/v4/projects/nautes%2Fmanagement/repository/tree?recursive=true&per_page=1")
        .header("host", "localhost:1234")
        .header(
            "authorization",
            format!("Bearer {}", server.gitlab.tokens().developer),
        )
        .body(Full::<Bytes>::default())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let link = response.headers()["link"].to_str().unwrap();
    assert!(
        link.starts_with("<https://localhost:1234/api/v4/"),
        "{link}"
    );
}

#[tokio::test]
async fn a_certificate_that_is_none() {
    let data = tempfile::tempdir().unwrap();
    let tls = TlsIdentity {
        cert_pem: String::new(),
        key_pem: "no key".to_owned(),
    };
    let error = GitLab::start(GitLabOptions {
        tls: Some(tls),
        ..GitLabOptions::new(data.path())
    })
    .await
    .unwrap_err();
    assert!(
        error.to_string().starts_with("certificate and key: "),
        "{error}"
    );
}

/// A log writer that can be read.
#[derive(Clone, Default)]
struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl Write for LogBuffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn calls_and_log_hold_no_token() {
    let log = LogBuffer::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // For the whole process: one of this thread alone is not asked where another test met a log line first.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let server = GitLabFixture::start().await;
    let token = &server.gitlab.tokens().maintainer;
    let client = server.client("");
    client
        .get(&format!("/user?private_token={token}&x=y"))
        .await
        .expect(200);
    let request = Request::builder()
        .uri(format!("{}/version", client.base))
        .header("authorization", format!("Bearer {token}"))
        .header("traceparent", "00-1-2-01")
        .header("x-request-id", "mine")
        .body(Full::<Bytes>::default())
        .unwrap();
    assert_eq!(
        client.send(request).await.unwrap().header("x-request-id"),
        "mine"
    );

    let calls = server.gitlab.calls();
    assert_eq!(
        calls[0].query.as_deref(),
        Some("private_token=[masked]&x=y")
    );
    assert_eq!(calls[0].user.as_deref(), Some("maintainer"));
    assert_eq!(calls[1].traceparent.as_deref(), Some("00-1-2-01"));
    assert_eq!(calls[1].request_id.as_deref(), Some("mine"));
    assert!(calls[0].started <= calls[0].finished.unwrap());
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("gitlab call") && log.contains("/api/v4/user"),
        "{log}"
    );
    assert!(
        !log.contains(token.as_str())
            && !format!("{calls:?} {:?}", server.gitlab).contains(token.as_str())
    );
    server.gitlab.clear_calls();
    assert!(server.gitlab.calls().is_empty());
}

#[tokio::test]
async fn latency_is_part_of_every_call() {
    let server = GitLabFixture::start().await;
    let latency = std::time::Duration::from_millis(20);
    server.gitlab.set_latency(latency);
    server.maintainer().own("").await.expect(200);
    let call = server.gitlab.calls().remove(0);
    // A lower bound only: how much longer a call takes is the machine's affair.
    assert!(call.finished.unwrap() - call.started >= latency);
}
