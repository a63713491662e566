//! Ctrl-C while a cluster administrator is being made, and what is left of one.

use std::time::{Duration, Instant};

use sandbox_gitlab::{FaultAnswer, FaultPoint, GitLabFault, GitLabFaultAction};
use serde_json::json;

use crate::adding::{API_SERVER, CONTEXT, Laptop, is_registered, laptop_with_program, names};
use crate::support::{CommandLine, Screen, kubeconfig};

const ACCOUNT: &str = "nautes-clusters-manager";
const ADD: [&str; 5] = ["add", CONTEXT, "--api-server", API_SERVER, "--yes"];

/// No token controller fills the account's Secret.
fn keep_token_back(laptop: &Laptop) {
    use sandbox_kubernetes::{KubernetesFault, KubernetesFaultAction};
    let empty = json!({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": ACCOUNT}});
    let answer = KubernetesFaultAction::answer(200, "application/json", &empty.to_string());
    // The first look finds that there is none.
    let fault = KubernetesFault::once(&format!("/secrets/{ACCOUNT}"), answer);
    laptop
        .cluster
        .faults()
        .add(fault.for_method("GET").after(1).times(1000));
}

#[track_caller]
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{what} does not come"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Ends `add` while it makes the account, which is taken back.
#[track_caller]
fn assert_taken_back(laptop: &Laptop, end: impl Fn(&Screen), expected: i32) {
    let screen = laptop.cli.on_terminal(&ADD, 100);
    screen.wait_for("making the service account");
    wait_until("the Secret", || {
        names(&laptop.cluster).contains("kubernetes.io/service-account-token")
    });
    end(&screen);
    let (code, window) = screen.finish();
    assert_eq!(code, expected, "{window}");
    for words in [
        "the service account was removed again",
        "interrupted; nothing was changed",
    ] {
        assert!(window.contains(words), "{words}: {window}");
    }
    assert!(!names(&laptop.cluster).contains(ACCOUNT));
    assert!(!is_registered(laptop));
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_takes_a_half_made_service_account_back() {
    let laptop = laptop_with_program().await;
    keep_token_back(&laptop);
    assert_taken_back(&laptop, |screen| screen.send("\x03"), 130);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_takes_a_half_made_service_account_back() {
    let laptop = laptop_with_program().await;
    keep_token_back(&laptop);
    assert_taken_back(&laptop, Screen::terminate, 143);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_ctrl_c_leaves_at_once_and_says_what_stays() {
    use sandbox_kubernetes::{KubernetesFault, KubernetesFaultAction};
    let laptop = laptop_with_program().await;
    keep_token_back(&laptop);
    let hang = KubernetesFault::once(ACCOUNT, KubernetesFaultAction::Hang);
    laptop.cluster.faults().add(hang.for_method("DELETE"));
    let screen = laptop.cli.on_terminal(&ADD, 300);
    screen.wait_for("making the service account");
    wait_until("the Secret", || {
        names(&laptop.cluster).contains("kubernetes.io/service-account-token")
    });
    screen.send("\x03");
    screen.wait_for("removing it again; Ctrl-C leaves it there");
    screen.send("\x03");
    let (code, window) = screen.finish();
    assert_eq!(code, 130, "{window}");
    let said = format!(
        "interrupted; the service account kube-system/{ACCOUNT} with the role cluster-admin may have been made; \
         `nautes-clusters delete prod --remove-access --context {CONTEXT}` removes it"
    );
    assert!(window.contains(&said), "{said}: {window}");
    assert!(!window.contains("was removed again"), "{window}");
    assert!(names(&laptop.cluster).contains(ACCOUNT));
    assert!(!is_registered(&laptop));
}

/// GitLab does this instead of a commit; what would change is asked for before the account is made.
fn fail_commits(laptop: &Laptop, action: GitLabFaultAction) {
    let fault = GitLabFault::new(FaultPoint::Request, action);
    let fault = fault.on(reqwest::Method::POST, "/repository/commits");
    laptop.tenant.gitlab.faults().add(fault.after(1).times(100));
}

/// A context and a file, neither of which is one word for a shell.
fn odd_names(laptop: &Laptop) -> [&'static str; 4] {
    let path = laptop.cli.home.path().join("kube/config");
    let config = std::fs::read_to_string(path).unwrap();
    laptop
        .cli
        .write("kube/my config", &config.replace(CONTEXT, "my prod"));
    ["my prod", "--name", "prod", "--kubeconfig=kube/my config"]
}

/// What takes back what `add` has made of [`odd_names`].
const TAKE_BACK: &str = "`nautes-clusters delete prod --remove-access --context 'my prod' --kubeconfig 'kube/my config'`";

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_while_a_cluster_is_saved_says_what_goes_on_and_how_to_take_it_back() {
    let laptop = laptop_with_program().await;
    fail_commits(&laptop, GitLabFaultAction::Hang);
    let names_of_laptop = odd_names(&laptop);
    let add = ["add", "--api-server", API_SERVER, "--yes"];
    let add = [&add[..], &names_of_laptop].concat();
    let screen = laptop.cli.on_terminal(&add, 400);
    screen.wait_for("saving prod");
    screen.send("\x03");
    let (code, window) = screen.finish();
    assert_eq!(code, 130, "{window}");
    for words in [
        "interrupted; the service carries the request out nevertheless",
        "nautes-clusters status prod",
        TAKE_BACK,
    ] {
        assert!(window.contains(words), "{words}: {window}");
    }
    assert!(names(&laptop.cluster).contains(ACCOUNT));
    assert!(!is_registered(&laptop));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_stays_behind_a_fault_of_the_service_is_named() {
    let laptop = laptop_with_program().await;
    let answer = FaultAnswer {
        status: reqwest::StatusCode::INTERNAL_SERVER_ERROR,
        headers: reqwest::header::HeaderMap::new(),
        body: "out of order".into(),
    };
    fail_commits(&laptop, GitLabFaultAction::Answer(answer));
    let add = ["add", "--api-server", API_SERVER, "--yes"];
    let add = [&add[..], &odd_names(&laptop)].concat();
    let failed = laptop.cli.run(&add).await.expect(1);
    for words in [
        "warning: the service account kube-system/nautes-clusters-manager",
        "stays, since the cluster may be registered: run the same command again, or ",
        TAKE_BACK,
    ] {
        assert!(failed.stderr.contains(words), "{words}: {failed:#?}");
    }
    assert!(names(&laptop.cluster).contains(ACCOUNT));
    assert!(!is_registered(&laptop));
    // As it is said.
    laptop.tenant.gitlab.faults().clear();
    let back = ["delete", "prod", "--remove-access", "--context", "my prod"];
    let file = ["--kubeconfig", "kube/my config", "--yes"];
    laptop.cli.run(&[&back[..], &file].concat()).await.expect(0);
    assert!(!names(&laptop.cluster).contains(ACCOUNT));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_a_cluster_is_removed_alone() {
    let laptop = laptop_with_program().await;
    laptop.cli.run(&ADD).await.expect(0);
    let delete = ["delete", "prod", "--yes", "--wait"];
    laptop.cli.run(&delete).await.expect(0);
    assert!(names(&laptop.cluster).contains(ACCOUNT));
    let alone = ["delete", "prod", "--remove-access", "--context", CONTEXT];
    let screen = laptop.cli.on_terminal(&alone, 100);
    screen.wait_for("Remove prod? [y/N]");
    screen.send("y");
    let (code, window) = screen.finish();
    assert_eq!(code, 0, "{window}");
    assert!(window.contains("prod: not registered;"), "{window}");
    assert!(!names(&laptop.cluster).contains(ACCOUNT));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_a_registered_cluster_needs_is_not_removed_by_a_slip() {
    let laptop = laptop_with_program().await;
    laptop.cli.run(&ADD).await.expect(0);
    let user = json!({"token": laptop.cluster.token()});
    let config = kubeconfig("far", API_SERVER, laptop.cluster.ca_pem(), &user);
    laptop.cli.write("far", &config);
    let slip = [
        "delete",
        "prdo",
        "--yes",
        "--remove-access",
        "--context",
        "far",
        "--kubeconfig",
        "far",
    ];
    let refused = laptop.cli.run(&slip).await.expect(2);
    assert!(
        refused.stderr.contains(
            "is registered as prod, which may need the service account; nothing was changed"
        ),
        "{refused:#?}"
    );
    let nameless = ["delete", "prdo", "--yes", "--remove-access"];
    let refused = laptop.cli.run(&nameless).await.expect(2);
    assert!(
        refused
            .stderr
            .contains("prdo is not registered, so its API server is not known: name a context"),
        "{refused:#?}"
    );
    assert!(names(&laptop.cluster).contains(ACCOUNT));
    assert!(is_registered(&laptop));
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_is_noticed_while_the_terminal_is_read() {
    let cli = CommandLine::new("http://127.0.0.1:1").with("NAUTES_TOKEN", "glpat-x");
    let screen = cli.on_terminal(&["apply", "-f", "-"], 100);
    screen.wait_for("reading clusters from the terminal");
    screen.send("\x03");
    let (code, window) = screen.finish();
    assert_eq!(code, 130, "{window}");
    assert!(
        window.contains("interrupted; nothing was changed"),
        "{window}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_can_not_be_written_are_no_success() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_nautes-clusters"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let cli = CommandLine::new("").with("PATH", &path);
    let script = "nautes-clusters init host >/dev/full; echo code $?; echo the end";
    let screen = cli.program_on_terminal("sh", &["-c", script], (40, 100));
    screen.wait_for("the end");
    let (code, window) = screen.finish();
    assert_eq!(code, 0, "{window}");
    assert!(
        window.contains("can't write the results") && window.contains("code 2"),
        "{window}"
    );
    // As the signal would have it, where nobody has ever read.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut closed = std::process::Command::new(program);
    let status = closed.args(["init", "host"]).stdout(writer).status();
    assert_eq!(status.unwrap().code(), Some(141));
}
