//! Ctrl-C while a command waits: what goes on, and the whole command that comes back to it.

use std::time::Duration;

use sandbox_argocd::ApplicationBehaviour;

use crate::adding::{API_SERVER, CONTEXT, is_registered, laptop_with_program, names};
use crate::support::{CommandLine, WORKER, command_line, guide_path, tenant_and_argo};

const ACCOUNT: &str = "nautes-clusters-manager";

/// Wide enough for every sentence on one line.
const COLUMNS: u16 = 500;

/// Presses Ctrl-C when a command has shown something, and returns everything that it has written.
#[track_caller]
fn interrupt(cli: &CommandLine, arguments: &[&str], shown: &str, said: &str) -> String {
    let screen = cli.on_terminal(arguments, COLUMNS);
    screen.wait_for(shown);
    screen.send("\x03");
    let (code, raw) = screen.finish_raw();
    assert_eq!(code, 130, "{arguments:?}: {raw}");
    let said = format!("interrupted; {said}\r\n");
    assert!(raw.contains(&said), "{arguments:?}: {said}: {raw}");
    raw
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_in_a_wait_names_the_whole_command_that_goes_on() {
    let (tenant, argo) = tenant_and_argo(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    argo.behave(
        &format!("{WORKER}-external-secrets"),
        ApplicationBehaviour::Stuck,
    );
    cli.run(&["apply", "-f", &guide_path(WORKER)])
        .await
        .expect(0);
    let installs = format!(
        "the installs of {WORKER} go on in the cluster; `nautes-clusters wait {WORKER} --for ready` goes on watching"
    );
    let shown = "external-secrets  ";
    interrupt(&cli, &["sync", WORKER, "--wait"], shown, &installs);
    interrupt(&cli, &["wait", WORKER], shown, &installs);
    let removed = ["wait", WORKER, "--for", "removed"];
    let shown = "is registered, and nobody removes it";
    let said = format!("the removal of {WORKER} goes on if it was asked for");
    interrupt(&cli, &removed, shown, &said);
    assert_eq!(cli.run(&["get", "-o", "name"]).await.stdout.trim(), WORKER);

    let rest = format!("delete {WORKER} --wait --ignore-not-found");
    let said = format!(
        "what was asked for goes on in the cluster; `nautes-clusters {rest}` goes on with the rest, and watches"
    );
    let delete = ["delete", WORKER, "--yes", "--wait"];
    let raw = interrupt(&cli, &delete, " left", &said);
    // One moving line for the cluster, beside the lines of its objects.
    let counted = format!("{WORKER}: ");
    let mut counts = raw.split(&counted).skip(1);
    assert!(
        counts.any(|text| text
            .trim_start_matches(|char: char| char.is_ascii_digit())
            .starts_with(" objects left")),
        "{raw}"
    );
    // As it is said.
    argo.behave(
        &format!("{WORKER}-external-secrets"),
        ApplicationBehaviour::Normal,
    );
    let rest: Vec<&str> = rest.split(' ').chain(["--yes"]).collect();
    cli.run(&rest).await.expect(0);
    assert_eq!(cli.run(&["get", "-o", "name"]).await.stdout.trim(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_behind_a_service_account_says_how_long_it_stays() {
    let laptop = laptop_with_program().await;
    let application = "prod-external-secrets";
    laptop.argo.behave(application, ApplicationBehaviour::Stuck);
    let add = ["add", CONTEXT, "--api-server", API_SERVER, "--yes"];
    let said = "the installs of prod go on in the cluster; `nautes-clusters wait prod --for ready` goes on watching";
    interrupt(&laptop.cli, &add, "external-secrets  ", said);
    assert!(is_registered(&laptop));
    assert!(names(&laptop.cluster).contains(ACCOUNT));

    let rest = format!("delete prod --remove-access --context {CONTEXT}");
    let delete: Vec<&str> = rest.split(' ').chain(["--yes"]).collect();
    let said = format!(
        "what was asked for goes on in the cluster; `nautes-clusters {rest}` goes on with the rest, and watches; the service account \
         stays until then"
    );
    interrupt(&laptop.cli, &delete, " left", &said);
    assert!(names(&laptop.cluster).contains(ACCOUNT));
    laptop
        .argo
        .behave(application, ApplicationBehaviour::Normal);
    laptop.cli.run(&delete).await.expect(0);
    assert!(!names(&laptop.cluster).contains(ACCOUNT));
    assert!(!is_registered(&laptop));
}
