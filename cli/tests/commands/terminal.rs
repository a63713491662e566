//! Tests of the command line at a terminal: progress, questions, Ctrl-C, a narrow window.

use std::time::Duration;

use sandbox_argocd::ApplicationBehaviour;

use crate::support::{
    CommandLine, FakeServer, WORKER, command_line, guide_path, tenant, tenant_and_argo,
};

#[tokio::test(flavor = "multi_thread")]
async fn progress_moves_and_ends_with_a_table() {
    let tenant = tenant(Duration::from_millis(150)).await;
    let cli = command_line(&tenant);
    let screen = cli.on_terminal(&["apply", "-f", &guide_path(WORKER), "--wait"], 100);
    screen.wait_for("external-secrets");
    let raw = {
        screen.wait_for("NAME");
        screen.raw()
    };
    let (code, window) = screen.finish();
    assert_eq!(code, 0, "{window}");
    // A spinner's letters, colours, and lines that are written again.
    assert!(
        raw.contains('⠋') || raw.contains('⠙') || raw.contains('⠹'),
        "{raw:?}"
    );
    assert!(raw.contains("\x1b[32m"), "{raw:?}");
    assert!(
        window.contains("✔ argocd ") && window.contains("Synced, Healthy"),
        "{window}"
    );
    assert!(
        window.contains(&format!("{WORKER}: Ready")) && window.contains("ready"),
        "{window}"
    );
    // One line for each component, however often it has changed.
    assert_eq!(window.matches("✔ traefik ").count(), 1, "{window}");

    let quiet = cli.on_terminal(
        &["--quiet", "apply", "-f", &guide_path(WORKER), "--wait"],
        100,
    );
    let (code, window) = quiet.finish();
    assert_eq!(code, 0);
    assert!(!window.contains('✔'), "{window}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_asked_and_taken_seriously() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    cli.run(&["apply", "-f", &guide_path("cluster-host"), "--wait", "-q"])
        .await
        .expect(0);
    cli.run(&[
        "apply",
        "-f",
        &guide_path("virtual-worker-deployment"),
        "-q",
    ])
    .await
    .expect(0);
    let before = tenant.files();

    let worker = cli.on_terminal(&["delete", "virtual-worker-deployment"], 100);
    worker.wait_for("Remove virtual-worker-deployment? [y/N]");
    worker.send("n");
    let (code, window) = worker.finish();
    assert_eq!(code, 1, "{window}");
    assert!(window.contains("nothing was changed"), "{window}");
    assert_eq!(tenant.files(), before);

    let worker = cli.on_terminal(&["delete", "virtual-worker-deployment", "--wait"], 100);
    worker.wait_for("[y/N]");
    worker.send("y");
    let (code, window) = worker.finish();
    assert_eq!(code, 0, "{window}");

    let host = cli.on_terminal(&["delete", "cluster-host"], 100);
    host.wait_for("Type its name to remove it");
    host.send("cluster\r");
    let (code, window) = host.finish();
    assert_eq!(code, 1, "{window}");
    assert_eq!(
        cli.run(&["get", "-o", "name"]).await.stdout.trim(),
        "cluster-host"
    );

    let host = cli.on_terminal(&["delete", "cluster-host"], 100);
    host.wait_for("Type its name to remove it");
    host.send("cluster-host\r");
    let (code, window) = host.finish();
    assert_eq!(code, 0, "{window}");
    assert_eq!(cli.run(&["get", "-o", "name"]).await.stdout.trim(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_says_what_goes_on() {
    let (tenant, argo) = tenant_and_argo(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    argo.behave(
        &format!("{WORKER}-external-secrets"),
        ApplicationBehaviour::Stuck,
    );
    let screen = cli.on_terminal(&["apply", "-f", &guide_path(WORKER), "--wait"], 100);
    screen.wait_for("external-secrets");
    screen.send("\x03");
    let (code, window) = screen.finish();
    assert_eq!(code, 130, "{window}");
    let said = window.replace('\n', " ");
    assert!(
        said.contains(
            "interrupted; the installs of physical-worker-deployment go on in the cluster"
        ),
        "{window}"
    );
    assert!(
        said.contains("wait physical-worker-deployment --for ready"),
        "{window}"
    );
    // And so it is.
    assert_eq!(cli.run(&["get", "-o", "name"]).await.stdout.trim(), WORKER);

    let question = cli.on_terminal(&["delete", WORKER], 100);
    question.wait_for("[y/N]");
    question.send("\x03");
    let (code, window) = question.finish();
    assert_eq!(code, 130, "{window}");
    assert!(window.contains("nothing was changed"), "{window}");
    assert_eq!(cli.run(&["get", "-o", "name"]).await.stdout.trim(), WORKER);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_says_what_goes_on() {
    let (tenant, argo) = tenant_and_argo(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    argo.behave(
        &format!("{WORKER}-external-secrets"),
        ApplicationBehaviour::Stuck,
    );
    let screen = cli.on_terminal(&["apply", "-f", &guide_path(WORKER), "--wait"], 200);
    screen.wait_for("external-secrets");
    screen.terminate();
    let (code, window) = screen.finish();
    assert_eq!(code, 143, "{window}");
    let said = "interrupted; the installs of physical-worker-deployment go on in the cluster";
    assert!(window.contains(said), "{window}");
    // A command that waits for its input is ended as well.
    let reading = cli.on_terminal(&["apply", "-f", "-"], 100);
    reading.wait_for("reading clusters from the terminal");
    reading.terminate();
    let (code, window) = reading.finish();
    assert_eq!(code, 143, "{window}");
    assert!(window.contains("nothing was changed"), "{window}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrow_window_is_not_overflowed() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let screen = cli.on_terminal(&["apply", "-f", &guide_path(WORKER), "--wait"], 44);
    let (code, window) = screen.finish();
    assert_eq!(code, 0, "{window}");
    // A line that is too long would be broken by the terminal, and every redrawing leave half of it behind.
    assert_eq!(window.matches("✔ traefik ").count(), 1, "{window}");
    let (_, table) = cli.on_terminal(&["get"], 44).finish();
    assert!(
        table.contains(WORKER) && table.lines().all(|line| line.chars().count() <= 44),
        "{table}"
    );
    let (_, tree) = cli.on_terminal(&["status", WORKER], 44).finish();
    assert!(
        tree.contains("components") && tree.lines().all(|line| line.chars().count() <= 44),
        "{tree}"
    );
}

/// Tells whether something is written in colours, bold or dimmed: `ESC [`, numbers, `m` (SGR of ECMA-48).
fn has_styles(raw: &str) -> bool {
    let is_number = |char: char| char.is_ascii_digit() || char == ';';
    let mut codes = raw.split("\x1b[").skip(1);
    codes.any(|code| code.trim_start_matches(is_number).starts_with('m'))
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_for_those_who_want_them() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let guide = guide_path(WORKER);
    for (variables, is_coloured) in [
        (&[("NO_COLOR", "")][..], true),
        (&[("NO_COLOR", "1")], false),
        (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
        (&[("CLICOLOR", "0")], false),
        // A CI may give its jobs a terminal.
        (&[("TERM", "dumb"), ("CI", "true")], false),
    ] {
        let mut cli = command_line(&tenant).with("NAUTES_GITLAB", tenant.gitlab.url());
        for (name, value) in variables {
            cli = cli.with(name, value);
        }
        cli.write("broken.yaml", "name: broken\n usage: host\n");
        for (arguments, code) in [
            (&["diff", "-f", &guide][..], 1),
            (&["apply", "-f", &guide, "--wait"], 0),
            (&["get"], 0),
            (&["get", "-q", "--insecure-skip-tls-verify"], 0),
            (&["status", WORKER], 0),
            (&["doctor"], 0),
            (&["get", "unknown"], 1),
            (&["get", "--token-file", "nowhere"], 2),
            (&["apply", "-f", "broken.yaml"], 2),
            (&["delete", "--help"], 0),
            (&["delete", WORKER, "--yes", "--wait"], 0),
        ] {
            let (found, raw) = cli.on_terminal(arguments, 100).finish_raw();
            assert_eq!(found, code, "{variables:?} {arguments:?}: {raw}");
            let place = format!("{variables:?} {arguments:?}: {raw:?}");
            assert_eq!(has_styles(&raw), is_coloured, "{place}");
            let is_dumb = variables.contains(&("TERM", "dumb"));
            assert!(!(is_dumb && raw.contains('\x1b')), "{place}");
        }
    }
    for (no_colour, is_coloured) in [("", true), ("1", false)] {
        let cli = CommandLine::new("http://127.0.0.1:1").with("CLICOLOR_FORCE", "1");
        let cli = cli.with("NO_COLOR", no_colour);
        let piped = cli.run(&["get", "--token-file", "nowhere"]).await.expect(2);
        assert_eq!(has_styles(&piped.stderr), is_coloured, "{piped:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_the_service_asks_for_is_said_beside_what_moves() {
    let limited = ("429 Too Many Requests", "Retry-After: 2", "slow down");
    let none = ("200 OK", "Content-Type: application/json", "{\"items\":[]}");
    let server = FakeServer::start(&[limited, none]);
    let cli = CommandLine::new(&server.url).with("NAUTES_TOKEN", "t");
    let screen = cli.on_terminal(&["get"], 100);
    screen.wait_for("asks to wait");
    assert!(screen.raw().contains("reading"), "{:?}", screen.raw());
    let (code, window) = screen.finish();
    assert_eq!(code, 0, "{window}");
    // Nothing is left of the line that moved.
    let lines: Vec<&str> = window.lines().map(str::trim_end).collect();
    let said = "the service asks to wait for 2 s (429 Too Many Requests)";
    assert_eq!(lines, [said, "no clusters"], "{window}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_shows_its_page_whole_in_a_narrow_window() {
    const COLUMNS: u16 = 50;
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let propose = ["apply", "-f", &guide_path(WORKER), "--delivery"];
    let propose = [&propose[..], &["merge-request"]].concat();
    for (arguments, row) in [
        (&propose[..], format!("{WORKER}  proposed  29")),
        (&["proposals"], format!("{WORKER}  register  merge it")),
    ] {
        let (code, window) = cli.on_terminal(arguments, COLUMNS).finish();
        assert_eq!(code, 0, "{window}");
        let page = window.split_once(&format!("{row}\n  !1 http"));
        let page = page.map(|(_, page)| page.lines().next().unwrap_or_default());
        let is_whole = page.is_some_and(|page| page.ends_with("/merge_requests/1"));
        assert!(is_whole, "{row}\n{window}");
        let is_page = |line: &&str| line.contains("/merge_requests/");
        let mut others = window.lines().filter(|line| !is_page(line));
        assert!(
            others.all(|line| line.chars().count() <= COLUMNS.into()),
            "{window}"
        );
    }
}

/// Lines that a window of this many columns breaks although they have a place to be broken at, or nothing worth keeping whole.
fn overflowing(window: &str, columns: usize) -> Vec<&str> {
    let has_room = |line: &&str| {
        let indent = line.len() - line.trim_start().len() + 2;
        line.split_whitespace()
            .all(|word| word.chars().count() + indent <= columns)
    };
    let lines = window.lines().filter(|line| line.chars().count() > columns);
    lines.filter(has_room).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_shows_itself_in_a_narrow_window() {
    const COLUMNS: u16 = 60;
    let tenant = tenant(Duration::from_millis(20)).await;
    let kubernetes = &tenant.kubernetes;
    let user = serde_json::json!({"token": kubernetes.token()});
    let cli = command_line(&tenant).with("NAUTES_GITLAB", tenant.gitlab.url());
    let config = crate::support::kubeconfig("k", kubernetes.url_tls(), kubernetes.ca_pem(), &user);
    let config = cli.write("config", &config);
    let cli = cli.with("KUBECONFIG", config.to_str().unwrap());
    let guide = guide_path(WORKER);
    let far = "https://8.217.50.115:6443";
    for (arguments, code, shows) in [
        (&["diff", "--summary", "-f", &guide][..], 1, "29 files"),
        (&["apply", "-f", &guide], 0, "saved"),
        (&["wait", WORKER], 0, "is ready"),
        (&["sync", WORKER], 0, "synced"),
        (&["get"], 0, "Ready"),
        (&["get", "-o", "wide"], 0, "Ready"),
        (
            &["get", "-w", "-o", "name", "unknown"],
            1,
            "is not registered",
        ),
        (&["status", WORKER], 0, "✔ argocd"),
        (&["status", WORKER, "-w"], 0, "everything is installed"),
        (
            &[
                "doctor",
                "--context",
                "k",
                "--management-context",
                "k",
                "--api-server",
                far,
            ],
            1,
            "may change the branch",
        ),
        (
            &[
                "add",
                "k",
                "--name",
                "prod",
                "--api-server",
                far,
                "--yes",
                "--service-account",
            ],
            0,
            "prod: Ready",
        ),
        (&["delete", "prod", "--yes", "--wait"], 0, "removed"),
        (
            &["get", "--server", "http://127.0.0.1:1"],
            1,
            "can't be reached",
        ),
        (&["--help"], 0, "Register the cluster"),
        (&["add", "--help"], 0, "--service-account"),
        (&["completion", "bash"], 0, "complete"),
        (&["man"], 0, "EXIT STATUS"),
        (&["init", "host"], 0, "CHANGE"),
    ] {
        let (found, window) = cli.on_terminal(arguments, COLUMNS).finish();
        assert_eq!(found, code, "{arguments:?}\n{window}");
        assert!(window.contains(shows), "{arguments:?}\n{window}");
        // Those are files, made for programs and editors.
        if !["completion", "man", "init"].contains(&arguments[0]) {
            let lines = overflowing(&window, COLUMNS.into());
            assert!(lines.is_empty(), "{arguments:?}: {lines:#?}\n{window}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_asked_once_in_a_narrow_window_and_whoever_is_quiet_sees_what_about() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let user = serde_json::json!({"token": "lasting-token"});
    let cli = command_line(&tenant);
    let server = "https://8.217.50.114:6443";
    let config = crate::support::kubeconfig("lab", server, tenant.kubernetes.ca_pem(), &user);
    let config = cli.write("config", &config);
    let cli = cli.with("KUBECONFIG", config.to_str().unwrap());
    let before = tenant.written();
    let screen = cli.on_terminal(&["-q", "add", "lab"], 40);
    screen.wait_for("[y/N]");
    screen.send("n");
    let (code, window) = screen.finish();
    assert_eq!(code, 1, "{window}");
    assert_eq!(window.matches("Register lab?").count(), 1, "{window}");
    for words in [
        "+ nautes/overlays/production/clusters/lab.yaml",
        "will be registered as lab",
    ] {
        assert!(
            window.replace("\n  ", " ").contains(words),
            "{words}: {window}"
        );
    }
    assert_eq!(tenant.written(), before);
}
