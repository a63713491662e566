//! Completions of a shell: what it is offered, and that it never waits long.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{
    CommandLine, Finished, WORKER, command_line, guide_path, kubeconfig, silent_server, tenant,
};

/// Returns the words that bash is offered for the last word of a line.
async fn offered(cli: CommandLine, line: &[&str]) -> (CommandLine, Vec<String>) {
    let index = (line.len() - 1).to_string();
    let cli = cli
        .with("NAUTES_COMPLETE", "bash")
        .with("_CLAP_COMPLETE_INDEX", &index)
        .with("_CLAP_IFS", "\n");
    let words: Vec<&str> = std::iter::once("--").chain(line.iter().copied()).collect();
    let Finished { stdout, stderr, .. } = cli.run(&words).await.expect(0);
    assert_eq!(stderr, "", "{line:?}");
    let offered = stdout.lines().map(|word| word.trim().to_owned()).collect();
    (cli, offered)
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_clusters_and_contexts_are_offered() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let apply = ["apply", "-f", &guide_path(WORKER), "-q", "--wait"];
    cli.run(&apply).await.expect(0);
    let user = json!({"token": "lasting-token"});
    let config = kubeconfig(
        "lab",
        "https://8.217.50.114:6443",
        tenant.kubernetes.ca_pem(),
        &user,
    );
    let config = cli.write("config", &config);
    cli.write(
        "other",
        &kubeconfig("far", "https://8.217.50.115:6443", "", &user),
    );
    cli.write("settings.toml", "[contexts.here]\nserver = 'http://127.0.0.1:1'\n[contexts.there]\nserver = 'http://127.0.0.1:1'\n");
    let mut cli = cli.with("KUBECONFIG", config.to_str().unwrap());
    let written = tenant.written();
    for (line, expected) in [
        (&["nautes-clusters", "status", ""][..], vec![WORKER]),
        (&["nautes-clusters", "get", "phys"], vec![WORKER]),
        (&["nautes-clusters", "wait", "no"], vec![]),
        (&["nautes-clusters", "sync", "phys"], vec![WORKER]),
        (&["nautes-clusters", "delete", "phys"], vec![WORKER]),
        (&["nautes-clusters", "remove", "phys"], vec![WORKER]),
        (&["nautes-clusters", "add", "la"], vec!["lab"]),
        (
            &["nautes-clusters", "add", "--kubeconfig", "other", "f"],
            vec!["far"],
        ),
        (&["nautes-clusters", "doctor", "--context", ""], vec!["lab"]),
        (
            &["nautes-clusters", "doctor", "--management-context", ""],
            vec!["lab"],
        ),
        (
            &[
                "nautes-clusters",
                "--config",
                "settings.toml",
                "--service-context",
                "",
            ],
            vec!["here", "there"],
        ),
        (
            &["nautes-clusters", "wait", "a", "--for", ""],
            vec!["ready", "removed"],
        ),
        (&["nautes-clusters", "stat"], vec!["status"]),
        (
            &["nautes-clusters", "delete", "--remove-a"],
            vec!["--remove-access"],
        ),
        // The line's own service goes before the environment's: nobody is there.
        (
            &[
                "nautes-clusters",
                "--server=http://127.0.0.1:1",
                "status",
                "",
            ],
            vec![],
        ),
    ] {
        let words;
        (cli, words) = offered(cli, line).await;
        let words: Vec<&str> = words
            .iter()
            .map(String::as_str)
            .filter(|word| !word.starts_with("--") || line.last().unwrap().starts_with("--"))
            .collect();
        assert_eq!(words, expected, "{line:?}");
    }
    assert_eq!(tenant.written(), written);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_never_waits_long_and_nothing_is_written_on_its_line() {
    let status = ["nautes-clusters", "status", ""];
    let nobody = CommandLine::new(&silent_server()).with("NAUTES_TOKEN", "canary-of-completions");
    let begin = Instant::now();
    let (nobody, words) = offered(nobody, &status).await;
    assert!(begin.elapsed() < Duration::from_secs(10));
    assert!(!format!("{words:?}").contains("canary"), "{words:?}");
    // A credential helper that asks somebody, who is not there.
    let hanging = nobody
        .with("NAUTES_TOKEN", "")
        .with("NAUTES_GITLAB", "https://gitlab.invalid");
    hanging.write(".gitconfig", "[credential]\n\thelper = \"!sleep 600\"\n");
    let begin = Instant::now();
    let (_, words) = offered(hanging, &status).await;
    assert!(begin.elapsed() < Duration::from_secs(10), "{words:?}");
    // Nothing is known at all, or a file is broken.
    let bare = CommandLine::new("");
    bare.write(".config/nautes-clusters/config.toml", "token = 'canary'\n");
    let (bare, _) = offered(bare, &status).await;
    let (_, contexts) = offered(bare, &["nautes-clusters", "add", "x"]).await;
    assert!(contexts.is_empty(), "{contexts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bash_completes_a_name_at_the_press_of_a_key() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    cli.run(&["apply", "-f", &guide_path(WORKER), "-q"])
        .await
        .expect(0);
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_nautes-clusters"))
        .parent()
        .unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let cli = cli.with("PATH", &path).with("PS1", "$ ");
    let shell = cli.program_on_terminal("bash", &["--norc", "--noprofile", "-i"], (60, 100));
    shell.send("source <(nautes-clusters completion bash); echo sour''ced\n");
    shell.wait_for("\nsourced");
    shell.send("nautes-clusters status phys\t");
    shell.wait_for(&format!("status {WORKER}"));
    shell.send("\nexit\n");
    let (code, window) = shell.finish();
    assert_eq!(code, 0, "{window}");
    assert!(
        window.contains("physical worker for deployments"),
        "{window}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shell_has_a_script_that_asks_this_program() {
    let cli = CommandLine::new("");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = cli.run(&["completion", shell]).await.expect(0).stdout;
        assert!(
            script.contains("NAUTES_COMPLETE") && script.contains("nautes-clusters"),
            "{shell}: {script}"
        );
    }
    let zsh = cli.run(&["completion", "zsh"]).await.expect(0).stdout;
    assert!(zsh.starts_with("#compdef nautes-clusters"), "{zsh}");
    cli.run(&["completion", "cmd"]).await.expect(2);
}
