//! Tests of gateways and proxies between the command line and the service.

use crate::support::{CommandLine, FakeServer, kubeconfig};

const TOKEN: &str = "canary-of-the-gateways";

fn command_line(server: &FakeServer) -> CommandLine {
    CommandLine::new(&server.url).with("NAUTES_TOKEN", TOKEN)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_gateways_are_told_as_what_they_are() {
    let page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    let server = FakeServer::start(&[(
        "502 Bad Gateway",
        "Server: nginx\nContent-Type: text/html",
        page,
    )]);
    let failed = command_line(&server).run(&["get"]).await.expect(1);
    assert!(
        failed
            .stderr
            .contains("a gateway's page: 502 Bad Gateway from nginx"),
        "{failed:#?}"
    );
    assert!(!failed.stderr.contains('<'), "{failed:#?}");

    let echo = format!("upstream said: {TOKEN}");
    let server = FakeServer::start(&[("413 Payload Too Large", "", &echo)]);
    let failed = command_line(&server).run(&["get"]).await.expect(1);
    assert!(
        failed.stderr.contains("takes no body of this size"),
        "{failed:#?}"
    );
    assert!(!format!("{failed:?}").contains(TOKEN), "{failed:#?}");

    let server = FakeServer::start(&[(
        "302 Found",
        "Location: https://login.example.com/?next=x",
        "",
    )]);
    let failed = command_line(&server).run(&["get"]).await.expect(1);
    assert!(
        failed.stderr.contains("somebody has to log in there first"),
        "{failed:#?}"
    );

    let server = FakeServer::start(&[(
        "200 OK",
        "Content-Type: text/html",
        "<title>Welcome</title>",
    )]);
    let failed = command_line(&server).run(&["get", "a"]).await.expect(1);
    assert!(
        failed.stderr.contains("is not this API's") && failed.stderr.contains("Welcome"),
        "{failed:#?}"
    );
    let failed = command_line(&server)
        .run(&["get", "a", "-o", "json"])
        .await
        .expect(1);
    let told: serde_json::Value = serde_json::from_str(&failed.stderr).unwrap();
    assert_eq!(told["exit_code"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_waited_for_as_long_as_it_says() {
    let list = r#"{"items":[]}"#;
    let limited = ("429 Too Many Requests", "Retry-After: 1", "slow down");
    let server = FakeServer::start(&[
        limited,
        limited,
        ("200 OK", "Content-Type: application/json", list),
    ]);
    let start = std::time::Instant::now();
    let listed = command_line(&server).run(&["get"]).await.expect(0);
    assert!(start.elapsed() >= std::time::Duration::from_secs(2));
    assert_eq!(
        listed.stderr.matches("asks to wait for 1 s").count(),
        2,
        "{listed:#?}"
    );
    assert_eq!(server.requests().len(), 3);
    let server = FakeServer::start(&[("429 Too Many Requests", "Retry-After: 86400", "")]);
    let failed = command_line(&server).run(&["get"]).await.expect(1);
    assert!(
        failed.stderr.contains("lets no more requests through"),
        "{failed:#?}"
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_answer_is_named() {
    let closed = CommandLine::new("http://127.0.0.1:1").with("NAUTES_TOKEN", TOKEN);
    let failed = closed.run(&["get"]).await.expect(1);
    assert!(
        failed
            .stderr
            .contains("http://127.0.0.1:1 can't be reached"),
        "{failed:#?}"
    );
    assert!(
        failed.stderr.to_lowercase().contains("connection refused"),
        "{failed:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_unencrypted_with_a_warning_only() {
    // The name does not resolve; the warning comes before anything is sent.
    let far = CommandLine::new("http://clusters.invalid").with("NAUTES_TOKEN", TOKEN);
    let failed = far.run(&["get"]).await.expect(1);
    assert!(
        failed
            .stderr
            .contains("is not https: whoever is in between can read the token"),
        "{failed:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn proxies_of_the_environment_are_used_and_left_out_as_they_say() {
    // Nobody knows the name, so that a proxy alone can answer.
    let far = |scheme: &str| format!("{scheme}://clusters.invalid");
    let through = async |scheme: &str, variable: &str, without: &str| {
        let proxy = FakeServer::start(&[("403 Forbidden", "Server: proxy", "")]);
        let cli = CommandLine::new(&far(scheme)).with("NAUTES_TOKEN", TOKEN);
        let cli = cli.with(variable, &proxy.url).with("NO_PROXY", without);
        let failed = cli.run(&["get", "a"]).await.expect(1);
        assert!(!failed.stderr.contains(TOKEN), "{failed:#?}");
        (proxy.requests(), failed.stderr)
    };
    let get = "GET http://clusters.invalid/api/v1/clusters/a HTTP/1.1";
    let connect = "CONNECT clusters.invalid:443 HTTP/1.1";
    for (scheme, variable, line) in [
        ("http", "HTTP_PROXY", get),
        ("http", "ALL_PROXY", get),
        ("https", "HTTPS_PROXY", connect),
        ("https", "https_proxy", connect),
    ] {
        let (requests, said) = through(scheme, variable, "elsewhere.invalid").await;
        assert_eq!(requests, [line], "{variable}: {said}");
        let (requests, said) = through(scheme, variable, "elsewhere,.invalid").await;
        assert_eq!(requests, [""; 0], "{variable}: {said}");
        assert!(said.contains("no DNS server knows the name"), "{said}");
    }

    let proxy = FakeServer::start(&[("403 Forbidden", "Server: proxy", "")]);
    let cli = CommandLine::new("http://127.0.0.1:1").with("NAUTES_TOKEN", TOKEN);
    let user = serde_json::json!({"token": TOKEN});
    let config = kubeconfig("k", &far("https"), "", &user);
    cli.write("config", &config);
    let cli = cli.with("HTTPS_PROXY", &proxy.url);
    let doctor = ["doctor", "--context", "k", "--kubeconfig", "config"];
    cli.run(&doctor).await.expect(1);
    assert!(proxy.requests().iter().any(|line| line == connect));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_authority_is_trusted_where_it_is_named() {
    // Any server with a certificate of its own does: what it answers shows that it was trusted.
    let data = tempfile::TempDir::new().unwrap();
    let options = sandbox_kubernetes::KubernetesOptions::new(data.path());
    let server = sandbox_kubernetes::Kubernetes::start(options)
        .await
        .unwrap();
    let cli = CommandLine::new(server.url_tls()).with("NAUTES_TOKEN", TOKEN);
    let authority = cli.write("ca.pem", server.ca_pem());
    let authority = authority.to_str().unwrap();
    let unknown = cli.run(&["get"]).await.expect(1);
    assert!(
        unknown.stderr.contains("certificate") && unknown.stderr.contains("--ca-file"),
        "{unknown:#?}"
    );
    let trusted = "an answer that is not this API's: 401";
    let named = cli.run(&["get", "--ca-file", authority]).await.expect(1);
    assert!(named.stderr.contains(trusted), "{named:#?}");
    let insecure = cli
        .run(&["get", "--insecure-skip-tls-verify"])
        .await
        .expect(1);
    assert!(insecure.stderr.contains(trusted), "{insecure:#?}");
    assert!(
        insecure
            .stderr
            .contains("warning: the service's certificate is not checked"),
        "{insecure:#?}"
    );
    let no_file = cli
        .run(&["get", "--ca-file", "nowhere.pem"])
        .await
        .expect(2);
    assert!(
        no_file.stderr.contains("nowhere.pem can't be read"),
        "{no_file:#?}"
    );
    let cli = cli.with("SSL_CERT_FILE", authority);
    let by_variable = cli.run(&["get"]).await.expect(1);
    assert!(by_variable.stderr.contains(trusted), "{by_variable:#?}");
    // A folder as `openssl rehash` leaves it.
    let cli = CommandLine::new(server.url_tls()).with("NAUTES_TOKEN", TOKEN);
    cli.write("authorities/5ed36f99.0", server.ca_pem());
    let cli = cli.with("SSL_CERT_DIR", "nowhere:authorities");
    let by_folder = cli.run(&["get"]).await.expect(1);
    assert!(by_folder.stderr.contains(trusted), "{by_folder:#?}");
}
