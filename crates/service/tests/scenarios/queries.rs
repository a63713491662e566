//! Queries as people send them, of every operation: what nobody knows is refused before anything is asked or written.

use serde_json::Value;
use service::Seats;
use service::incoming;
use service::problem::Problem;
use service::runtime::{Request, Response};
use service::settings::Settings;

use crate::native::Native;
use crate::runtime::Memory;
use crate::setting::{
    body_of, delete, outcome, read, reason, registered, request, save, settings, text, truth,
    worker,
};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";

/// Method, and what stands behind `/api/v1/`.
const OPERATIONS: [(&str, &str); 5] = [
    ("POST", "clusters/w1"),
    ("DELETE", "clusters/w1"),
    ("GET", "clusters/w1"),
    ("GET", "clusters"),
    ("GET", "merge-requests"),
];

fn send(memory: &Memory, method: &str, path: &str) -> (u16, Value) {
    let mut request = request(method, "", &worker("https://b.example.com"));
    *request.uri_mut() = format!("http://localhost/api/v1/{path}").parse().unwrap();
    let settings = settings();
    let result = match method {
        "POST" => memory.run(service::save(memory, &Native, &settings, &request)),
        "DELETE" => memory.run(service::delete(memory, &Native, &settings, &request)),
        _ => memory.run(watch_or_read(memory, &settings, &request)),
    };
    outcome(result).unwrap()
}

/// Answers a `GET` as the component does: each of the three looks at the query for itself.
async fn watch_or_read(
    memory: &Memory,
    settings: &Settings,
    request: &Request,
) -> Result<Response, Problem> {
    let seats: &'static Seats = Box::leak(Box::default());
    let watch = service::watch(memory, seats, settings, request).await?;
    if watch.is_some() {
        return Ok(text(200, "{}"));
    }
    let Some(mut list) = service::list(memory, settings, request).await? else {
        return service::read(memory, settings, request).await;
    };
    let mut json = String::new();
    while let Some(piece) = list.next(memory).await? {
        json += &piece;
    }
    Ok(text(200, &json))
}

/// The one violation's field and hint, of a request that was refused without a call.
fn refused(method: &str, path: &str) -> (String, String) {
    let memory = registered(&[("w1", worker(A))]);
    let answer = send(&memory, method, path);
    let case = format!("{method} {path}: {}", answer.1);
    assert_eq!(reason(&answer), (422, "VALIDATION_FAILED"), "{case}");
    assert_eq!(memory.calls(), [""; 0], "{case}");
    let violations = answer.1["violations"].as_array().unwrap();
    assert_eq!(violations.len(), 1, "{case}");
    let text = |member: &str| violations[0][member].as_str().unwrap().to_owned();
    (text("field"), text("hint"))
}

#[test]
fn what_no_operation_has_is_refused_by_all() {
    for (method, path) in OPERATIONS {
        for (query, field) in [
            // Kubernetes' own, and what curl and clients add.
            ("pretty=true", "?pretty"),
            ("fieldManager=me", "?fieldManager"),
            ("propagationPolicy=Foreground", "?propagationPolicy"),
            ("labelSelector=a%3Db", "?labelSelector"),
            ("resourceVersion=0", "?resourceVersion"),
            ("_=1795692037", "?_"),
            // Other spellings than the two that are known.
            ("insecure-skip-check=true", "?insecure-skip-check"),
            ("INSECURE_SKIP_CHECK=true", "?INSECURE_SKIP_CHECK"),
            ("insecure_skip_check%20=true", "?insecure_skip_check "),
            ("insecure_skip_check[]=true", "?insecure_skip_check[]"),
            ("insecure_skip_chek", "?insecure_skip_chek"),
            // What stands behind a blank, a second question mark or an entity of HTML.
            ("insecure_skip_check=true&amp;x=1", "?amp;x"),
            ("=true", "?"),
        ] {
            let (named, _) = refused(method, &format!("{path}?{query}"));
            assert_eq!(named, field, "{method} {path}?{query}");
        }
    }
}

/// It has no effect, and whoever mistypes its value hears of it all the same.
#[test]
fn the_switch_that_every_operation_has_is_one_or_is_refused() {
    let watch = [("GET", "clusters/w1?watch=true")];
    for (method, path) in OPERATIONS.into_iter().chain(watch) {
        let sign = if path.contains('?') { '&' } else { '?' };
        for name in ["insecure_skip_check", "insecureSkipCheck"] {
            for value in ["maybe", "", "yes"] {
                let path = format!("{path}{sign}{name}={value}");
                let (named, hint) = refused(method, &path);
                assert_eq!(named, "?insecure_skip_check", "{method} {path}");
                assert!(hint.contains("insecure_skip_check=true"), "{hint}");
            }
            let memory = registered(&[("w1", worker(A))]);
            let path = format!("{path}{sign}{name}=true");
            let (status, body) = send(&memory, method, &path);
            assert_eq!(status, 200, "{method} {path}: {body}");
        }
    }
}

/// Also where it has no effect: beside a read that nobody watches, and with `HEAD`.
#[test]
fn a_value_that_breaks_its_rule_is_refused_whether_it_is_used_or_not() {
    for (method, path, known) in [
        ("POST", "clusters/w1", incoming::SAVE_PARAMETERS),
        ("DELETE", "clusters/w1", incoming::DELETE_PARAMETERS),
        ("GET", "clusters/w1", incoming::GET_PARAMETERS),
        ("HEAD", "clusters/w1", incoming::GET_PARAMETERS),
        ("GET", "clusters", incoming::LIST_PARAMETERS),
        ("HEAD", "clusters", incoming::LIST_PARAMETERS),
        ("GET", "merge-requests", incoming::MERGE_REQUEST_PARAMETERS),
        ("HEAD", "merge-requests", incoming::MERGE_REQUEST_PARAMETERS),
    ] {
        for name in known {
            for value in ["null", "-1", "none%20such"] {
                let (named, _) = refused(method, &format!("{path}?{name}={value}"));
                assert_eq!(named, format!("?{name}"), "{method} {path} {value}");
            }
        }
    }
}

#[test]
fn of_thousands_of_unknown_parameters_some_are_told_and_the_others_counted() {
    let memory = registered(&[("w1", worker(A))]);
    let before = truth(&memory);
    for (count, more) in [(20, None), (21, Some(1)), (30_000, Some(29_980))] {
        let query = vec!["a"; count].join("&");
        for outcome in [
            read(&memory, &format!("w1?{query}")),
            save(&memory, &format!("w1?{query}"), &worker(A)),
            delete(&memory, &format!("w1?{query}")),
        ] {
            assert_eq!(reason(&outcome), (422, "VALIDATION_FAILED"));
            let violations = outcome.1["violations"].as_array().unwrap();
            assert_eq!(violations.len(), 20);
            assert!(violations.iter().all(|it| it["field"] == "?a"));
            let detail = outcome.1["detail"].as_str().unwrap();
            let counted = more.map(|more| format!("; and {more} more"));
            let end = counted.as_deref().unwrap_or("operation");
            assert!(detail.ends_with(end), "{detail}");
        }
    }
    assert_eq!((memory.writes(), truth(&memory)), (Vec::new(), before));
}

#[test]
fn every_parameter_may_be_in_camel_case() {
    let memory = registered(&[("a1", worker(A)), ("b1", worker(B))]);
    let query = "fieldSelector=usage=worker&perPage=1&includeStatus=true&insecureSkipCheck=true";
    let mut path = format!("clusters?{query}");
    for name in ["a1", "b1"] {
        let (status, page) = send(&memory, "GET", &path);
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{page}");
        assert_eq!(items[0]["name"], name);
        assert_eq!(items[0]["status"]["phase"], "Registered");
        let token = page["next_page_token"].as_str().unwrap();
        path = format!("clusters?{query}&pageToken={token}");
    }
    let none = send(&memory, "GET", "clusters?fieldSelector=usage=host");
    assert_eq!(none.1["items"], serde_json::json!([]));
    let (named, _) = refused("GET", "clusters/w1?watch=true&timeoutSeconds=0");
    assert_eq!(named, "?timeout_seconds");
}

#[test]
fn a_dry_run_is_one_or_is_refused() {
    for (method, path) in &OPERATIONS[..2] {
        for query in [
            "dry_run=true",
            "dryRun=true",
            "dryRun=All",
            "dryRun=all",
            "dry_run",
            "dryRun&dry_run=true",
        ] {
            let memory = registered(&[("w1", worker(A))]);
            let (status, body) = send(&memory, method, &format!("{path}?{query}"));
            assert_eq!(status, 200, "{query}: {body}");
            assert!(body["diff"].is_string(), "{query}: {body}");
            assert_eq!(memory.writes(), [""; 0], "{query}");
        }
        for (query, field) in [
            ("dryrun=true", "?dryrun"),
            ("DryRun=true", "?DryRun"),
            ("dry-run=true", "?dry-run"),
            ("dry-run=server", "?dry-run"),
            ("dry_run=server", "?dry_run"),
            ("dryRun=None", "?dry_run"),
            ("dry_run=", "?dry_run"),
            ("dry_run=yes", "?dry_run"),
            ("dry_run=true%20", "?dry_run"),
            ("dry_run=true;force=true", "?dry_run"),
            ("dry_run=true?x", "?dry_run"),
            ("dry_run=true&dryRun=false", "?dry_run"),
            ("dry_run&dry_run=false", "?dry_run"),
        ] {
            let (named, hint) = refused(method, &format!("{path}?{query}"));
            assert_eq!(named, field, "{query}");
            assert!(hint.contains("dry_run"), "{query}: {hint}");
        }
    }
}

/// With a whole kubeconfig, as somebody sent it whose cluster was registered, and then removed.
#[test]
fn a_dry_run_as_kubernetes_spells_it_writes_nothing() {
    let body = body_of(include_str!(
        "../../../domain/tests/cases/a-kubeconfig-with-an-authority-and-a-token.yaml"
    ));
    let memory = registered(&[("case-02", worker(A))]);
    let tried = [
        crate::setting::save(&memory, "case-03?dryRun=true", &body),
        crate::setting::delete(&memory, "case-02?dryRun=true"),
    ];
    for (status, answer) in tried {
        assert_eq!(status, 200, "{answer}");
        assert!(!answer["diff"].as_str().unwrap().is_empty(), "{answer}");
    }
    assert_eq!(memory.writes(), [""; 0]);
}

/// Following the hint leads to an answer.
#[test]
fn the_name_that_a_hint_suggests_is_taken() {
    for (method, path) in OPERATIONS {
        let (_, hint) = refused(method, &format!("{path}?insecure_skip_chekc=true"));
        let name = hint.strip_prefix("did you mean ").unwrap();
        let name = name.strip_suffix('?').unwrap();
        let memory = registered(&[("w1", worker(A))]);
        let (status, body) = send(&memory, method, &format!("{path}?{name}=true"));
        assert_eq!(status, 200, "{method} {path}: {body}");
        // And everything that is offered where nothing is near.
        let (_, hint) = refused(method, &format!("{path}?zzzzzzzz=true"));
        let known = hint.strip_prefix("known here: ").unwrap().split(", ");
        for name in known {
            let value = match name {
                "delivery" => "commit",
                "field_selector" => "usage=worker",
                "per_page" | "timeout_seconds" => "1",
                "page_token" | "watch" | "adopt" | "sync" | "force" => continue,
                _ => "true",
            };
            let memory = registered(&[("w1", worker(A))]);
            let (status, body) = send(&memory, method, &format!("{path}?{name}={value}"));
            assert_eq!(status, 200, "{method} {path}?{name}: {body}");
        }
    }
}

/// A question mark or an ampersand that was encoded is a part of the name, and no such cluster is written or removed.
#[test]
fn a_query_in_the_path_is_no_query_and_changes_nothing() {
    for (method, path) in [
        ("POST", "clusters/w1%3Fdry_run=true"),
        ("POST", "clusters/w1&dry_run=true"),
        ("POST", "clusters/w1;dry_run=true"),
        ("DELETE", "clusters/w1%3Fdry_run=true"),
        ("DELETE", "clusters/w1&dry_run=true"),
    ] {
        let memory = registered(&[("w1", worker(A))]);
        let (status, body) = send(&memory, method, path);
        assert!([404, 422].contains(&status), "{method} {path}: {body}");
        assert_eq!(memory.writes(), [""; 0], "{method} {path}");
    }
}

/// Parameters in the body would be ignored like any unknown field, and what was to be tried out would be done.
#[test]
fn a_parameter_in_the_body_is_refused_where_ignoring_it_would_write() {
    for (key, value) in [
        ("dry_run", Value::from(true)),
        ("dryRun", Value::from("All")),
        ("dryRun", serde_json::json!(["All"])),
        ("delivery", Value::from("merge-request")),
        ("sync", Value::from(true)),
    ] {
        let memory = registered(&[("w1", worker(A))]);
        let mut body = worker("https://b.example.com");
        body[key] = value;
        let answer = crate::setting::save(&memory, "w1", &body);
        assert_eq!(reason(&answer), (422, "VALIDATION_FAILED"), "{}", answer.1);
        assert_eq!(answer.1["violations"][0]["field"], format!("/{key}"));
        assert_eq!(memory.writes(), [""; 0]);
    }
    let memory = registered(&[("w1", worker(A))]);
    let mut body = worker("https://b.example.com");
    body["dry_run"] = Value::from(false);
    let (status, answer) = crate::setting::save(&memory, "w1", &body);
    assert_eq!(status, 200, "{answer}");
    assert!(
        answer["warnings"].to_string().contains("dry_run"),
        "{answer}"
    );
}
