//! Every kind of failure, as somebody reads it: one page of all of them.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::json;

use crate::support::{
    CommandLine, FakeServer, WORKER, command_line, guide_path, kubeconfig, tenant,
};

/// Commands and what they say, for the snapshot.
struct Page(String);

impl Page {
    async fn add(&mut self, cli: &CommandLine, arguments: &[&str], code: i32) {
        let finished = cli.run(arguments).await.expect(code);
        let home = cli.home.path().display().to_string();
        let said = finished.stderr.replace(&home, "~");
        writeln!(
            self.0,
            "$ {}\n{}{}exit {code}\n",
            arguments.join(" "),
            finished.stdout,
            said
        )
        .unwrap();
    }

    /// Without what differs from run to run.
    fn masked(&self) -> String {
        let mut text = String::new();
        let mut rest = self.0.as_str();
        while let Some(at) = rest.find("127.0.0.1:") {
            let (before, after) = rest.split_at(at + "127.0.0.1:".len());
            let digits = after.chars().take_while(char::is_ascii_digit).count();
            text += before;
            text += if &after[..digits] == "1" { "1" } else { "PORT" };
            rest = &after[digits..];
        }
        text + rest
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_what_is_wrong_and_what_to_do() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let user = json!({"token": "lasting-token"});
    let ca = tenant.kubernetes.ca_pem();
    cli.write(
        "config",
        &kubeconfig("lab", "https://8.217.50.114:6443", ca, &user),
    );
    cli.write(
        "no-login",
        &kubeconfig("lab", "https://8.217.50.114:6443", ca, &json!({})),
    );
    cli.write("no-config", "clusters: [");
    cli.write("broken.yaml", "name: broken\n usage: host\n");
    cli.write("tabbed.yaml", "name: tabbed\n\tusage: host\n");
    cli.write(
        "blank.yaml",
        "name: blank\nusage:host\ncluster_type: physical\n",
    );
    cli.write("other.yaml", "kind: Deployment\nspec: {}\n");
    cli.write("list.yaml", "- a\n");
    cli.write("nameless.yaml", "usage: host\n---\nusage: worker\n");
    cli.write(
        "twice.yaml",
        "name: a\nusage: host\n---\nname: a\nusage: host\n",
    );
    cli.write("gone.yaml", "name: gone\nkubeconfigFile: nowhere.conf\n");
    cli.write("slip.conf", "apiVersion: v1\nkind: Config\nclusters: 5\n");
    cli.write("slip.yaml", "name: slip\nkubeconfigFile: slip.conf\n");
    let program =
        json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "aws"}});
    cli.write(
        "cloud.conf",
        &kubeconfig("cloud", "https://8.217.50.114:6443", ca, &program),
    );
    cli.write("cloud.yaml", "name: cloud\nkubeconfigFile: cloud.conf\n");
    let wrong = "name: wrong\napi_server: http://8.217.50.114:6443\ncluster_type: physical\nusage: worker\nworker_type: pipelines\n";
    cli.write("wrong.yaml", wrong);
    cli.write("empty/readme.txt", "nothing\n");
    cli.write(
        "settings.toml",
        "[contexts.a]\nserver = 'https://a'\ncolour = 'red'\n",
    );
    let cli = cli.with("KUBECONFIG", "config");

    let mut page = Page(String::new());
    for (arguments, code) in [
        // The command line itself.
        (&["get", "-o", "xml"][..], 2),
        (&["aply", "-f", "a"], 2),
        (&["wait", "a", "--timeout", "soon"], 2),
        (&["get", "--token=t"], 2),
        (&["get", "--server", "clusters.example.com"], 2),
        (&["get", ""], 2),
        (&["delete", "a/../b", "--yes"], 2),
        (&["get", "--config", "settings.toml"], 2),
        (&["get", "--service-context", "b"], 2),
        (&["get", "--token-file", "nowhere"], 2),
        (&["get", "--ca-file", "config"], 2),
        // Files.
        (&["apply", "-f", "nowhere.yaml"], 2),
        (&["apply", "-f", "empty"], 2),
        (&["apply", "-f", "broken.yaml"], 2),
        (&["apply", "-f", "tabbed.yaml"], 2),
        (&["apply", "-f", "blank.yaml"], 2),
        (&["apply", "-f", "config"], 2),
        (&["apply", "-f", "wrong.yaml", "--name", "Wrong_One"], 1),
        (&["apply", "-f", "wrong.yaml", "--dry-run"], 1),
        (&["apply", "-f", "other.yaml"], 2),
        (&["apply", "-f", "list.yaml"], 2),
        (&["apply", "-f", "nameless.yaml"], 2),
        (&["apply", "-f", "twice.yaml"], 2),
        (&["apply", "-f", "gone.yaml"], 2),
        (&["apply", "-f", "slip.yaml"], 2),
        (&["apply", "-f", "cloud.yaml"], 2),
        (
            &["apply", "-f", "twice.yaml", "gone.yaml", "--name", "a"],
            2,
        ),
        // Kubeconfigs.
        (&["add", "lob"], 2),
        (&["add", "lab", "--kubeconfig", "nowhere"], 2),
        (&["add", "lab", "--kubeconfig", "no-config"], 2),
        (&["add", "lab", "--kubeconfig", "no-login"], 2),
        (
            &["add", "lab", "--usage", "host", "--worker-type", "pipeline"],
            1,
        ),
        // The service.
        (&["apply", "-f", "wrong.yaml"], 1),
        (&["diff", "-f", "wrong.yaml"], 2),
        (&["get", "unknown"], 1),
        (&["get", "unknown", "-o", "json"], 1),
        (&["get", "-l", "colour=red"], 1),
        (&["status", "unknown"], 1),
        (&["wait", "unknown"], 1),
        (&["delete", "unknown", "--yes"], 1),
        (&["sync", "unknown"], 1),
        (&["get", "--server", "http://127.0.0.1:1"], 1),
    ] {
        page.add(&cli, arguments, code).await;
    }
    cli.run(&["apply", "-f", &guide_path(WORKER), "-q"])
        .await
        .expect(0);
    page.add(&cli, &["delete", WORKER, "--quiet"], 2).await;
    let refused = cli.with("NAUTES_TOKEN", "glpat-wrong");
    page.add(&refused, &["get"], 1).await;
    let guest = refused.with("NAUTES_TOKEN", &tenant.gitlab.tokens().guest);
    page.add(&guest, &["apply", "-f", "wrong.yaml"], 1).await;
    let none = guest.with("NAUTES_TOKEN", "");
    page.add(&none, &["get"], 2).await;
    let nobody = none.with("NAUTES_SERVER", "");
    page.add(&nobody, &["get"], 2).await;

    let gateway = FakeServer::start(&[
        (
            "502 Bad Gateway",
            "Server: nginx\nContent-Type: text/html",
            "<title>502 Bad Gateway</title>",
        ),
        (
            "401 Unauthorized",
            "Content-Type: text/html",
            "<title>Log in</title>",
        ),
        (
            "403 Forbidden",
            "Content-Type: application/json",
            "{\"message\": \"no\"}",
        ),
        ("500 Internal Server Error", "", ""),
    ]);
    let behind = CommandLine::new(&gateway.url).with("NAUTES_TOKEN", "glpat-x");
    for _ in 0..4 {
        page.add(&behind, &["get", "a"], 1).await;
    }
    insta::assert_snapshot!(page.masked());
}
