//! Where server and token come from.

use std::time::Duration;

use crate::support::{CommandLine, tenant};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_with_a_way_to_give_it() {
    let bare = CommandLine::new("").run(&["get"]).await.expect(2);
    assert!(
        bare.stderr.contains("NAUTES_SERVER") && bare.stderr.contains("[contexts.production]"),
        "{bare:#?}"
    );
    let no_token = CommandLine::new("http://127.0.0.1:1")
        .run(&["get"])
        .await
        .expect(2);
    assert!(no_token.stderr.contains("NAUTES_TOKEN"), "{no_token:#?}");
    let argument = CommandLine::new("http://127.0.0.1:1")
        .run(&["get", "--token=canary"])
        .await
        .expect(2);
    assert!(
        argument.stderr.contains("revoke this one") && !argument.stderr.contains("canary"),
        "{argument:#?}"
    );
    let wrong = CommandLine::new("http://127.0.0.1:1")
        .run(&["statsu"])
        .await
        .expect(2);
    assert!(wrong.stderr.contains("'status'"), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_place_of_server_and_token_works() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let (url, token) = (
        tenant.host.url(),
        tenant.gitlab.tokens().maintainer.as_str(),
    );
    // The original's variables.
    let original = CommandLine::new("")
        .with("API_SERVER", url)
        .with("GIT_TOKEN", token);
    original.run(&["get"]).await.expect(0);
    // A settings file with a file for the token.
    let file = CommandLine::new("");
    let token_file = file.write("token", &format!("{token}\n"));
    let settings = format!(
        "current-context = 'here'\n[contexts.here]\nserver = '{url}'\ntoken-file = '{0}'\n[contexts.there]\nserver = 'http://127.0.0.1:1'\ntoken-file = '{0}'\n",
        token_file.display()
    );
    file.write(".config/nautes-clusters/config.toml", &settings);
    file.run(&["get"]).await.expect(0);
    file.run(&["get", "--service-context", "there"])
        .await
        .expect(1);
    file.run(&["get", "--service-context", "nowhere"])
        .await
        .expect(2);
    // The environment goes before the file, an argument before both.
    let wrong = file.with("NAUTES_TOKEN", "glpat-wrong");
    let refused = wrong.run(&["get"]).await.expect(1);
    assert!(
        refused.stderr.contains("error[UNAUTHENTICATED]"),
        "{refused:#?}"
    );
    wrong
        .run(&["get", "--token-file", token_file.to_str().unwrap()])
        .await
        .expect(0);
    wrong
        .run(&["get", "--server", "http://127.0.0.1:1"])
        .await
        .expect(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn git_is_asked_for_its_token() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let token = tenant.gitlab.tokens().maintainer.clone();
    let cli = CommandLine::new(tenant.host.url()).with("NAUTES_GITLAB", tenant.gitlab.url());
    let none = cli.run(&["get"]).await.expect(2);
    assert!(
        none.stderr.contains("git has none for 127.0.0.1"),
        "{none:#?}"
    );
    let host = tenant.gitlab.url().trim_start_matches("http://");
    cli.write(
        ".git-credentials",
        &format!("http://oauth2:{token}@{host}\n"),
    );
    cli.write(".gitconfig", "[credential]\n\thelper = store\n");
    cli.run(&["get"]).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_the_help_need_nothing() {
    let cli = CommandLine::new("");
    let page = cli.run(&["man"]).await.expect(0).stdout;
    assert!(
        page.contains(".SH \"EXIT STATUS\"") || page.contains(".SH EXIT STATUS"),
        "{page}"
    );
    cli.run(&["--version"]).await.expect(0);
    let help = cli.run(&["--help"]).await.expect(0).stdout;
    assert!(!help.contains("--token "), "{help}");
}
