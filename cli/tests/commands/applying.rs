//! `apply` and `diff`, in pipes.

use std::time::Duration;

use sandbox_argocd::ApplicationBehaviour;
use serde_json::{Value, json};

use crate::adding::{API_SERVER, stored_token};
use crate::support::{
    CommandLine, GatheringServer, WORKER, command_line, guide_path, kubeconfig, tenant,
    tenant_and_argo,
};

const STEP: Duration = Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_compared_saved_and_waited_for() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    let file = guide_path(WORKER);

    let before = tenant.written();
    let diff = cli.run(&["diff", "-f", &file]).await.expect(1);
    assert!(
        diff.stdout
            .contains("+++ b/nautes/overlays/production/clusters/physical-worker-deployment.yaml"),
        "{diff:#?}"
    );
    assert!(
        diff.stderr
            .contains("4 objects to write in the management cluster, changed or not"),
        "{diff:#?}"
    );
    assert!(
        diff.stdout
            .contains("▸ Secret argocd/cluster-8.217.50.114-"),
        "{diff:#?}"
    );
    let summary = cli.run(&["diff", "--summary", "-f", &file]).await.expect(1);
    assert!(
        summary
            .stdout
            .contains("+ nautes/overlays/production/clusters/physical-worker-deployment.yaml")
    );
    for word in ["--dry-run", "--dry-run=client", "--dry-run=server"] {
        let dry = cli.run(&["apply", "-f", &file, word]).await.expect(0);
        // A fingerprint has another salt each time.
        let lines = |text: &str| {
            text.lines()
                .filter(|line| !line.contains("sha256:"))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(&dry.stdout), lines(&diff.stdout), "{word}");
    }
    assert_eq!(tenant.written(), before);

    let applied = cli.run(&["apply", "-f", &file, "--wait"]).await.expect(0);
    let lines: Vec<&str> = applied.stdout.lines().collect();
    assert!(
        lines[0].starts_with("NAME") && lines[1].starts_with(WORKER) && lines[1].contains("ready"),
        "{applied:#?}"
    );
    assert!(
        applied.stderr.contains("argocd: "),
        "a line for each change: {applied:#?}"
    );
    assert!(
        !applied.stderr.contains('\r') && !applied.stderr.contains('\x1b'),
        "{applied:#?}"
    );

    let again = cli
        .run(&["apply", "-f", &file, "-o", "json"])
        .await
        .expect(0);
    assert_eq!(again.json()["clusters"][0]["result"], "unchanged");
    let none = cli.run(&["diff", "-f", &file]).await.expect(0);
    assert!(none.stdout.trim().is_empty(), "{none:#?}");
    assert!(
        none.stderr
            .contains(&format!("{WORKER}: no differences in the repository")),
        "{none:#?}"
    );
    let waited = cli
        .run(&["wait", WORKER, "--for", "ready", "-o", "json"])
        .await
        .expect(0);
    assert_eq!(waited.json()["status"]["phase"], "Ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_go_before_virtual_clusters_and_a_file_has_both() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    let host = tests::guide("v0.4", "cluster-host");
    let host = host.replacen('{', "{\"name\": \"cluster-host\",", 1);
    let virtual_one = "---\nkind: Cluster\nspec:\n  name: inner\n  apiServer: https://8.217.50.114:31456\n  clusterType: virtual\n  \
                       usage: worker\n  workerType: deployment\n  hostCluster: cluster-host\n---\n";
    let file = cli.write("all.yaml", &format!("{virtual_one}{host}"));
    // A manifest spells the field as /spec/hostCluster.
    let diff = cli
        .run(&["diff", "-f", "all.yaml", "-o", "json"])
        .await
        .expect(1);
    let entries = diff.json()["clusters"].as_array().unwrap().clone();
    let waiting = entries.iter().find(|entry| entry["name"] == "inner");
    assert_eq!(waiting.unwrap()["waits_for"], "cluster-host", "{diff:#?}");
    let applied = cli
        .run(&["apply", "-f", file.to_str().unwrap()])
        .await
        .expect(0);
    let names: Vec<&str> = applied
        .stdout
        .lines()
        .skip(1)
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(names, ["cluster-host", "inner"], "{applied:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn four_are_saved_at_a_time_and_virtual_clusters_after_all_others() {
    let saved = json!({"message": "saved", "warnings": [], "commit": null, "installs": []});
    let answer = (
        "200 OK",
        "Content-Type: application/json",
        &*saved.to_string(),
    );
    let server = GatheringServer::start(4, &answer);
    let cli = CommandLine::new(&server.url).with("NAUTES_TOKEN", "t");
    // Read first, by its name, and sent last.
    let inner = "cluster_type: virtual\nhost_cluster: host-1\n";
    cli.write("clusters/a-virtual-one.yaml", inner);
    for number in 1..=6 {
        let host = "cluster_type: physical\nusage: host\n";
        cli.write(&format!("clusters/host-{number}.yaml"), host);
    }
    let applied = cli.run(&["apply", "-f", "clusters"]).await.expect(0);
    assert_eq!(applied.stdout.lines().count(), 8, "{applied:#?}");
    let requests = server.requests();
    assert_eq!(requests.most_at_once, 4);
    assert_eq!(requests.lines.len(), 7);
    let last = "POST /api/v1/clusters/a-virtual-one HTTP/1.1";
    assert_eq!(requests.lines[6], last);
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_below_a_folder_are_read_where_that_is_asked_for() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    let request = tests::guide("v0.4", WORKER);
    cli.write("clusters/upper.json", &request);
    let lower = request.replace("8.217.50.114", "8.217.50.115");
    cli.write("clusters/team/lab/lower.json", &lower);
    cli.write("clusters/team/notes.txt", "no cluster\n");
    // Links to folders lead round and round, and one has the end of a file's name.
    for link in ["clusters/all", "clusters/team/all", "clusters/all.yaml"] {
        let folder = cli.home.path().join("clusters");
        std::os::unix::fs::symlink(folder, cli.home.path().join(link)).unwrap();
    }
    let names = async |command: &[&str], code: i32| {
        let arguments = [command, &["-f", "clusters", "-o", "json"]].concat();
        let document = cli.run(&arguments).await.expect(code).json();
        let clusters = document["clusters"].as_array().unwrap().iter();
        let names = clusters.map(|cluster| cluster["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&["diff"], 1).await, ["upper"]);
    assert_eq!(names(&["diff", "-R"], 1).await, ["lower", "upper"]);
    assert_eq!(names(&["apply"], 0).await, ["upper"]);
    assert_eq!(
        names(&["apply", "--recursive"], 0).await,
        ["lower", "upper"]
    );
    let listed = cli.run(&["get", "-o", "name"]).await.expect(0);
    assert_eq!(listed.stdout, "lower\nupper\n");
    let delete = ["delete", "--dry-run"];
    assert_eq!(names(&delete, 0).await, ["upper"]);
    let delete = ["delete", "--dry-run", "-R"];
    assert_eq!(names(&delete, 0).await, ["lower", "upper"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_hold_is_shown_at_its_line_and_nothing_is_written() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    let before = tenant.written();
    let file = "kind: Cluster\nspec:\n  name: broken\n  apiServer: http://8.217.50.114:6443\n  clusterType: physical\n  \
                usage: worker\n  workerType: pipelines\n  kubeconfig: canary\n";
    cli.write("broken.yaml", file);
    let applied = cli.run(&["apply", "-f", "broken.yaml"]).await.expect(1);
    assert!(applied.stdout.contains("broken  failed"), "{applied:#?}");
    for words in [
        "error[VALIDATION_FAILED]",
        "broken.yaml:4:14",
        "http://8.217.50.114:6443",
        "broken.yaml:7:15",
        "nothing was written",
    ] {
        assert!(applied.stderr.contains(words), "{words}: {applied:#?}");
    }
    assert!(!format!("{applied:?}").contains("canary"), "{applied:#?}");
    // A host that fails keeps its virtual clusters back.
    let both = "name: host\ncluster_type: physical\nusage: host\n---\nname: inner\ncluster_type: virtual\nhost_cluster: host\n";
    cli.write("both.yaml", both);
    let applied = cli
        .run(&["apply", "-f", "both.yaml", "-o", "json"])
        .await
        .expect(1);
    let results = applied.json();
    assert_eq!(results["clusters"][1]["result"], "skipped", "{applied:#?}");
    // The document has everything, and the messages beside it are for people.
    let problem = &results["clusters"][0]["problem"];
    assert_eq!(problem["reason"], "VALIDATION_FAILED", "{applied:#?}");
    assert_eq!(problem["violations"][0]["field"], "/api_server");
    assert!(
        applied.stderr.contains("error[VALIDATION_FAILED]")
            && applied.stderr.contains("both.yaml:1:"),
        "{applied:#?}"
    );
    let compared = cli
        .run(&["diff", "-f", "both.yaml", "-o", "json"])
        .await
        .expect(2);
    let entry = &compared.json()["clusters"][0];
    assert_eq!(entry["problem"]["reason"], "VALIDATION_FAILED", "{entry:#}");
    assert_eq!(entry.get("differs"), None, "{entry:#}");
    cli.run(&["diff", "-f", "broken.yaml"]).await.expect(2);
    assert_eq!(tenant.written(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_body_is_shown_at_its_line() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    cli.write(
        "slip.json",
        "{\n  \"usage\": \"host\", # a comment\n  \"cluster_type\": \"physical\"\n}\n",
    );
    let applied = cli.run(&["apply", "-f", "slip.json"]).await.expect(1);
    assert!(
        applied.stderr.contains("error[MALFORMED_BODY]") && applied.stderr.contains("slip.json:2:"),
        "{applied:#?}"
    );
    let missing = cli.run(&["apply", "-f", "nowhere.yaml"]).await.expect(2);
    assert!(
        missing.stderr.contains("can't read nowhere.yaml"),
        "{missing:#?}"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_names_no_cluster() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    let before = tenant.written();
    let request = tests::guide("v0.4", WORKER);
    for path in ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        let apply = ["apply", "-f", path];
        let refused = cli.run_with_input(&apply, &request).await.expect(2);
        assert!(
            refused
                .stderr
                .contains("standard input, line 1: the cluster's name is missing"),
            "{path}: {refused:#?}"
        );
        let diff = ["diff", "--summary", "-f", path, "--name", "piped"];
        let named = cli.run_with_input(&diff, &request).await.expect(1);
        assert!(named.stdout.contains("clusters/piped.yaml"), "{named:#?}");
    }
    cli.write("request", &request);
    let substituted = format!(
        "{} apply -f <(cat request)",
        env!("CARGO_BIN_EXE_nautes-clusters")
    );
    let screen = cli.program_on_terminal("bash", &["-c", &substituted], (40, 120));
    let (code, window) = screen.finish();
    assert_eq!(code, 2, "{window}");
    assert!(window.contains("the cluster's name is missing"), "{window}");
    assert_eq!(tenant.written(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubeconfig_comes_from_files_and_contexts() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    let request: serde_json::Value = serde_json::from_str(&tests::guide("v0.4", WORKER)).unwrap();
    let kubeconfig = request["kubeconfig"].as_str().unwrap();
    let kubeconfig = {
        use base64::Engine as _;
        let decoded = base64::engine::general_purpose::STANDARD
            .decode(kubeconfig)
            .unwrap();
        String::from_utf8(decoded).unwrap()
    };
    cli.write("secrets/admin.conf", &kubeconfig);
    let manifest = "kind: Cluster\nspec:\n  name: from-file\n  apiServer: https://8.217.50.114:6443\n  clusterType: physical\n  \
                    usage: worker\n  workerType: deployment\n  kubeconfigFile: ../secrets/admin.conf\n";
    cli.write("clusters/one.yaml", manifest);
    cli.run(&["apply", "-f", "clusters"]).await.expect(0);
    // What was written down is the cluster, not the way to its kubeconfig.
    let files = format!("{:?}", tenant.files());
    assert!(files.contains("from-file") && !files.contains("admin.conf"));
    cli.run(&[
        "apply",
        "-f",
        &guide_path(WORKER),
        "--kubeconfig",
        "secrets/admin.conf",
    ])
    .await
    .expect(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubeconfig_can_be_given_by_arguments() {
    let tenant = tenant(STEP).await;
    let ca_pem = tenant.kubernetes.ca_pem();
    let config = |context: &str, token: &str| {
        let user = json!({"token": token});
        kubeconfig(context, API_SERVER, ca_pem, &user)
    };
    let cli = command_line(&tenant).with("KUBECONFIG", "config");
    cli.write("config", &config("far", "token-of-the-context"));
    cli.write("secrets/admin.conf", &config("lab", "token-of-the-file"));
    let mut request: Value = serde_json::from_str(&tests::guide("v0.4", WORKER)).unwrap();
    request.as_object_mut().unwrap().remove("kubeconfig");
    cli.write("lab.json", &request.to_string());
    let apply = ["apply", "-f", "lab.json"];
    let none = cli.run(&apply).await.expect(1);
    let advice = "here that is --kubeconfig FILE, --context NAME";
    assert!(none.stderr.contains(advice), "{none:#?}");
    for (arguments, token) in [
        (
            &["--kubeconfig", "secrets/admin.conf"][..],
            "token-of-the-file",
        ),
        (&["--context", "far"], "token-of-the-context"),
        (
            &["--kubeconfig", "secrets/admin.conf", "--context", "lab"],
            "token-of-the-file",
        ),
    ] {
        let applied = cli.run(&[&apply[..], arguments].concat()).await.expect(0);
        assert!(applied.stdout.contains("lab   saved"), "{applied:#?}");
        let stored = stored_token(&tenant.kubernetes).await;
        assert_eq!(stored, token, "{arguments:?}");
    }
    // Which of two clusters would it be?
    cli.write(
        "two.yaml",
        "name: a\nusage: host\n---\nname: b\nusage: host\n",
    );
    // The install of the other one goes on meanwhile.
    let before = tenant.messages();
    for (argument, value) in [("--kubeconfig", "secrets/admin.conf"), ("--context", "far")] {
        let apply = ["apply", "-f", "two.yaml", argument, value];
        let refused = cli.run(&apply).await.expect(2);
        let words = "--kubeconfig and --context are for one cluster, and there are 2";
        assert!(refused.stderr.contains(words), "{refused:#?}");
    }
    assert_eq!(tenant.messages(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_manifest_of_init_can_be_applied_as_it_is() {
    let tenant = tenant(STEP).await;
    let cli = command_line(&tenant);
    let request: serde_json::Value =
        serde_json::from_str(&tests::guide("v0.4", "cluster-host")).unwrap();
    let kubeconfig = request["kubeconfig"].as_str().unwrap();
    let decoded = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD
            .decode(kubeconfig)
            .unwrap()
    };
    cli.write("admin.conf", &String::from_utf8(decoded).unwrap());
    for (number, kind) in [
        "host",
        "physical-worker-deployment",
        "physical-worker-pipeline",
        "virtual-worker-deployment",
        "virtual-worker-pipeline",
    ]
    .into_iter()
    .enumerate()
    {
        let manifest = cli.run(&["init", kind]).await.expect(0).stdout;
        assert!(manifest.contains("CHANGE"));
        // The marked places are the addresses and names, which differ from cluster to cluster.
        let manifest =
            manifest.replace("192.0.2.10:6443", &format!("192.0.2.{}:6443", 10 + number));
        let manifest = manifest.replace(":31456", &format!(":{}", 31456 + number));
        let manifest = manifest
            .replace("30080", &format!("{}", 30100 + number))
            .replace("30443", &format!("{}", 30200 + number));
        cli.write("cluster.yaml", &manifest);
        let applied = cli.run(&["apply", "-f", "cluster.yaml"]).await.expect(0);
        assert!(!applied.stderr.contains("unknown"), "{kind}: {applied:#?}");
    }
    let listed = cli.run(&["get", "-o", "name"]).await.expect(0);
    assert_eq!(listed.stdout.lines().count(), 5, "{listed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_stuck_keeps_no_news_of_others_back() {
    let (tenant, argo) = tenant_and_argo(STEP).await;
    let cli = command_line(&tenant);
    for (name, address) in [
        ("first", "8.217.50.114"),
        ("second", "8.217.50.115"),
        ("third", "8.217.50.116"),
    ] {
        let request = tests::guide("v0.4", WORKER).replace("8.217.50.114", address);
        cli.write(&format!("clusters/{name}.json"), &request);
    }
    argo.behave("first-traefik", ApplicationBehaviour::Stuck);
    argo.behave(
        "second-traefik",
        ApplicationBehaviour::Degraded("no such image".to_owned()),
    );
    let applied = cli
        .run(&[
            "apply",
            "-f",
            "clusters",
            "--wait",
            "--timeout",
            "8s",
            "-o",
            "json",
        ])
        .await
        .expect(124);
    let results = applied.json();
    for (number, result, error) in [
        (0, "timeout", "first was not ready within 8s"),
        (1, "failed", "no such image"),
        (2, "ready", ""),
    ] {
        let cluster = &results["clusters"][number];
        assert_eq!(cluster["result"], result, "{applied:#?}");
        let said = cluster["error"].as_str().unwrap_or_default();
        assert!(said.contains(error), "{applied:#?}");
    }
}
