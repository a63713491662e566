//! Tests of what an operator sees of a request: one trace through all parts, its lines, where its time went.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;
use tests::host::is_sandbox;
use tests::{Answer, Tenant, guide};

const NAME: &str = "physical-worker-deployment";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

async fn traced(tenant: &Tenant, method: Method, path: &str, body: String) -> Answer {
    let request = tenant
        .request(method, path)
        .bearer_auth(&tenant.gitlab.tokens().maintainer)
        .header("x-request-id", "id1")
        .header("traceparent", format!("00-{TRACE}-{PARENT}-01"))
        .header("tracestate", "vendor=1")
        .header("content-type", "application/json")
        .body(body);
    Answer::read(request.send().await.unwrap()).await
}

/// Component and line of everything that was logged.
fn lines(tenant: &Tenant) -> Vec<(String, Value)> {
    let log = tenant.log();
    log.lines()
        .map(|line| {
            let (component, json) = line.split_once(": ").unwrap();
            let json = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {line}"));
            (component.to_owned(), json)
        })
        .collect()
}

/// The names in `Server-Timing`, each checked against the grammar.
fn steps(answer: &Answer) -> Vec<String> {
    let values = answer.headers.get_all("server-timing").iter();
    values
        .flat_map(|value| value.to_str().unwrap().split(", "))
        .map(|metric| {
            let (name, duration) = metric.split_once(";dur=").unwrap();
            let is_token =
                |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            assert!(!name.is_empty() && name.bytes().all(is_token), "{metric}");
            assert!(duration.parse::<f64>().unwrap() >= 0.0, "{metric}");
            name.to_owned()
        })
        .collect()
}

#[tokio::test]
async fn one_trace_leads_from_the_caller_to_gitlab_and_kubernetes() {
    let tenant = Tenant::start().await;
    tenant.gitlab.clear_calls();
    tenant.kubernetes.clear_calls();
    traced(
        &tenant,
        Method::POST,
        &format!("/api/v1/clusters/{NAME}"),
        guide("v0.4", NAME),
    )
    .await
    .ok();

    let gitlab = tenant.gitlab.calls();
    let kubernetes = tenant.kubernetes.calls();
    assert!(gitlab.len() > 3 && kubernetes.len() > 3);
    let mut parents: Vec<String> = gitlab
        .into_iter()
        .filter_map(|call| call.traceparent)
        .collect();
    let asked = kubernetes.iter().filter(|call| call.request_id == "id1");
    parents.extend(asked.map(|call| call.traceparent.clone()));
    let spans: BTreeSet<&str> = parents
        .iter()
        .map(|parent| {
            let span = parent
                .strip_prefix(&format!("00-{TRACE}-"))
                .expect("another trace");
            span.strip_suffix("-01").expect("other flags")
        })
        .collect();
    assert_eq!(spans.len(), parents.len(), "two calls are one span");
    assert!(!spans.contains(PARENT));

    // The lines tell the same, and which span is above which.
    let lines = lines(&tenant);
    let of = |component: &str, step: &str| -> Vec<&Value> {
        // Under wasmtime serve one component does everybody's work.
        let mine = lines
            .iter()
            .filter(|(name, line)| (name == component || !is_sandbox()) && line["step"] == step);
        mine.map(|(_, line)| line).collect()
    };
    let [gateway] = of("gateway", "gateway")[..] else {
        panic!("{lines:#?}")
    };
    let [request] = of("save-cluster", "request")[..] else {
        panic!("{lines:#?}")
    };
    assert_eq!(gateway["parent_span_id"], PARENT);
    assert_eq!(request["parent_span_id"], gateway["span_id"]);
    let calls: Vec<&Value> = lines
        .iter()
        .map(|(_, line)| line)
        .filter(|line| line["upstream"].is_string())
        .collect();
    assert_eq!(calls.len(), parents.len());
    for call in calls {
        assert_eq!(call["parent_span_id"], request["span_id"]);
        assert!(spans.contains(call["span_id"].as_str().unwrap()), "{call}");
    }
    for (_, line) in &lines {
        for (member, expected) in [
            ("trace_id", TRACE),
            ("request_id", "id1"),
            ("operation", "SaveCluster"),
            ("cluster", NAME),
        ] {
            assert_eq!(line[member], expected, "{line}");
        }
    }
}

#[tokio::test]
async fn every_answer_says_where_its_time_went() {
    let tenant = Tenant::start().await;
    let path = format!("/api/v1/clusters/{NAME}");
    let saved = traced(&tenant, Method::POST, &path, guide("v0.4", NAME)).await;
    saved.ok();
    assert_eq!(
        steps(&saved),
        [
            // Nobody of that token has called before: GitLab is asked who calls, and the body is read then.
            "gitlab.open",
            "parse",
            "gitlab.read",
            "kubernetes.read",
            "validate",
            // The dry run before the commit; what it counts after that is added to it.
            "kubernetes.apply",
            "render",
            "gitlab.commit",
            "total",
            "gateway"
        ]
    );
    assert_eq!(saved.headers["x-request-id"], "id1");

    let refused = traced(
        &tenant,
        Method::POST,
        &path,
        guide("v0.4", NAME).replace("worker", "walker"),
    )
    .await;
    refused.problem(422, "VALIDATION_FAILED");
    let mut names = steps(&refused);
    // An instance that has not seen the caller asks first.
    names[..2].sort();
    assert_eq!(
        names,
        [
            "gitlab.open",
            "parse",
            "gitlab.read",
            "kubernetes.read",
            "validate",
            "total",
            "gateway"
        ]
    );

    let nowhere = traced(&tenant, Method::GET, "/nowhere", String::new()).await;
    nowhere.problem(404, "ROUTE_NOT_FOUND");
    assert_eq!(steps(&nowhere), ["gateway"]);
    let ready = traced(&tenant, Method::GET, "/readyz", String::new()).await;
    let mut names = steps(&ready);
    names.sort();
    assert_eq!(
        names,
        [
            "gateway",
            "gitlab.ready",
            "kubernetes.apply",
            "kubernetes.ready",
            "total"
        ]
    );
}

#[tokio::test]
async fn every_request_has_a_line_whatever_comes_of_it() {
    let tenant = Tenant::start().await;
    for (method, path, operation, route, status, reason) in [
        (
            Method::GET,
            "/api/v1/clusters",
            "ListClusters",
            "/api/v1/clusters",
            200,
            None,
        ),
        (
            Method::GET,
            "/api/v1/clusters/a",
            "GetCluster",
            "/api/v1/clusters/{cluster_name}",
            404,
            Some("CLUSTER_NOT_FOUND"),
        ),
        (
            Method::DELETE,
            "/api/v1/clusters/a",
            "DeleteCluster",
            "/api/v1/clusters/{cluster_name}",
            404,
            Some("CLUSTER_NOT_FOUND"),
        ),
        (
            Method::PUT,
            "/api/v1/clusters/a",
            "Unknown",
            "/api/v1/clusters/{cluster_name}",
            405,
            Some("METHOD_NOT_ALLOWED"),
        ),
        (Method::GET, "/healthz", "Liveness", "/healthz", 200, None),
        (Method::GET, "/readyz", "Readiness", "/readyz", 200, None),
        (
            Method::GET,
            "/nowhere",
            "Unknown",
            "",
            404,
            Some("ROUTE_NOT_FOUND"),
        ),
    ] {
        let answer = traced(&tenant, method.clone(), path, String::new()).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        let lines = lines(&tenant);
        let (component, line) = lines.last().unwrap();
        assert!(component == "gateway" || !is_sandbox(), "{component}");
        assert_eq!(line["step"], "gateway");
        assert_eq!(line["operation"], operation);
        assert_eq!(line["method"], method.as_str());
        assert_eq!(line["route"], route);
        assert_eq!(line["status"], status);
        assert_eq!(line.get("reason").and_then(Value::as_str), reason);
        assert!(line["duration_ms"].is_u64());
        assert_eq!(line["level"], "info");
    }
}
