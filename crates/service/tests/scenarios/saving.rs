//! What a save sends, and in how many round trips.

use serde_json::{Value, json};

use crate::runtime::Memory;
use crate::setting::{
    host, read, reason, registered, save, truth, try_save, virtual_worker, without_kubeconfig,
    worker,
};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

fn secrets(memory: &Memory) -> Vec<String> {
    let inner = memory.0.borrow();
    let keys = inner.kubernetes.objects.keys();
    keys.filter(|key| key.starts_with("secrets/"))
        .cloned()
        .collect()
}

#[test]
fn a_first_save_sends_these_calls_in_this_order() {
    let memory = registered(&[]);
    let (status, body) = save(&memory, "w1", &worker(A));
    assert_eq!(status, 200, "{body}");
    let calls = memory.calls();
    let secret = &secrets(&memory)[0];
    assert_eq!(
        calls,
        [
            "gitlab GET project group%2Ftenant",
            "gitlab GET branches/main",
            "gitlab GET file nautes/overlays/production/clusters/w1.yaml",
            "gitlab GET file nautes/overlays/production/api-servers/cluster-a.example.com-2868164046.yaml",
            "gitlab GET file nautes/overlays/production/clusters/kustomization.yaml",
            "gitlab GET tree host-clusters",
            "gitlab GET tree host-clusters/w1",
            "gitlab GET tree runtimes",
            "gitlab GET tree runtimes/w1-runtime",
            "gitlab GET tree tenant/production",
            // Whose the names are, in the same round trip: first what bears the cluster's name, then the Secret of
            // its API server and those of others.
            "kubernetes GET secrets",
            "kubernetes GET clusters/w1",
            "kubernetes GET jobs/w1-kubeconfig",
            "kubernetes GET applications",
            // An install that is older than the label shows by one of these.
            "kubernetes GET applications/w1",
            "kubernetes GET applications/w1-runtime",
            &format!("kubernetes GET {secret}"),
            "kubernetes GET secrets",
            "gitlab POST commits",
            // All of these at once.
            &format!("kubernetes PATCH {secret}"),
            "kubernetes PATCH appprojects/tenant1",
            "kubernetes PATCH applications/tenant1-management",
            "kubernetes PATCH clusters/w1",
            // Nothing else is there yet to be refreshed.
            "kubernetes PATCH applications/tenant1-management",
        ]
        .map(|call| call.replace("cluster-a.example.com-2868164046", secret.trim_start_matches("secrets/")))
    );
    // Whether they would be taken, beside the reads.
    let trials = memory.0.borrow().trials.clone();
    assert_eq!(
        trials,
        [
            "kubernetes TRY clusters/w1".to_owned(),
            format!("kubernetes TRY {secret}"),
            "kubernetes TRY appprojects/tenant1".to_owned(),
            "kubernetes TRY applications/tenant1-management".to_owned(),
        ]
    );
    let actions: Vec<&Value> = body["installs"].as_array().unwrap().iter().collect();
    assert_eq!(actions[3]["action"], "created");
    assert_eq!(actions[3]["kind"], "Secret");
    assert_eq!(actions[4]["action"], "refreshed");
}

#[test]
fn a_save_of_any_kind_takes_three_round_trips_to_gitlab() {
    let memory = registered(&[("h1", host(A)), ("w1", worker(B))]);
    let v1 = virtual_worker("h1", 31443);
    let cases = [
        ("h1", host(A)),
        ("w2", worker("https://c.example.com")),
        ("v1", v1.clone()),
        ("v2", virtual_worker("h1", 31444)),
        ("h2", host("https://d.example.com")),
    ];
    for (name, body) in cases {
        memory.forget();
        assert_eq!(save(&memory, name, &body).0, 200);
        // The host is saved once more: instead of a commit, the right to write is proved while the list is compared with
        // its folder.
        let calls = memory.calls();
        assert_eq!(memory.round_trips("gitlab"), 3, "{name}: {calls:#?}");
    }
}

#[test]
fn the_number_of_calls_does_not_grow_with_the_number_of_clusters() {
    let memory = registered(&[]);
    let mut numbers = Vec::new();
    for index in 0..12 {
        memory.forget();
        let server = format!("https://c{index}.example.com");
        assert_eq!(save(&memory, &format!("w{index}"), &worker(&server)).0, 200);
        numbers.push(memory.calls_of("gitlab").len());
    }
    assert_eq!(numbers, [11; 12]);
}

#[test]
fn the_same_save_again_commits_nothing_and_repeats_the_installs() {
    let memory = registered(&[("w1", worker(A))]);
    let (status, body) = save(&memory, "w1", &worker(A));
    assert_eq!((status, &body["commit"]), (200, &Value::Null));
    assert_eq!(
        memory
            .writes()
            .iter()
            .filter(|call| call.starts_with("gitlab"))
            .count(),
        0
    );
    let secrets: Vec<String> = memory.writes();
    let secrets = secrets.iter().filter(|call| call.contains("PATCH secrets"));
    assert_eq!(secrets.count(), 1);
    let installs = body["installs"].as_array().unwrap().iter();
    let named: Vec<&Value> = installs.filter(|it| it["kind"] == "Secret").collect();
    assert_eq!(named.len(), 1, "{body}");
    assert_eq!(named[0]["action"], "applied");
}

#[test]
fn a_virtual_cluster_that_becomes_a_physical_one_leaves_no_job() {
    let memory = registered(&[("h1", host(A)), ("c1", virtual_worker("h1", 31443))]);
    let there = |memory: &Memory| truth(memory).1.contains_key("jobs/c1-kubeconfig");
    assert!(there(&memory));
    let (status, body) = save(&memory, "c1", &worker(B));
    assert_eq!(status, 200, "{body}");
    assert!(!there(&memory));
    let deleted =
        json!({"kind": "Job", "namespace": "argocd", "name": "c1-kubeconfig", "action": "deleted"});
    assert!(
        body["installs"].as_array().unwrap().contains(&deleted),
        "{body}"
    );
}

#[test]
fn what_is_not_there_is_no_warning_in_the_log() {
    let memory = registered(&[("w1", worker(A))]);
    memory.0.borrow_mut().log.clear();
    assert_eq!(save(&memory, "w1", &worker(A)).0, 200);
    let log = memory.0.borrow().log.clone();
    let refused: Vec<&String> = log
        .iter()
        .filter(|line| line.contains("\"status\":404"))
        .collect();
    assert!(
        refused
            .iter()
            .any(|line| line.contains("/jobs/w1-kubeconfig")),
        "{log:#?}"
    );
    for line in refused
        .iter()
        .filter(|line| line.contains("\"step\":\"kubernetes\""))
    {
        assert!(line.contains("\"level\":\"info\""), "{line}");
    }
}

#[test]
fn a_dry_run_writes_nothing_and_shows_the_changes() {
    let memory = registered(&[]);
    let (status, body) = save(&memory, "w1?dry_run=true", &worker(A));
    assert_eq!((status, &body["commit"]), (200, &Value::Null));
    assert!(
        body["diff"].as_str().unwrap().contains("+- w1.yaml"),
        "{body}"
    );
    assert_eq!(memory.writes(), [""; 0]);
}

#[test]
fn a_new_api_server_takes_the_former_claim_and_secret_away() {
    let memory = registered(&[("w1", worker(A))]);
    let former = secrets(&memory);
    assert_eq!(save(&memory, "w1", &worker(B)).0, 200);
    let now = secrets(&memory);
    assert_eq!(now.len(), 1);
    assert_ne!(now, former);
    let inner = memory.0.borrow();
    let files = inner.gitlab.head();
    let claims = files.keys().filter(|path| path.contains("/api-servers/"));
    assert_eq!(claims.count(), 1);
    // The new Secret comes before the former one goes.
    let order: Vec<&String> = inner
        .calls
        .iter()
        .filter(|call| call.contains(" secrets/"))
        .collect();
    assert_eq!(
        order,
        [
            &format!("kubernetes GET {}", now[0]),
            &format!("kubernetes PATCH {}", now[0]),
            &format!("kubernetes DELETE {}", former[0])
        ]
    );
}

#[test]
fn a_virtual_cluster_that_moves_leaves_nothing_on_its_former_host() {
    let mut clusters = vec![("h1", host(A)), ("h2", host(B))];
    clusters.push(("v1", virtual_worker("h1", 31443)));
    let memory = registered(&clusters);
    let (status, body) = save(&memory, "v1", &virtual_worker("h2", 31443));
    assert_eq!(status, 200, "{body}");
    clusters[2].1 = virtual_worker("h2", 31443);
    let undisturbed = registered(&clusters);
    assert_eq!(
        memory.0.borrow().gitlab.head(),
        undisturbed.0.borrow().gitlab.head()
    );
}

#[test]
fn a_worker_that_becomes_a_host_leaves_nothing_of_the_worker() {
    let memory = registered(&[("w1", worker(A))]);
    assert_eq!(save(&memory, "w1", &host(A)).0, 200);
    let undisturbed = registered(&[("w1", host(A))]);
    assert_eq!(
        memory.0.borrow().gitlab.head(),
        undisturbed.0.borrow().gitlab.head()
    );
}

#[test]
fn stored_credentials_are_kept_where_none_are_sent() {
    let memory = registered(&[("w1", worker(A))]);
    let before = memory.0.borrow().kubernetes.objects.clone();
    assert_eq!(save(&memory, "w1", &without_kubeconfig(worker(A))).0, 200);
    assert_eq!(memory.0.borrow().kubernetes.objects, before);
}

#[test]
fn a_save_during_an_uninstall_takes_the_secret_back() {
    let memory = registered(&[("w1", worker(A))]);
    let application = json!({"metadata": {"name": "w1-runtime", "uid": "1"}});
    memory
        .0
        .borrow_mut()
        .kubernetes
        .put("applications/w1-runtime", application);
    let (status, body) = crate::setting::delete(&memory, "w1");
    assert_eq!(status, 200, "{body}");
    let key = secrets(&memory)[0].clone();
    let secret = |memory: &Memory| memory.0.borrow().kubernetes.objects[&key]["metadata"].clone();
    assert_eq!(secret(&memory)["ownerReferences"][0]["name"], "w1-runtime");
    assert_eq!(
        secret(&memory)["labels"]["cluster.nautes.io/usage"],
        Value::Null
    );
    assert_eq!(save(&memory, "w1", &worker(A)).0, 200);
    assert_eq!(secret(&memory)["ownerReferences"], Value::Null);
    assert_eq!(
        secret(&memory)["labels"]["cluster.nautes.io/usage"],
        "worker"
    );
}

#[test]
fn the_first_commit_of_an_empty_repository_registers_a_cluster() {
    let memory = Memory::default();
    let (status, body) = save(&memory, "w1", &worker(A));
    assert_eq!(status, 200, "{body}");
    assert!(body["commit"]["files_changed"].as_u64().unwrap() > 5);
    assert_eq!(read(&memory, "w1").0, 200);
}

#[test]
fn a_moved_project_is_addressed_by_its_number() {
    let memory = registered(&[]);
    memory.0.borrow_mut().gitlab.moved = true;
    assert_eq!(save(&memory, "w1", &worker(A)).0, 200);
    assert!(memory.calls().contains(&"gitlab GET project 42".to_owned()));
}

#[test]
fn a_project_that_never_stops_moving_is_reported() {
    let memory = registered(&[]);
    let mut moved = crate::setting::text(301, "");
    let target = "https://gitlab.example.com/api/v4/projects/42";
    moved
        .headers_mut()
        .insert("location", target.parse().unwrap());
    memory.fault(
        "gitlab GET project",
        0,
        9,
        crate::runtime::Fate::Answer(moved),
    );
    let outcome = try_save(&memory, "w1", &worker(A)).unwrap();
    assert_eq!(reason(&outcome), (502, "GITLAB_UNAVAILABLE"));
    assert_eq!(memory.writes(), [""; 0]);
}

#[test]
fn what_is_read_can_be_sent_again_and_changes_nothing() {
    let mut rich = worker(A);
    rich["components_list"] = json!({
        "multi_tenant": {"name": "hnc", "namespace": "tenants", "additions": {"ProductResourcePathPattern": "a/{{x}}"}},
    });
    rich["reserved_namespaces_allowed_products"] = json!({"argocd": ["b", "a"]});
    rich["product_allowed_cluster_resources"] =
        json!({"a": [{"kind": "ClusterRole", "group": "rbac.authorization.k8s.io"}]});
    let memory = registered(&[
        ("w1", rich),
        ("h1", host(B)),
        ("v1", virtual_worker("h1", 31000)),
    ]);
    for name in ["w1", "h1", "v1"] {
        let (_, shown) = read(&memory, name);
        let before = truth(&memory).0;
        let (status, answer) = save(&memory, name, &shown);
        assert_eq!((status, &answer["commit"]), (200, &Value::Null), "{answer}");
        assert_eq!(truth(&memory).0, before, "{name}");
    }
}

#[test]
fn a_virtual_cluster_keeps_its_node_port_where_none_is_sent() {
    let memory = registered(&[("h1", host(A))]);
    let mut body = virtual_worker("h1", 31443);
    body["vcluster"] = json!({"https_node_port": "31500"});
    assert_eq!(save(&memory, "v1", &body).0, 200);
    let (status, again) = save(&memory, "v1", &virtual_worker("h1", 31443));
    assert_eq!((status, &again["commit"]), (200, &Value::Null), "{again}");
    // With another API server it is that one's.
    let (status, moved) = save(&memory, "v1?dry_run=true", &virtual_worker("h1", 31444));
    assert_eq!(status, 200, "{moved}");
    let diff = moved["diff"].as_str().unwrap();
    assert!(
        diff.contains("31444") && !diff.contains("+    httpsNodePort: \"31500\""),
        "{diff}"
    );
}
