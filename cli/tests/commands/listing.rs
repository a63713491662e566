//! `get`, `status` and `wait`, in pipes.

use std::time::Duration;

use sandbox_argocd::ApplicationBehaviour;

use crate::support::{
    CommandLine, FakeServer, WORKER, command_line, guide_path, tenant, tenant_and_argo,
};

#[tokio::test(flavor = "multi_thread")]
async fn clusters_are_listed_shown_and_waited_for() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let none = cli.run(&["get"]).await.expect(0);
    assert_eq!(
        (none.stdout.as_str(), none.stderr.trim()),
        ("", "no clusters")
    );

    cli.run(&["apply", "-f", &guide_path(WORKER), "--wait", "--quiet"])
        .await
        .expect(0);
    let table = cli.run(&["get"]).await.expect(0).stdout;
    let lines: Vec<&str> = table.lines().collect();
    let header: Vec<&str> = lines[0].split_whitespace().collect();
    assert_eq!(
        header,
        [
            "NAME", "KIND", "USAGE", "HOST", "PHASE", "READY", "EXPIRES", "AGE"
        ]
    );
    let row: Vec<&str> = lines[1].split_whitespace().collect();
    assert_eq!(
        row[..5],
        [WORKER, "physical", "worker/deployment", "-", "Ready"]
    );
    assert!(row[5].contains('/'), "{table}");
    // Registered seconds or minutes ago.
    assert!(row[7].ends_with(['s', 'm']), "{table}");
    let wide = cli
        .run(&["get", WORKER, "-o", "wide"])
        .await
        .expect(0)
        .stdout;
    assert!(
        wide.contains("https://8.217.50.114:6443") && wide.contains("API SERVER"),
        "{wide}"
    );

    let shown = cli
        .run(&["get", WORKER, "-o", "json"])
        .await
        .expect(0)
        .json();
    let answered: serde_json::Value = serde_json::from_str(&tenant.get(WORKER).await.text).unwrap();
    assert_eq!(shown, answered);
    let list = cli.run(&["get", "-o", "json"]).await.expect(0).json();
    assert_eq!(list["items"][0]["name"], WORKER);
    let yaml = cli.run(&["get", "-o", "yaml"]).await.expect(0).stdout;
    assert!(
        yaml.contains("items:") && yaml.contains("phase: Ready"),
        "{yaml}"
    );
    let selected = cli
        .run(&["get", "-o", "name", "--selector", "usage=host"])
        .await
        .expect(0);
    assert_eq!(selected.stdout.trim(), "");
    let wrong = cli
        .run(&["get", "--selector", "colour=red"])
        .await
        .expect(1);
    assert!(
        wrong.stderr.contains("error[VALIDATION_FAILED]"),
        "{wrong:#?}"
    );
    let unknown = cli.run(&["get", "unknown"]).await.expect(1);
    assert!(
        unknown
            .stderr
            .contains("error[CLUSTER_NOT_FOUND]: cluster unknown is not registered"),
        "{unknown:#?}"
    );
    // Beside one that is there it is told to people, and what is printed goes into `apply`.
    let both = ["get", WORKER, "unknown", "-o", "json"];
    let both = cli.run(&both).await.expect(1);
    assert_eq!(
        both.json(),
        serde_json::json!({"items": [shown]}),
        "{both:#?}"
    );
    assert!(
        both.stderr.starts_with("error[CLUSTER_NOT_FOUND]: "),
        "{both:#?}"
    );

    let tree = cli.run(&["status", WORKER]).await.expect(0).stdout;
    assert!(tree.starts_with(&format!("{WORKER}  Ready\n")), "{tree}");
    assert!(
        tree.contains("├─ physical worker for deployments") && tree.contains("✔ argocd"),
        "{tree}"
    );
    assert!(!tree.contains('\x1b'), "{tree:?}");
    let watched = cli.run(&["status", WORKER, "--watch"]).await.expect(0);
    assert!(
        watched.stderr.contains("everything is installed"),
        "{watched:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_get_prints_can_be_applied_again() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let other = tests::guide("v0.4", WORKER).replace("8.217.50.114", "8.217.50.115");
    cli.write("other.json", &other);
    let host = guide_path("cluster-host");
    let inner = guide_path("virtual-worker-deployment");
    cli.run(&["apply", "-f", &host, &inner, "other.json", "-q"])
        .await
        .expect(0);
    let before = tenant.messages();
    for format in ["yaml", "json"] {
        for names in [&[][..], &["other", "cluster-host"], &["other"]] {
            let get: Vec<&str> = ["get", "-o", format].iter().chain(names).copied().collect();
            let printed = cli.run(&get).await.expect(0).stdout;
            let file = format!("all.{format}");
            cli.write(&file, &printed);
            let applied = cli
                .run(&["apply", "-f", &file, "-o", "json"])
                .await
                .expect(0);
            let document = applied.json();
            let clusters = document["clusters"].as_array().unwrap();
            let count = if names.is_empty() { 3 } else { names.len() };
            assert_eq!(clusters.len(), count, "{applied:#?}");
            let mut results = clusters.iter().map(|cluster| &cluster["result"]);
            assert!(results.all(|result| result == "unchanged"), "{applied:#?}");
            assert!(!applied.stderr.contains("unknown"), "{applied:#?}");
        }
    }
    assert_eq!(tenant.messages(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_ends_with_the_right_code() {
    let (tenant, argo) = tenant_and_argo(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let component = format!("{WORKER}-external-secrets");
    argo.behave(&component, ApplicationBehaviour::Stuck);
    cli.run(&["apply", "-f", &guide_path(WORKER)])
        .await
        .expect(0);
    let late = cli
        .run(&["wait", WORKER, "--timeout", "2s"])
        .await
        .expect(124);
    assert!(
        late.stderr
            .contains("was not ready within 2s; the work goes on"),
        "{late:#?}"
    );
    let late = cli
        .run(&[
            "apply",
            "-f",
            &guide_path(WORKER),
            "--wait",
            "--timeout",
            "2s",
        ])
        .await
        .expect(124);
    assert!(late.stdout.contains("timeout"), "{late:#?}");
    let late = cli
        .run(&["wait", WORKER, "--for", "removed", "--timeout", "1s"])
        .await
        .expect(124);
    assert!(late.stderr.contains("was not gone"), "{late:#?}");
    cli.run(&["wait", "unknown"]).await.expect(1);
    cli.run(&["wait", "unknown", "--for", "removed"])
        .await
        .expect(0);
    cli.run(&["wait", WORKER, "--for", "lunch"]).await.expect(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_clusters_are_waited_for_at_the_same_time() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let other = tests::guide("v0.4", WORKER).replace("8.217.50.114", "8.217.50.115");
    cli.write("other.json", &other);
    cli.run(&["apply", "-f", &guide_path(WORKER), "other.json"])
        .await
        .expect(0);
    let both = cli.run(&["wait", WORKER, "other"]).await.expect(0);
    assert_eq!(both.stdout, format!("{WORKER} is ready\nother is ready\n"));
    let wait = ["wait", "other", "unknown", "-o", "json"];
    let mixed = cli.run(&wait).await.expect(1);
    let clusters = &mixed.json()["clusters"];
    assert_eq!(clusters[0]["status"]["phase"], "Ready", "{mixed:#?}");
    let error = clusters[1]["error"].as_str().unwrap();
    assert!(error.contains("unknown is not registered"), "{mixed:#?}");
    let late = [
        "wait",
        "other",
        "gone",
        "--for",
        "removed",
        "--timeout",
        "1s",
    ];
    let late = cli.run(&late).await.expect(124);
    assert_eq!(late.stdout, "gone is gone\n");
    assert!(
        late.stderr.contains("other was not gone within 1s"),
        "{late:#?}"
    );
}

/// Where a word stands in each of the lines that have it.
fn columns(text: &str, word: &str) -> Vec<usize> {
    text.lines().filter_map(|line| line.find(word)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_watch_stand_below_their_header() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let short = tests::guide("v0.4", WORKER).replace("8.217.50.114", "8.217.50.115");
    cli.write("a.json", &short);
    let apply = ["apply", "-f", &guide_path(WORKER), "a.json", "--wait", "-q"];
    cli.run(&apply).await.expect(0);
    let watch = cli.on_terminal(&["get", "-w"], 120);
    watch.wait_for("physical");
    // The row of a short name has to leave room for the long one.
    cli.run(&["delete", "a", "--yes", "-q"]).await.expect(0);
    watch.wait_for("a is not registered any more");
    watch.send("\x03");
    let (code, window) = watch.finish();
    assert_eq!(code, 130, "{window}");
    let mut places = columns(&window, "physical  ");
    places.dedup();
    assert_eq!(places, [window.find("KIND").unwrap()], "{window}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_begins_with_nothing_has_its_header() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let watch = cli.on_terminal(&["get", "-w"], 120);
    watch.wait_for("no clusters");
    cli.run(&["apply", "-f", &guide_path(WORKER), "-q"])
        .await
        .expect(0);
    watch.wait_for("physical");
    watch.send("\x03");
    let (_, window) = watch.finish();
    let (header, row) = (window.find("KIND"), window.find("physical  "));
    assert!(header.is_some() && header < row, "{window}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_of_a_tree_fits_a_low_window() {
    let (tenant, argo) = tenant_and_argo(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    argo.behave(&format!("{WORKER}-traefik"), ApplicationBehaviour::Stuck);
    cli.run(&["apply", "-f", &guide_path(WORKER)])
        .await
        .expect(0);
    let program = env!("CARGO_BIN_EXE_nautes-clusters");
    let screen = cli.program_on_terminal(program, &["status", WORKER, "-w"], (12, 100));
    screen.wait_for("traefik");
    screen.wait_for("and 8 ready");
    screen.send("\x03");
    let (code, window) = screen.finish();
    assert_eq!(code, 130, "{window}");
    // One tree: what is pushed out of the window can't be taken back, and would stand there several times.
    assert_eq!(window.matches("components 8/9").count(), 1, "{window}");
    assert_eq!(window.matches("… traefik").count(), 1, "{window}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_of_a_cluster_tells_its_changes_and_ends_with_it() {
    let tenant = tenant(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    cli.run(&["apply", "-f", &guide_path(WORKER), "--wait", "--quiet"])
        .await
        .expect(0);
    let removal = command_line(&tenant);
    let watch = cli.run(&["get", WORKER, "-w"]);
    let (watched, _) = tokio::join!(watch, async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let delete = ["delete", WORKER, "--yes", "--wait"];
        removal.run(&delete).await.expect(0)
    });
    let watched = watched.expect(0);
    assert!(watched.stdout.contains(WORKER), "{watched:#?}");
    let gone = format!("{WORKER} is not registered any more");
    assert!(watched.stderr.contains(&gone), "{watched:#?}");
    assert!(!watched.stderr.contains("error"), "{watched:#?}");
}

/// A cluster as a service answers it.
fn cluster(phase: &str) -> String {
    let cluster = api::Cluster {
        name: "build".to_owned(),
        ..api::Cluster::default()
    };
    let mut cluster = serde_json::to_value(cluster).unwrap();
    cluster["status"] = serde_json::json!({"phase": phase, "components": []});
    cluster.to_string()
}

/// Names and phases of documents.
fn phases(documents: &[serde_json::Value]) -> Vec<(&str, &str)> {
    let documents = documents.iter().map(|document| {
        let (name, phase) = (&document["name"], &document["status"]["phase"]);
        (name.as_str().unwrap(), phase.as_str().unwrap())
    });
    documents.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_of_documents_has_one_in_a_line_or_behind_each_mark() {
    let json = "Content-Type: application/json";
    let (installing, ready) = (cluster("Installing"), cluster("Ready"));
    let gone = api::Problem::new(404, api::Reason::ClusterNotFound, "gone".to_owned());
    let gone = serde_json::to_string(&gone).unwrap();
    let answers = [
        ("200 OK", json, installing.as_str()),
        ("502 Bad Gateway", "Server: nginx", "restarting"),
        ("200 OK", json, ready.as_str()),
        ("404 Not Found", json, gone.as_str()),
    ];
    let watched = async |format: &str| {
        let server = FakeServer::start(&answers);
        let cli = CommandLine::new(&server.url).with("NAUTES_TOKEN", "t");
        let watched = cli.run(&["get", "build", "-w", "-o", format]).await;
        let watched = watched.expect(0);
        let said = "no news at the moment: a gateway's page: 502 Bad Gateway";
        assert!(watched.stderr.contains(said), "{watched:#?}");
        watched.stdout
    };
    let (lines, marked) = tokio::join!(watched("json"), watched("yaml"));
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let told = [("build", "Installing"), ("build", "Ready")];
    assert_eq!(phases(&lines), told);
    assert_eq!(marked.matches("---\n").count(), 2, "{marked}");
    let documents: Vec<serde_json::Value> = serde_saphyr::from_multiple(&marked).unwrap();
    assert_eq!(phases(&documents), told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_of_a_tree_that_ends_with_a_failure_is_one() {
    let (installing, degraded) = (
        cluster("Installing"),
        r#"{"phase":"Degraded","components":[]}"#,
    );
    for (reason, code) in [("ready", 0), ("removed", 0), ("failed", 1), ("degraded", 1)] {
        let events = format!(
            "event: cluster\ndata: {installing}\n\nevent: status\ndata: {degraded}\n\n\
             event: end\ndata: {{\"reason\":\"{reason}\",\"message\":\"farewell\"}}\n\n"
        );
        let server = FakeServer::start(&[("200 OK", "Content-Type: text/event-stream", &events)]);
        let cli = CommandLine::new(&server.url).with("NAUTES_TOKEN", "t");
        let watch = ["status", "build", "-w", "-o", "json"];
        let watched = cli.run(&watch).await.expect(code);
        let lines = watched.stdout.lines().map(serde_json::from_str);
        let lines: Vec<serde_json::Value> = lines.map(Result::unwrap).collect();
        let told = [("build", "Installing"), ("build", "Degraded")];
        assert_eq!(phases(&lines), told, "{watched:#?}");
        let said = match code {
            0 => "farewell",
            _ => "build: a component failed",
        };
        assert!(watched.stderr.contains(said), "{watched:#?}");
    }

    let (tenant, argo) = tenant_and_argo(Duration::from_millis(20)).await;
    let cli = command_line(&tenant);
    let failure = ApplicationBehaviour::Degraded("no such image".to_owned());
    argo.behave(&format!("{WORKER}-traefik"), failure);
    cli.run(&["apply", "-f", &guide_path(WORKER), "-q"])
        .await
        .expect(0);
    let watched = cli.run(&["status", WORKER, "-w"]).await.expect(1);
    let failed = watched.stderr.contains(&format!("error: {WORKER}: "));
    assert!(
        failed && watched.stderr.contains("no such image"),
        "{watched:#?}"
    );
    // A look is none: it tells what there is.
    let shown = cli.run(&["status", WORKER]).await.expect(0);
    assert!(shown.stdout.contains("Degraded"), "{shown:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_can_not_be_read_is_in_every_format() {
    let detail =
        "nautes/overlays/production/clusters/w1.yaml in the repository can't be read (is not YAML)";
    let list = serde_json::json!({"items": [],
        "unreadable": [{"name": "w1", "path": "nautes/overlays/production/clusters/w1.yaml", "detail": detail}]});
    let json = (
        "200 OK",
        "Content-Type: application/json",
        &*list.to_string(),
    );
    let server = FakeServer::start(&[json]);
    let cli = CommandLine::new(&server.url).with("NAUTES_TOKEN", "t");
    let table = cli.run(&["get"]).await.expect(0);
    assert!(table.stderr.contains(detail), "{table:#?}");
    let shown = cli.run(&["get", "-o", "json"]).await.expect(0);
    assert_eq!(shown.json(), list);
    assert!(shown.stderr.contains(detail), "{shown:#?}");
}
