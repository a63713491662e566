//! `add`: from a context to a registered cluster, and back.

use std::time::Duration;

use sandbox_argocd::ArgoCd;
use sandbox_kubernetes::{Kubernetes, KubernetesOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::Tenant;

use crate::support::{CommandLine, command_line, kubeconfig, tenant, tenant_and_argo};

/// Where the management cluster would reach the cluster: the sandbox's own address is this machine's.
pub const API_SERVER: &str = "https://8.217.50.114:6443";

/// The laptop's kubeconfig, and its only context.
const CONFIG: &str = "kube/config";
pub const CONTEXT: &str = "gke_project_zone_prod";

/// A tenant, and a cluster that is to be registered.
pub struct Laptop {
    pub tenant: Tenant,
    pub cluster: Kubernetes,
    pub cli: CommandLine,
    pub argo: ArgoCd,
    _data: TempDir,
}

/// A kubeconfig that logs in by a program, as those of cloud providers do.
pub async fn laptop_with_program() -> Laptop {
    let data = TempDir::new().unwrap();
    let cluster = Kubernetes::start(KubernetesOptions::new(data.path()))
        .await
        .unwrap();
    let (tenant, argo) = tenant_and_argo(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let credential = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "status": {"token": cluster.token()},
    });
    cli.write(
        "kube/bin/cloud-login",
        &format!("#!/bin/sh\necho run >>logins\ncat <<'END'\n{credential}\nEND\n"),
    );
    make_executable(&cli, "kube/bin/cloud-login");
    let laptop = Laptop {
        tenant,
        cluster,
        cli: cli.with("KUBECONFIG", CONFIG),
        argo,
        _data: data,
    };
    // As kubectl has it, the path of a program begins at the folder of the kubeconfig, not at the one that the command is run in.
    laptop.log_in_with(&json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": "bin/cloud-login", "interactiveMode": "Never",
    }}));
    laptop
}

impl Laptop {
    /// Writes the kubeconfig anew, for a user who logs in in another way.
    pub fn log_in_with(&self, user: &Value) {
        let (server, ca_pem) = (self.cluster.url_tls(), self.cluster.ca_pem());
        self.cli
            .write(CONFIG, &kubeconfig(CONTEXT, server, ca_pem, user));
    }
}

fn make_executable(cli: &CommandLine, name: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = cli.home.path().join(name);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Makes an object, or asks for a token.
pub async fn create(cluster: &Kubernetes, path: &str, object: &Value) -> Value {
    let request = reqwest::Client::new().post(format!("{}{path}", cluster.url()));
    let request = request.bearer_auth(cluster.token()).json(object);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 201, "{path}");
    answer.json().await.unwrap()
}

async fn read(cluster: &Kubernetes, path: &str) -> Value {
    let request = reqwest::Client::new().get(format!("{}{path}", cluster.url()));
    let answer = request.bearer_auth(cluster.token()).send().await.unwrap();
    answer.json().await.unwrap()
}

fn decoded(value: &Value) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap());
    String::from_utf8(bytes.unwrap()).unwrap()
}

/// Where service accounts are made.
pub const ACCOUNTS: &str = "/api/v1/namespaces/kube-system/serviceaccounts";

/// The token of the account that `add` made.
pub async fn account_token(cluster: &Kubernetes) -> String {
    let secret = read(
        cluster,
        "/api/v1/namespaces/kube-system/secrets/nautes-clusters-manager",
    )
    .await;
    decoded(&secret["data"]["token"])
}

/// The token by which Argo CD logs in to the only cluster.
pub async fn stored_token(management: &Kubernetes) -> String {
    let path =
        "/api/v1/namespaces/argocd/secrets?labelSelector=argocd.argoproj.io/secret-type%3Dcluster";
    let secrets = read(management, path).await;
    let config: Value =
        serde_json::from_str(&decoded(&secrets["items"][0]["data"]["config"])).unwrap();
    config["bearerToken"].as_str().unwrap().to_owned()
}

/// How often the login program was run.
fn logins(laptop: &Laptop) -> usize {
    let text = std::fs::read_to_string(laptop.cli.home.path().join("logins"));
    text.unwrap_or_default().lines().count()
}

pub fn is_registered(laptop: &Laptop) -> bool {
    let files = format!("{:?}", laptop.tenant.files());
    files.contains("clusters/prod.yaml")
}

pub fn names(cluster: &Kubernetes) -> String {
    cluster.store().dump().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_that_logs_in_by_a_program_gets_a_service_account_after_one_question() {
    let laptop = laptop_with_program().await;
    let before = names(&laptop.cluster);
    let screen = laptop
        .cli
        .on_terminal(&["add", CONTEXT, "--api-server", API_SERVER], 120);
    screen.wait_for("[y/N]");
    let asked = screen.contents().replace("\n  ", " ").replace('\n', " ");
    assert!(
        asked.contains(
            "https://8.217.50.114:6443 will be registered as prod, and the service account kube-system/nautes-clusters-manager"
        ) && asked.contains("Register prod? [y/N]"),
        "{asked}"
    );
    assert!(
        asked.contains("logs in with the program cloud-login (exec)"),
        "{asked}"
    );
    assert!(
        asked.contains("objects to write in the management cluster"),
        "{asked}"
    );
    // Until now nothing is made anywhere.
    assert_eq!(names(&laptop.cluster), before);
    assert!(!is_registered(&laptop));
    screen.send("y");
    let (code, window) = screen.finish();
    assert_eq!(code, 0, "{window}");
    assert!(window.contains("prod: Ready"), "{window}");

    // Somebody who has to type a code types one.
    assert_eq!(logins(&laptop), 1);

    // Argo CD logs in with the account's token.
    let token = account_token(&laptop.cluster).await;
    assert!(!window.contains(&token));
    assert_eq!(stored_token(&laptop.tenant.kubernetes).await, token);

    let gone = laptop
        .cli
        .run(&[
            "delete",
            "prod",
            "--yes",
            "--remove-access",
            "--context",
            CONTEXT,
        ])
        .await
        .expect(0);
    assert!(
        gone.stderr.contains("cluster-admin was removed"),
        "{gone:#?}"
    );
    assert_eq!(logins(&laptop), 2);
    assert!(!names(&laptop.cluster).contains("nautes-clusters-manager"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_takes_the_service_account_back() {
    use sandbox_gitlab::{FaultAnswer, FaultPoint, GitLabFault, GitLabFaultAction};
    let laptop = laptop_with_program().await;
    let refused =
        json!({"message": "403 Forbidden - You are not allowed to push into this branch"})
            .to_string();
    let answer = FaultAnswer {
        status: reqwest::StatusCode::FORBIDDEN,
        headers: [(
            reqwest::header::CONTENT_TYPE,
            "application/json".parse().unwrap(),
        )]
        .into_iter()
        .collect(),
        body: refused.into(),
    };
    let fault = GitLabFault::new(FaultPoint::Request, GitLabFaultAction::Answer(answer));
    laptop.tenant.gitlab.faults().add(
        fault
            .on(reqwest::Method::POST, "/repository/commits")
            // What would change is asked for before the account is made.
            .after(1)
            .times(5),
    );
    let failed = laptop
        .cli
        .run(&["add", CONTEXT, "--api-server", API_SERVER, "--yes"])
        .await
        .expect(1);
    assert!(
        failed
            .stderr
            .contains("the service account was removed again"),
        "{failed:#?}"
    );
    assert!(!names(&laptop.cluster).contains("nautes-clusters-manager"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_gets_no_token_goes_again() {
    use sandbox_kubernetes::{KubernetesFault, KubernetesFaultAction};
    let laptop = laptop_with_program().await;
    let refusal = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403, "reason": "Forbidden",
        "message": "secrets is forbidden: a policy refuses it",
    });
    let answer = KubernetesFaultAction::answer(403, "application/json", &refusal.to_string());
    let fault = KubernetesFault::once("/secrets", answer).for_method("PATCH");
    laptop.cluster.faults().add(fault);
    let add = ["add", CONTEXT, "--api-server", API_SERVER, "--yes"];
    let failed = laptop.cli.run(&add).await.expect(1);
    assert!(failed.stderr.contains("a policy refuses it"), "{failed:#?}");
    assert!(!names(&laptop.cluster).contains("nautes-clusters-manager"));
    assert!(!is_registered(&laptop));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_this_machine_is_refused_with_the_argument_that_gives_another() {
    let laptop = laptop_with_program().await;
    let add = ["add", CONTEXT, "--name", "a--B", "--yes"];
    let refused = laptop.cli.run(&add).await.expect(1);
    for argument in ["here that is --api-server URL", "here that is --name NAME"] {
        assert!(refused.stderr.contains(argument), "{refused:#?}");
    }
    // A program finds the problem behind what people were told before.
    let told_in = async |format: &str| {
        let add = [&add[..], &["-o", format]].concat();
        let refused = laptop.cli.run(&add).await.expect(1);
        assert_eq!(refused.stdout, "");
        assert!(refused.stderr.starts_with("context "), "{refused:#?}");
        refused.stderr
    };
    let json = told_in("json").await;
    let json: Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    let yaml = told_in("yaml").await;
    let yaml: Value = serde_saphyr::from_str(yaml.rsplit("---\n").next().unwrap()).unwrap();
    for problem in [json, yaml] {
        assert_eq!(problem["reason"], "VALIDATION_FAILED", "{problem:#}");
    }
    assert!(!is_registered(&laptop));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_somebody_elses_is_left_alone() {
    let laptop = laptop_with_program().await;
    let foreign = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "nautes-clusters-manager"}});
    create(&laptop.cluster, ACCOUNTS, &foreign).await;
    let failed = laptop
        .cli
        .run(&["add", CONTEXT, "--api-server", API_SERVER, "--yes"])
        .await
        .expect(1);
    assert!(
        failed
            .stderr
            .contains("is somebody else's, and was left alone"),
        "{failed:#?}"
    );
    assert!(!is_registered(&laptop));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_fails_is_told_without_what_it_said() {
    let laptop = laptop_with_program().await;
    laptop.cli.write(
        "kube/bin/cloud-login",
        "#!/bin/sh\necho canary-of-the-program\necho canary-of-the-program >&2\nexit 3\n",
    );
    let failed = laptop
        .cli
        .run(&["add", CONTEXT, "--api-server", API_SERVER, "--yes"])
        .await;
    assert_ne!(failed.code, 0);
    assert!(failed.stderr.contains("kubectl"), "{failed:#?}");
    // Its own messages may be shown by the program itself, what it would have handed over never.
    assert!(!failed.stdout.contains("canary"), "{failed:#?}");
    assert!(
        failed.stderr.matches("canary-of-the-program").count() <= 1,
        "{failed:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_merged_and_taken_inside_as_kubectl_does_it() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    // The context in one file, its user in another, its authority beside that; and a file that is not there.
    cli.write(
        "one/config",
        "apiVersion: v1\nkind: Config\ncontexts: [{name: lab, context: {cluster: k, user: u}}]\n",
    );
    cli.write(
        "two/config",
        &format!(
            "apiVersion: v1\nkind: Config\nclusters: [{{name: k, cluster: {{server: '{API_SERVER}', certificate-authority: ca.pem}}}}]\n\
             users: [{{name: u, user: {{tokenFile: ./token}}}}]\n"
        ),
    );
    cli.write("two/ca.pem", tenant.kubernetes.ca_pem());
    cli.write("two/token", "lasting-token-of-a-file\n");
    let cli = cli.with("KUBECONFIG", "one/config:missing:two/config:");
    let added = cli
        .run(&["add", "lab", "--yes", "-o", "json"])
        .await
        .expect(0);
    assert!(added.json()["commit"]["id"].is_string(), "{added:#?}");
    assert_eq!(cli.run(&["get", "-o", "name"]).await.stdout.trim(), "lab");
    let token = stored_token(&tenant.kubernetes).await;
    assert_eq!(token, "lasting-token-of-a-file");
    let none = cli.run(&["add"]).await.expect(2);
    let listed = format!("registered:\n  lab  {API_SERVER}\n");
    assert!(none.stderr.ends_with(&listed), "{none:#?}");
    let unknown = cli.run(&["add", "lob", "--yes"]).await.expect(2);
    assert!(
        unknown
            .stderr
            .contains("the kubeconfig has no context lob; it has: lab"),
        "{unknown:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_would_be_registered_and_makes_nothing() {
    let laptop = laptop_with_program().await;
    let (before, written) = (names(&laptop.cluster), laptop.tenant.written());
    let add = ["add", CONTEXT, "--api-server", API_SERVER];
    let dry = laptop
        .cli
        .run(&[&add[..], &["--dry-run"]].concat())
        .await
        .expect(0);
    assert!(
        dry.stdout
            .contains("+ nautes/overlays/production/clusters/prod.yaml"),
        "{dry:#?}"
    );
    assert!(
        dry.stderr
            .contains("will be registered as prod, and the service account"),
        "{dry:#?}"
    );
    assert_eq!(names(&laptop.cluster), before);
    assert_eq!(laptop.tenant.written(), written);
    assert!(!is_registered(&laptop));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_name_that_several_files_have_the_first_one_counts() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let ca_pem = tenant.kubernetes.ca_pem();
    let other_server = "https://8.217.50.115:6443";
    let user = json!({"token": "token-of-the-first-file"});
    cli.write("first", &kubeconfig("lab", API_SERVER, ca_pem, &user));
    // A second file has the same names of context, cluster and user, another current context, and something of its own.
    let user = json!({"token": "token-of-the-second-file"});
    let second = kubeconfig("lab", other_server, ca_pem, &user);
    let mut second: Value = serde_json::from_str(&second).unwrap();
    let far = json!({"name": "far", "context": {"cluster": "far", "user": "u"}});
    second["contexts"].as_array_mut().unwrap().push(far);
    let far = json!({"name": "far", "cluster": {"server": other_server}});
    second["clusters"].as_array_mut().unwrap().push(far);
    second["current-context"] = "far".into();
    cli.write("second", &second.to_string());
    let cli = cli.with("KUBECONFIG", "first:second");
    let listed = cli.run(&["add"]).await.expect(2);
    let contexts = format!("registered:\n* lab  {API_SERVER}\n  far  {other_server}\n");
    assert!(listed.stderr.ends_with(&contexts), "{listed:#?}");
    cli.run(&["add", "lab", "--yes", "--no-wait"])
        .await
        .expect(0);
    let token = stored_token(&tenant.kubernetes).await;
    assert_eq!(token, "token-of-the-first-file");
    // The other way round it is the second file's.
    let cli = cli.with("KUBECONFIG", "second:first");
    let listed = cli.run(&["add"]).await.expect(2);
    let contexts = format!("registered:\n  lab  {other_server}\n* far  {other_server}\n");
    assert!(listed.stderr.ends_with(&contexts), "{listed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_can_not_be_looked_at_is_not_taken_for_missing() {
    let cli = CommandLine::new("http://127.0.0.1:1").with("NAUTES_TOKEN", "t");
    let user = json!({"token": "t"});
    cli.write("first", &kubeconfig("lab", API_SERVER, "", &user));
    let cli = cli.with("KUBECONFIG", "first/below:first");
    let failed = cli.run(&["add", "lab", "--yes"]).await.expect(2);
    let words = "can't read the kubeconfig first/below: Not a directory";
    assert!(failed.stderr.contains(words), "{failed:#?}");
    // A missing file of KUBECONFIG is passed over, as in kubectl: the service would be asked.
    let cli = cli.with("KUBECONFIG", "missing:first");
    cli.run(&["add", "lab", "--yes"]).await.expect(1);
}
