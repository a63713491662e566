//! `deploy/spin/direct.toml`: functions that a gateway of the operator's own calls.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use sandbox::options::workspace;
use sandbox_host::{ComponentCompiler, ComponentHost, LogLine};
use serde_json::Value;
use tests::{Tenant, guide};

use super::text;

const NAME: &str = "physical-worker-deployment";

/// Variables of the console that no function reads.
const PAGES_ALONE: [&str; 5] = [
    "argocd_url",
    "console_key",
    "console_url",
    "gitlab_oauth_client_id",
    "gitlab_oauth_client_secret",
];

/// Beside the tenant's own host, which has built the components.
async fn start(tenant: &Tenant) -> ComponentHost {
    let variables = [
        ("gitlab_url", tenant.gitlab.url()),
        ("gitlab_project", "nautes/management"),
        ("kubernetes_url", tenant.kubernetes.url()),
        ("kubernetes_token", tenant.kubernetes.token()),
        ("tenant", "tenant1"),
    ];
    let manifest = workspace().join("deploy/spin/direct.toml");
    ComponentHost::start(sandbox_host::HostOptions {
        compiler: ComponentCompiler::cached(workspace().join("target/compiled")),
        variables: variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        log: std::sync::Arc::new(|_: LogLine| ()),
        ..sandbox_host::HostOptions::new(&manifest, sandbox::ports::local(0))
    })
    .await
    .unwrap()
}

async fn send(
    tenant: &Tenant,
    host: &ComponentHost,
    method: Method,
    path: &str,
    body: String,
) -> (StatusCode, reqwest::header::HeaderMap, Value) {
    let request = tests::http_client()
        .request(method, format!("{}{path}", host.url()))
        .bearer_auth(&tenant.gitlab.tokens().maintainer)
        .header("content-type", "application/json")
        .body(body);
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.json().await.unwrap_or_default())
}

#[tokio::test]
async fn functions_answer_below_their_own_paths() {
    let tenant = Tenant::start().await;
    let host = start(&tenant).await;
    let ask =
        async |method, path: &str, body: String| send(&tenant, &host, method, path, body).await;
    let item = |function: &str| format!("/functions/{function}/api/v1/clusters/{NAME}");

    let body = guide("v0.4", NAME);
    let (status, headers, saved) = ask(Method::POST, &item("save-cluster"), body).await;
    assert_eq!(status, 200, "{saved:#}");
    assert!(headers.contains_key("x-request-id") && headers.contains_key("content-length"));
    let timing = headers["server-timing"].to_str().unwrap();
    assert!(
        timing.contains("gitlab.commit;dur=") && timing.contains("total;dur="),
        "{timing}"
    );

    let (status, _, cluster) = ask(Method::GET, &item("read-clusters"), String::new()).await;
    assert_eq!((status.as_u16(), &cluster["name"]), (200, &NAME.into()));
    let list = "/functions/read-clusters/api/v1/clusters?field_selector=usage=host";
    let (status, _, list) = ask(Method::GET, list, String::new()).await;
    assert_eq!(
        (status.as_u16(), list["items"].as_array().unwrap().len()),
        (200, 0)
    );
    let (status, _, _) = ask(
        Method::GET,
        "/functions/read-clusters/readyz",
        String::new(),
    )
    .await;
    assert_eq!(status, 200);
    let (status, _, _) = ask(
        Method::GET,
        &format!("/api/v1/clusters/{NAME}"),
        String::new(),
    )
    .await;
    assert_eq!(status, 404);

    let path = format!("{}?dry_run=true", item("delete-cluster"));
    let (status, _, planned) = ask(Method::DELETE, &path, String::new()).await;
    assert_eq!(status, 200, "{planned:#}");
    let (status, _, deleted) = ask(Method::DELETE, &item("delete-cluster"), String::new()).await;
    assert_eq!(status, 200, "{deleted:#}");
}

#[tokio::test]
async fn a_request_that_a_gateway_sends_to_the_wrong_function_changes_nothing() {
    let tenant = Tenant::start().await;
    tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    let before = tenant.written();
    let host = start(&tenant).await;
    for (method, function, allow) in [
        (Method::GET, "delete-cluster", "DELETE"),
        (Method::POST, "delete-cluster", "DELETE"),
        (Method::DELETE, "save-cluster", "POST"),
        (Method::DELETE, "read-clusters", "GET, HEAD"),
    ] {
        let path = format!("/functions/{function}/api/v1/clusters/{NAME}");
        let body = guide("v0.4", NAME);
        let (status, headers, problem) = send(&tenant, &host, method, &path, body).await;
        assert_eq!(
            (status.as_u16(), &problem["reason"]),
            (405, &"METHOD_NOT_ALLOWED".into())
        );
        assert_eq!(headers["allow"], allow);
    }
    assert_eq!(tenant.written(), before);
}

#[test]
fn all_but_the_routes_is_as_in_the_applications_own_manifest() {
    let direct: toml::Table = text("spin/direct.toml").parse().unwrap();
    let own = std::fs::read_to_string(workspace().join("spin.toml")).unwrap();
    let mut own: toml::Table = own.parse().unwrap();
    // Pages need the component `gateway` before them.
    let variables = own["variables"].as_table_mut().unwrap();
    for name in PAGES_ALONE {
        variables.remove(name).unwrap();
    }
    for member in ["application", "variables"] {
        assert_eq!(direct[member], own[member], "change {member} in both");
    }
    let own = own["component"].as_table_mut().unwrap();
    for component in ["gateway", "console", "api-docs"] {
        own.remove(component).unwrap();
    }
    for (_, component) in own.iter_mut() {
        let component = component.as_table_mut().unwrap();
        component.remove("build");
        let source = format!("../../{}", component["source"].as_str().unwrap());
        component.insert("source".to_owned(), source.into());
    }
    assert_eq!(
        direct["component"].as_table().unwrap(),
        own,
        "change components in both"
    );
    let routes = direct["trigger"]["http"].as_array().unwrap();
    let called: BTreeSet<String> = routes
        .iter()
        .map(|route| {
            let component = route["component"].as_str().unwrap();
            assert_eq!(
                route["route"].as_str().unwrap(),
                format!("/functions/{component}/...")
            );
            component.to_owned()
        })
        .collect();
    let expected = ["delete-cluster", "read-clusters", "save-cluster"];
    assert!(called.iter().eq(expected));
}
