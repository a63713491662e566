//! Where the functions connect to, and where not: the tokens they carry go to the configured services alone.

use reqwest::Method;
use std::net::TcpListener;
use std::path::PathBuf;
use tempfile::TempDir;
use tests::host::{Host, Variable, skipped};
use tests::{Answer, Log, Tenant, guide};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const NAME: &str = "physical-worker-deployment";

/// Somebody who should never hear of us.
struct Stranger(TcpListener);

impl Stranger {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    fn was_called(&self) -> bool {
        self.0.accept().is_ok()
    }
}

/// A GitLab that sends everybody elsewhere. Returns its URL.
async fn redirecting(target: String) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = format!(
                "HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            // The requests are small and without a body: they arrive at once.
            let mut request = [0; 16 * 1024];
            let _ = stream.read(&mut request).await;
            stream.write_all(answer.as_bytes()).await.ok();
        }
    });
    url
}

async fn save(url: &str, token: &str) -> Answer {
    let request = tests::http_client()
        .request(Method::POST, format!("{url}/api/v1/clusters/{NAME}"))
        .bearer_auth(token)
        .header("content-type", "application/json")
        .body(guide("v0.4", NAME));
    Answer::read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    let tenant = Tenant::start().await;
    let before = tenant.written();
    // The second is how GitLab tells that a project was renamed.
    for path in ["/users/sign_in", "/api/v4/projects/1"] {
        let stranger = Stranger::new();
        let gitlab = redirecting(format!("{}{path}", stranger.url())).await;
        let mut variables = tenant.variables();
        replace(&mut variables, "gitlab_url", &gitlab);
        let host = Host::start(&variables, &Log::default()).await;

        let answer = save(host.url(), &tenant.gitlab.tokens().maintainer).await;
        assert!(answer.status >= 400, "{}", answer.text);
        assert!(!stranger.was_called(), "{}", answer.text);
        assert_eq!(tenant.written(), before);
    }
}

/// A manifest whose components take a stranger for GitLab. What it allows them stays as it is.
fn with_gitlab_at(stranger: &Stranger) -> (TempDir, PathBuf) {
    let text = std::fs::read_to_string(build::workspace().join("spin.toml")).unwrap();
    let text = text
        .replace(
            "\ngitlab_url = \"{{ gitlab_url }}\"",
            &format!("\ngitlab_url = \"{}\"", stranger.url()),
        )
        .replace(
            "\"target/",
            &format!("\"{}/target/", build::workspace().display()),
        );
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("spin.toml");
    std::fs::write(&manifest, text).unwrap();
    (folder, manifest)
}

#[tokio::test]
async fn a_function_reaches_the_hosts_of_its_manifest_alone() {
    if skipped("it lets a component connect anywhere") {
        return;
    }
    let tenant = Tenant::start().await;
    let before = tenant.written();
    let stranger = Stranger::new();
    let (_folder, manifest) = with_gitlab_at(&stranger);
    let log = Log::default();
    let host = tests::host::sandbox(&manifest, &tenant.variables(), &log).await;

    let answer = save(host.url(), &tenant.gitlab.tokens().maintainer).await;
    let problem = answer.problem(502, "GITLAB_UNAVAILABLE");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("allowed_outbound_hosts"), "{detail}");
    let refused = format!("save-cluster: refused a request to {}", stranger.url());
    assert!(log.text().contains(&refused), "{}", log.text());
    assert!(!stranger.was_called());
    assert_eq!(tenant.written(), before);
}

/// The console has a session's tokens and the client's secret, and sends them to GitLab and to the functions alone.
#[tokio::test]
async fn the_console_reaches_the_hosts_of_its_manifest_alone() {
    if skipped("the console is a component of its own") {
        return;
    }
    let text = std::fs::read_to_string(build::workspace().join("spin.toml")).unwrap();
    let manifest: toml::Value = toml::from_str(&text).unwrap();
    let allowed = manifest["component"]["console"]["allowed_outbound_hosts"].as_array();
    let allowed = allowed.unwrap().iter().map(|host| host.as_str().unwrap());
    let functions = ["save-cluster", "delete-cluster", "read-clusters"];
    let functions = functions.map(|name| format!("http://{name}.spin.internal"));
    let expected = functions.iter().map(String::as_str);
    assert!(allowed.eq(expected.chain(["{{ gitlab_url }}"])));

    let tenant = Tenant::start().await;
    let before = tenant.written();
    let stranger = Stranger::new();
    let (_folder, manifest) = with_gitlab_at(&stranger);
    let mut variables = tenant.variables().to_vec();
    variables.push(("console_key", "0123456789abcdef0123456789abcdef"));
    variables.push(("gitlab_oauth_client_id", sandbox_gitlab::CLIENT_ID));
    let log = Log::default();
    let host = tests::host::sandbox(&manifest, &variables, &log).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    let left = client.get(format!("{}/login/gitlab", host.url()));
    let left = left.send().await.unwrap();
    let text = |name: &str| left.headers()[name].to_str().unwrap();
    let (_, state) = text("location").split_once("&state=").unwrap();
    let state = state.split('&').next().unwrap();
    let back = format!("{}/login/callback?code=code&state={state}", host.url());
    let cookie = text("set-cookie").split(';').next().unwrap();
    let back = client
        .get(back)
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(back.status(), 401);
    let page = back.text().await.unwrap();
    assert!(page.contains("GitLab did not answer"), "{page}");
    let refused = format!("console: refused a request to {}", stranger.url());
    assert!(log.text().contains(&refused), "{}", log.text());
    assert!(!stranger.was_called());
    assert_eq!(tenant.written(), before);
}

#[test]
fn a_stranger_would_notice() {
    let stranger = Stranger::new();
    assert!(!stranger.was_called());
    std::net::TcpStream::connect(stranger.0.local_addr().unwrap()).unwrap();
    assert!(stranger.was_called());
}

fn replace<'a>(variables: &mut [Variable<'a>], name: &str, value: &'a str) {
    let variable = variables.iter_mut().find(|(it, _)| *it == name).unwrap();
    variable.1 = value;
}
