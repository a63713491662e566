//! Tests of the pages that people see behind `web_url`, and of logging in with GitLab.

use axum::http::{HeaderMap, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::Full;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::support::{GitLabFixture, RestReply};

const VERIFIER: &str = "0123456789-0123456789-0123456789-0123456789";
const CALLBACK: &str = "http://127.0.0.1:3000/callback";

async fn open(server: &GitLabFixture, url: &str) -> RestReply {
    let request = Request::get(url).body(Full::default()).unwrap();
    server.client("").send(request).await.unwrap()
}

async fn send(server: &GitLabFixture, path: &str, form: &[(&str, &str)]) -> RestReply {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let request = Request::post(format!("{}{path}", server.gitlab.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::from(body.finish()));
    server.client("").send(request.unwrap()).await.unwrap()
}

#[tokio::test]
async fn commits_and_merge_requests_open() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let create =
        json!([{"action": "create", "file_path": "a.html", "content": "<script>1</script>\n"}]);
    let commit = json!({"branch": "topic", "start_branch": "main", "commit_message": "A <b>title</b>", "actions": create});
    let commit = client.commit(commit).await.expect(201);
    let page = open(&server, commit["web_url"].as_str().unwrap()).await;
    assert!(
        page.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let text = page.text();
    assert!(
        text.contains("<h1>A &lt;b&gt;title&lt;/b&gt;</h1>"),
        "{text}"
    );
    assert!(text.contains("<ins>+&lt;script&gt;1"), "{text}");

    let request = json!({"title": "Propose", "source_branch": "topic", "target_branch": "main", "description": "Why"});
    let request = client.post("/merge_requests", request).await.expect(201);
    let text = open(&server, request["web_url"].as_str().unwrap())
        .await
        .text();
    for part in ["!1 Propose", "opened: topic into main", "Why", "a.html"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let project = client.own("").await.expect(200);
    let text = open(&server, project["web_url"].as_str().unwrap())
        .await
        .text();
    assert!(text.contains("nautes/management: main"), "{text}");
    let url = server.gitlab.url();
    for path in [
        "/other/-/commit/1",
        "/nautes/management/-/commit/0000000",
        "/nautes/management/-/issues/1",
    ] {
        assert_eq!(
            open(&server, &format!("{url}{path}")).await.status.as_u16(),
            404,
            "{path}"
        );
    }
}

fn authorization() -> Vec<(&'static str, String)> {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    [
        ("client_id", sandbox_gitlab::CLIENT_ID),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("state", "s&1"),
        ("scope", "api"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

/// The page, the choice, and the code in the address to return to.
async fn code(server: &GitLabFixture, username: &str) -> String {
    let mut form = authorization();
    let url = format!("{}/oauth/authorize", server.gitlab.url());
    let url = Url::parse_with_params(&url, &form).unwrap();
    let page = open(server, url.as_str()).await.text();
    assert!(
        page.contains("value=\"developer\"") && page.contains("value=\"s&amp;1\""),
        "{page}"
    );
    assert!(!page.contains("value=\"blocked\""), "{page}");
    form.push(("username", username.to_owned()));
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let answer = send(server, "/oauth/authorize", &form).await;
    assert_eq!(answer.status.as_u16(), 303);
    let location = location(&answer.headers);
    assert!(location.as_str().starts_with(CALLBACK));
    let value = |name: &str| {
        let mut pairs = location.query_pairs();
        pairs
            .find(|(other, _)| other == name)
            .unwrap()
            .1
            .into_owned()
    };
    assert_eq!(value("state"), "s&1");
    value("code")
}

fn location(headers: &HeaderMap) -> Url {
    headers["location"].to_str().unwrap().parse().unwrap()
}

async fn exchange(server: &GitLabFixture, code: &str, verifier: &str) -> RestReply {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", sandbox_gitlab::CLIENT_ID),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", verifier),
    ];
    send(server, "/oauth/token", &form).await
}

async fn username(server: &GitLabFixture, token: &Value) -> RestReply {
    let request = Request::get(format!("{}/api/v4/user", server.gitlab.url()))
        .header(
            "authorization",
            format!("Bearer {}", token.as_str().unwrap()),
        )
        .body(Full::default());
    server.client("").send(request.unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_code_becomes_a_token_once_and_a_refresh_token_another() {
    let server = GitLabFixture::start().await;
    let code = code(&server, "developer").await;
    let session = exchange(&server, &code, VERIFIER).await.expect(200);
    assert_eq!(
        (&session["token_type"], &session["expires_in"]),
        (&json!("Bearer"), &json!(7200))
    );
    let token = &session["access_token"];
    assert_eq!(
        username(&server, token).await.expect(200)["username"],
        "developer"
    );
    let twice = exchange(&server, &code, VERIFIER).await.expect(400);
    assert_eq!(twice["error"], "invalid_grant");

    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", sandbox_gitlab::CLIENT_ID),
        ("refresh_token", session["refresh_token"].as_str().unwrap()),
    ];
    let second = send(&server, "/oauth/token", &form).await.expect(200);
    assert_ne!(&second["access_token"], token);
    let form = [
        ("client_id", sandbox_gitlab::CLIENT_ID),
        ("token", token.as_str().unwrap()),
    ];
    send(&server, "/oauth/revoke", &form).await.expect(200);
    username(&server, token).await.expect(401);
    username(&server, &second["access_token"]).await.expect(200);
}

#[tokio::test]
async fn what_is_not_proved_or_not_registered_is_refused() {
    let server = GitLabFixture::start().await;
    let code = code(&server, "maintainer").await;
    let other = exchange(&server, &code, "another-verifier")
        .await
        .expect(400);
    assert_eq!(other["error"], "invalid_grant");
    for (name, value, error) in [
        ("client_id", "other", "invalid_client"),
        (
            "redirect_uri",
            "https://evil.example/callback",
            "invalid_redirect_uri",
        ),
        ("response_type", "token", "unsupported_response_type"),
        (
            "code_challenge_method",
            "plain",
            "invalid_code_challenge_method",
        ),
        ("scope", "sudo", "invalid_scope"),
        ("username", "blocked", "access_denied"),
    ] {
        let mut form = authorization();
        form.retain(|(other, _)| *other != name);
        form.push((name, value.to_owned()));
        let form: Vec<_> = form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = send(&server, "/oauth/authorize", &form).await;
        assert!(!answer.headers.contains_key("location"), "{name}");
        let body: Value = serde_json::from_str(&answer.text()).unwrap();
        assert_eq!(body["error"], error, "{name}");
    }
}
