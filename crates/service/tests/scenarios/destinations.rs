//! Servers that must not get credentials: nothing is written in either service, whichever way they come.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::native::Native;
use crate::runtime::{Fate, Memory};
use crate::setting::{
    memory, outcome, reason, registered, request, save, settings_with, truth, try_save_with,
    without_kubeconfig, worker,
};

const A: &str = "https://a.example.com:6443";
const FILE: &str = "nautes/overlays/production/clusters/w1.yaml";

#[test]
fn the_management_cluster_is_no_cluster_to_register() {
    for server in [
        "https://kubernetes.default.svc",
        "https://KUBERNETES.default:6443/",
        "https://kubernetes.default.svc.cluster.local",
        "https://kubernetes.example.com/path",
        "https://Kubernetes.Example.com:443",
        "https://127.0.0.1:6443",
        "https://[::ffff:127.0.0.1]:6443",
        "https://localhost",
        "https://169.254.169.254",
    ] {
        let memory = memory();
        let before = truth(&memory);
        let answer = save(&memory, "w1", &worker(server));
        assert_eq!(
            reason(&answer),
            (422, "VALIDATION_FAILED"),
            "{server}: {}",
            answer.1
        );
        assert_eq!(answer.1["violations"][0]["field"], "/api_server");
        assert_eq!(memory.writes(), [""; 0], "{server}");
        assert_eq!(truth(&memory), before);
    }
}

/// A kubeconfig whose cluster is reached by a proxy.
fn with_proxy(proxy: &str) -> serde_json::Value {
    json!(format!(
        "clusters: [{{name: a, cluster: {{proxy-url: '{proxy}'}}}}]\nusers: [{{name: a, user: {{token: canary-t}}}}]\n"
    ))
}

#[test]
fn a_proxy_leads_nowhere_else() {
    for proxy in [
        "http://localhost:1",
        "http://u:canary@kubernetes.example.com:443",
    ] {
        let memory = memory();
        let mut body = worker(A);
        body["kubeconfig"] = with_proxy(proxy);
        let answer = save(&memory, "w1", &body);
        assert_eq!(reason(&answer), (422, "VALIDATION_FAILED"), "{}", answer.1);
        assert_eq!(answer.1["violations"][0]["field"], "/kubeconfig");
        assert_eq!(memory.writes(), [""; 0]);
    }
}

/// Whoever may push writes the resource file by hand, and has it installed.
#[test]
fn a_resource_file_pushed_by_hand_does_not_go_round_it() {
    for server in [
        "https://kubernetes.default.svc",
        "https://kubernetes.example.com",
        "https://0x7f000001",
        "http://a.example.com",
    ] {
        let memory = registered(&[("w1", worker(A))]);
        let text = memory.0.borrow().gitlab.text(FILE).unwrap();
        let text = text.replace(A, server);
        memory
            .0
            .borrow_mut()
            .gitlab
            .foreign(&vec![(FILE, Some(text))]);
        let before = truth(&memory);
        for body in [json!(null), worker(server)] {
            let answer = save(&memory, "w1?sync=true", &body);
            assert!((400..500).contains(&answer.0), "{server}: {}", answer.1);
            assert_eq!(memory.writes(), [""; 0], "{server}");
            assert_eq!(truth(&memory), before);
        }
    }
}

#[test]
fn an_operator_may_close_the_list() {
    let settings = settings_with(&[
        ("api_server_allowed", "*.example.com, 10.0.0.0/8"),
        ("proxy_url_allowed", "proxy.example.com"),
    ]);
    let memory = memory();
    let answer = try_save_with(&settings, &memory, "w1", &worker("https://b.example.org")).unwrap();
    assert_eq!(reason(&answer), (422, "VALIDATION_FAILED"));
    assert!(
        answer.1["detail"]
            .as_str()
            .unwrap()
            .contains("api_server_allowed")
    );
    const HINT: &str = "use an allowed one, or ask the operator to add it";
    assert_eq!(answer.1["violations"][0]["field"], "/api_server");
    assert_eq!(answer.1["violations"][0]["hint"], HINT);
    // A proxy has a list of its own.
    for (proxy, is_allowed) in [
        ("http://proxy.example.org:3128", false),
        ("http://a.example.com:3128", false),
        ("http://proxy.example.com:3128", true),
    ] {
        let mut body = worker(A);
        body["kubeconfig"] = with_proxy(proxy);
        let memory = crate::setting::memory();
        let answer = try_save_with(&settings, &memory, "w1", &body).unwrap();
        if is_allowed {
            assert_eq!(answer.0, 200, "{proxy}: {}", answer.1);
            continue;
        }
        assert_eq!(reason(&answer), (422, "VALIDATION_FAILED"), "{proxy}");
        let violation = &answer.1["violations"][0];
        assert_eq!(violation["field"], "/kubeconfig", "{proxy}");
        assert_eq!(violation["hint"], HINT, "{proxy}");
        let message = violation["message"].as_str().unwrap();
        assert!(message.contains("proxy_url_allowed"), "{message}");
        assert_eq!(memory.writes(), [""; 0], "{proxy}");
    }
    // With another rule that is broken both are reported.
    let mut body = worker("https://b.example.org");
    body["usage"] = json!("nothing");
    let answer = try_save_with(&settings, &memory, "w1", &body).unwrap();
    assert_eq!(
        answer.1["violations"].as_array().unwrap().len(),
        2,
        "{}",
        answer.1
    );
    assert_eq!(memory.writes(), [""; 0]);
    let answer = try_save_with(&settings, &memory, "w1", &worker(A)).unwrap();
    assert_eq!(answer.0, 200, "{}", answer.1);
}

#[test]
fn what_is_no_parameter_changes_nothing() {
    let cases = [
        ("dryRunn=true", "dry_run"),
        ("dry-run=true", "dry_run"),
        ("dryrun", "dry_run"),
        ("Force_=1", "force"),
        ("delivry=commit", "delivery"),
        ("dry_run=true&dryRun=false", ""),
        ("dry_run=none", ""),
        ("pretty=true", ""),
        ("field_selector=a=b", ""),
    ];
    for (query, suggestion) in cases {
        for method in ["POST", "DELETE"] {
            let memory = registered(&[("w1", worker(A))]);
            let before = truth(&memory);
            let request = request(
                method,
                &format!("w1?{query}"),
                &worker("https://c.example.com"),
            );
            let settings = settings_with(&[]);
            let answer = outcome(memory.run(async {
                match method {
                    "POST" => service::save(&memory, &Native, &settings, &request).await,
                    _ => service::delete(&memory, &Native, &settings, &request).await,
                }
            }));
            let answer = answer.unwrap();
            assert_eq!(
                reason(&answer),
                (422, "VALIDATION_FAILED"),
                "{method} {query}"
            );
            let hint = answer.1["violations"][0]["hint"].as_str().unwrap();
            let is_suggested = suggestion.is_empty() || hint.contains(suggestion);
            assert!(
                is_suggested || suggestion == "force" && method == "POST",
                "{query}: {hint}"
            );
            assert_eq!(memory.calls(), [""; 0], "{method} {query}");
            assert_eq!(truth(&memory), before);
        }
    }
}

#[test]
fn dry_runs_in_every_spelling_write_nothing() {
    for query in [
        "dryRun=true",
        "dryRun=All",
        "dry_run=All",
        "dry_run",
        "dryRun=1&dry_run=1",
    ] {
        let memory = registered(&[("w1", worker(A))]);
        let before = truth(&memory);
        let answer = save(
            &memory,
            &format!("w2?{query}"),
            &worker("https://c.example.com"),
        );
        assert_eq!(answer.0, 200, "{query}: {}", answer.1);
        let answer = crate::setting::delete(&memory, &format!("w1?{query}"));
        assert_eq!(answer.0, 200, "{query}: {}", answer.1);
        assert_eq!(memory.writes(), [""; 0], "{query}");
        assert_eq!(truth(&memory), before);
    }
}

/// Puts a proxy into what is stored of a cluster, as an earlier version or another hand may have.
fn with_stored_proxy(memory: &Memory, server: &str, proxy: &serde_json::Value) {
    let key = format!("secrets/{}", domain::api_server::secret_name(server));
    let mut inner = memory.0.borrow_mut();
    let secret = inner.kubernetes.objects.get_mut(&key).unwrap();
    let config = STANDARD
        .decode(secret["data"]["config"].as_str().unwrap())
        .unwrap();
    let mut config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    config["proxyUrl"] = proxy.clone();
    secret["data"]["config"] = STANDARD.encode(config.to_string()).into();
}

#[test]
fn credentials_that_are_stored_with_a_proxy_that_leads_back_are_not_written_again() {
    let closed = settings_with(&[("proxy_url_allowed", "proxy.example.com")]);
    let open = settings_with(&[]);
    for (settings, proxy, is_refused) in [
        (&open, json!("http://localhost:1"), true),
        (
            &open,
            json!("http://u:canary@kubernetes.example.com:443"),
            true,
        ),
        (&open, json!({"a": 1}), true),
        (&open, json!("http://proxy.example.org:3128"), false),
        (&open, json!(""), false),
        (&closed, json!("http://proxy.example.org:3128"), true),
        (&closed, json!("http://proxy.example.com:3128"), false),
    ] {
        let mut changed = without_kubeconfig(worker(A));
        changed["primary_domain"] = json!("other.example.com");
        let kept = without_kubeconfig(worker(A));
        for (path, body) in [
            ("w1", &kept),
            ("w1", &changed),
            ("w1?dry_run=true", &changed),
            ("w1?sync=true", &kept),
            ("w1?sync=true", &json!(null)),
        ] {
            let memory = registered(&[("w1", worker(A))]);
            with_stored_proxy(&memory, A, &proxy);
            let before = truth(&memory);
            let answer = try_save_with(settings, &memory, path, body).unwrap();
            if !is_refused {
                assert_eq!(answer.0, 200, "{path} {proxy}: {}", answer.1);
                continue;
            }
            assert_eq!(
                reason(&answer),
                (422, "VALIDATION_FAILED"),
                "{path} {proxy}"
            );
            assert_eq!(answer.1["violations"][0]["field"], "/kubeconfig");
            assert_eq!(memory.writes(), [""; 0], "{path} {proxy}");
            assert_eq!(truth(&memory), before, "{path} {proxy}");
        }
    }
}

#[test]
fn nor_where_they_move_to_another_server() {
    let memory = registered(&[("w1", worker(A))]);
    with_stored_proxy(&memory, A, &json!("http://127.0.0.1:1"));
    let before = truth(&memory);
    let moved = without_kubeconfig(worker("https://b.example.com:6443"));
    let answer = save(&memory, "w1", &moved);
    assert_eq!(reason(&answer), (422, "VALIDATION_FAILED"), "{}", answer.1);
    assert_eq!(answer.1["violations"][0]["field"], "/kubeconfig");
    assert_eq!(memory.writes(), [""; 0]);
    assert_eq!(truth(&memory), before);
}

#[test]
fn nor_where_the_proxy_comes_after_the_look() {
    let memory = registered(&[("w1", worker(A))]);
    let key = format!("secrets/{}", domain::api_server::secret_name(A));
    let before = memory.0.borrow().kubernetes.objects[&key].clone();
    with_stored_proxy(&memory, A, &json!("http://127.0.0.1:1"));
    let changed = memory.0.borrow().kubernetes.objects[&key].clone();
    memory.0.borrow_mut().kubernetes.put(&key, before);
    let swapped = Fate::Swapped(key.clone(), changed.clone());
    memory.fault(&format!("kubernetes GET {key}"), 1, 1, swapped);
    let answer = save(&memory, "w1", &without_kubeconfig(worker(A)));
    assert_eq!(
        reason(&answer),
        (502, "INSTALL_TRIGGER_FAILED"),
        "{}",
        answer.1
    );
    let detail = answer.1["detail"].as_str().unwrap();
    assert!(
        detail.contains("send the request with a kubeconfig"),
        "{detail}"
    );
    assert_eq!(memory.0.borrow().kubernetes.objects[&key], changed);
}
