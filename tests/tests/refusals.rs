//! Requests that are refused, and that nothing is written then.

use bytes::Bytes;
use http_body_util::StreamBody;
use reqwest::Method;
use serde_json::json;
use service::incoming::{MAX_BODY, MAX_QUERY};
use tests::host::skipped;
use tests::{Answer, Tenant, guide};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const NAME: &str = "physical-worker-deployment";

#[tokio::test]
async fn callers_without_the_right_to_push_are_told_why() {
    let tenant = Tenant::start().await;
    let before = tenant.written();
    let tokens = tenant.gitlab.tokens();
    let body = guide("v0.4", NAME);
    for (token, status, reason, says) in [
        (None, 401, "UNAUTHENTICATED", "no access token"),
        (Some("wrong"), 401, "UNAUTHENTICATED", "not known"),
        (
            Some(tokens.expired.as_str()),
            401,
            "UNAUTHENTICATED",
            "expired",
        ),
        (
            Some(tokens.revoked.as_str()),
            401,
            "UNAUTHENTICATED",
            "revoked",
        ),
        (
            Some(tokens.stranger.as_str()),
            403,
            "PERMISSION_DENIED",
            "not a member",
        ),
        (Some(tokens.guest.as_str()), 403, "PERMISSION_DENIED", ""),
        (
            Some(tokens.developer.as_str()),
            403,
            "PERMISSION_DENIED",
            "push",
        ),
        (
            Some(tokens.read_api.as_str()),
            403,
            "PERMISSION_DENIED",
            "scope",
        ),
    ] {
        for method in [Method::POST, Method::DELETE] {
            let answer = tenant.send(method.clone(), NAME, token, body.clone()).await;
            let problem = answer.problem(status, reason);
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(says), "{method} {says}: {detail}");
            assert_eq!(
                answer.headers.contains_key("www-authenticate"),
                status == 401
            );
        }
    }
    assert_eq!(tenant.written(), before);
}

/// Refusals whose reason only headers tell have to come through the gateway.
#[tokio::test]
async fn what_headers_tell_is_told_of_the_whole_application() {
    let tenant = Tenant::start().await;
    let before = tenant.written();
    let path = format!("/api/v1/clusters/{NAME}");
    let request = || {
        tenant
            .request(Method::POST, &path)
            .body(guide("v0.4", NAME))
    };
    for header in [
        "job-token",
        "deploy-token",
        "x-gitlab-token",
        "x-auth-token",
        "cookie",
    ] {
        let request = request().header(header, "canary-of-a-header");
        let answer = Answer::read(request.send().await.unwrap()).await;
        let problem = answer.problem(401, "UNAUTHENTICATED").to_string();
        assert!(
            problem.contains(&format!("the header {header} is not read")),
            "{problem}"
        );
        assert!(!problem.contains("canary"), "{problem}");
    }
    let packed = request()
        .bearer_auth(&tenant.gitlab.tokens().maintainer)
        .header("content-type", "application/json")
        .header("content-encoding", "br");
    let answer = Answer::read(packed.send().await.unwrap()).await;
    answer.problem(415, "UNSUPPORTED_MEDIA_TYPE");
    for (query, field) in [
        ("dry_run=true&dry_run=false", "?dry_run"),
        ("dryRun=All&pretty=true", "?pretty"),
        ("insecure-skip-check=1", "?insecure-skip-check"),
    ] {
        for method in [Method::POST, Method::DELETE] {
            let token = Some(tenant.gitlab.tokens().maintainer.as_str());
            let name = format!("{NAME}?{query}");
            let answer = tenant.send(method, &name, token, guide("v0.4", NAME)).await;
            let problem = answer.problem(422, "VALIDATION_FAILED");
            assert_eq!(problem["violations"][0]["field"], field, "{problem:#}");
        }
    }
    assert_eq!(tenant.written(), before);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_located() {
    let tenant = Tenant::start().await;
    let before = tenant.written();
    let answer = tenant
        .save(
            NAME,
            "{\n  \"api_server\": \"https://a\"\n  \"usage\": \"worker\"\n}",
        )
        .await;
    let problem = answer.problem(400, "MALFORMED_BODY");
    assert_eq!(problem["line"], 3, "{problem:#}");
    assert_eq!(tenant.written(), before);
}

#[tokio::test]
async fn every_broken_rule_is_reported_at_once() {
    let tenant = Tenant::start().await;
    let before = tenant.written();
    let body = json!({"api_server": "http://a", "cluster_type": "physical", "usage": "worker", "worker_type": "x"});
    let problem = tenant
        .save("Bad_Name", body.to_string())
        .await
        .problem(422, "VALIDATION_FAILED");
    let fields: Vec<_> = problem["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["field"].as_str().unwrap())
        .collect();
    for field in [
        "/cluster_name",
        "/api_server",
        "/worker_type",
        "/kubeconfig",
    ] {
        assert!(fields.contains(&field), "{field} is missing in {fields:?}");
    }
    assert_eq!(tenant.written(), before);
}

#[tokio::test]
async fn one_api_server_belongs_to_one_cluster() {
    let tenant = Tenant::start().await;
    tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    let before = tenant.written();
    let problem = tenant
        .save("other", guide("v0.4", NAME))
        .await
        .problem(409, "API_SERVER_IN_USE");
    assert_eq!(problem["cluster"], NAME);
    assert_eq!(tenant.written(), before);
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_too() {
    let tenant = Tenant::start().await;
    let ask =
        async |method, path| Answer::read(tenant.request(method, path).send().await.unwrap()).await;
    ask(Method::GET, "/api/v2/clusters")
        .await
        .problem(404, "ROUTE_NOT_FOUND");
    let answer = ask(Method::PUT, "/api/v1/clusters/a").await;
    answer.problem(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.headers["allow"], "GET, HEAD, POST, DELETE");
    let request = tenant
        .request(Method::POST, "/api/v1/clusters/a")
        .body("a")
        .header("content-type", "text/html");
    let request = request.bearer_auth(&tenant.gitlab.tokens().maintainer);
    Answer::read(request.send().await.unwrap())
        .await
        .problem(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_body_has_a_size_and_a_time() {
    let tenant = Tenant::start().await;
    let before = tenant.written();
    let slow = tokio::spawn(half_a_body(
        address(&tenant),
        tenant.gitlab.tokens().maintainer.clone(),
    ));
    for (size, status, reason) in [
        (MAX_BODY - 1, 400, "MALFORMED_BODY"),
        (MAX_BODY, 400, "MALFORMED_BODY"),
        (MAX_BODY + 1, 413, "BODY_TOO_LARGE"),
    ] {
        let answer = tenant.save("a", "x".repeat(size)).await;
        answer.problem(status, reason);
        // Without its length it is counted while it comes.
        let chunk = hyper::body::Frame::data(Bytes::from("x".repeat(size)));
        let chunks = futures::stream::iter([Ok::<_, std::io::Error>(chunk)]);
        let request = tenant
            .request(Method::POST, "/api/v1/clusters/a")
            .body(reqwest::Body::wrap(StreamBody::new(chunks)))
            .bearer_auth(&tenant.gitlab.tokens().maintainer);
        Answer::read(request.send().await.unwrap())
            .await
            .problem(status, reason);
    }
    // Nothing is read of what comes without a token.
    let request = tenant.request(Method::POST, "/api/v1/clusters/a");
    let request = request.body("x".repeat(MAX_BODY + 1));
    Answer::read(request.send().await.unwrap())
        .await
        .problem(401, "UNAUTHENTICATED");
    let answer = slow.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("BODY_TIMEOUT"), "{answer}");
    assert_eq!(tenant.written(), before);
}

#[tokio::test]
async fn a_query_has_a_size() {
    let tenant = Tenant::start().await;
    let before = tenant.written();
    for (size, rule) in [
        (MAX_QUERY, "no query parameter"),
        (MAX_QUERY + 1, "longer than 4096 bytes"),
    ] {
        let path = format!("/api/v1/clusters/a?{}", "a".repeat(size));
        let request = tenant.request(Method::POST, &path).body("{}");
        let request = request.bearer_auth(&tenant.gitlab.tokens().maintainer);
        let answer = Answer::read(request.send().await.unwrap()).await;
        answer.problem(422, "VALIDATION_FAILED");
        let detail = &answer.text;
        assert!(detail.contains(rule), "{detail}");
        let request = tenant.request(Method::POST, &path);
        Answer::read(request.send().await.unwrap())
            .await
            .problem(401, "UNAUTHENTICATED");
    }
    assert_eq!(tenant.written(), before);
}

/// Host and port of the API.
fn address(tenant: &Tenant) -> String {
    let request = tenant.request(Method::GET, "/").build().unwrap();
    let url = request.url();
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

/// Returns the answer to a body that stops half-way.
async fn half_a_body(address: String, token: String) -> String {
    let mut connection = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/v1/clusters/a HTTP/1.1\r\nHost: {address}\r\nPRIVATE-TOKEN: {token}\r\n\
         Content-Length: 100\r\nConnection: close\r\n\r\n{{"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.ok();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn clusters_that_are_not_registered_are_not_found() {
    let tenant = Tenant::start().await;
    let before = tenant.written();
    tenant
        .get("nowhere")
        .await
        .problem(404, "CLUSTER_NOT_FOUND");
    tenant
        .delete("nowhere")
        .await
        .problem(404, "CLUSTER_NOT_FOUND");
    assert_eq!(tenant.written(), before);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_to_whoever_has_a_token() {
    let tenant = Tenant::start().await;
    let before = tenant.written();
    let objects = tenant.kubernetes.store().dump();
    for (method, path) in [
        (Method::GET, "/api/v1/clusters?x=1"),
        (
            Method::GET,
            "/api/v1/clusters/a?watch=true&timeout_seconds=100000",
        ),
        (Method::GET, "/api/v1/clusters/a?private_token=canary"),
        (Method::DELETE, "/api/v1/clusters/a?dry_run=perhaps"),
        (Method::POST, "/api/v1/clusters/A_B?x=1"),
    ] {
        let answer = Answer::read(tenant.request(method, path).send().await.unwrap()).await;
        let problem = answer.problem(401, "UNAUTHENTICATED");
        assert!(!problem.to_string().contains("canary"), "{problem}");
        // Functions are asked through the gateway, which hands the header's name on.
        let request = tenant
            .request(Method::GET, path)
            .header("job-token", "canary");
        let problem = Answer::read(request.send().await.unwrap()).await;
        let problem = problem.problem(401, "UNAUTHENTICATED").to_string();
        assert!(
            problem.contains("job-token") && !problem.contains("canary"),
            "{problem}"
        );
    }
    assert_eq!(tenant.written(), before);
    assert_eq!(tenant.kubernetes.store().dump(), objects);
}

/// No component runs before a request comes, so that a probe is the first to tell. No function has all settings.
#[tokio::test]
async fn a_probe_learns_which_setting_can_not_be_used() {
    for (name, value, is_consoles) in [
        ("job_image", "kubectl:latest", false),
        ("delivery", "pull-request", false),
        ("catalog", "a: b", false),
        ("watch_timeout_seconds", "soon", false),
        ("console_url", "https://clusters.example.com/console", true),
    ] {
        if is_consoles && skipped("the console is a component of its own") {
            continue;
        }
        let tenant = Tenant::start_with(&[(name, value)]).await;
        for method in [Method::GET, Method::HEAD] {
            let request = tenant.request(method.clone(), "/readyz");
            let answer = Answer::read(request.send().await.unwrap()).await;
            assert_eq!(answer.status, 500, "{method} {name}: {}", answer.text);
            if method == Method::GET {
                let problem = answer.problem(500, "MISCONFIGURED").to_string();
                let words = format!("variable {name} ");
                assert!(
                    problem.contains(&words) && !problem.contains(value),
                    "{problem}"
                );
            }
        }
        // The application in one component has all settings.
        if !skipped("a function of its own has its own settings alone") {
            assert_eq!(
                tenant.get("").await.status == 200,
                name != "watch_timeout_seconds"
            );
        }
    }
}
