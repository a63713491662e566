//! The original's command line, as three of its releases speak: `tests/cases/command-line` has the requests that they
//! send for their own examples, recorded, with a kubeconfig of ours. It reads answers into structures of its own and
//! takes any status but 200 for a failure.

use std::collections::BTreeMap;

use base64::Engine as _;
use reqwest::Method;
use sandbox::options::workspace;
use serde::Deserialize;
use serde_json::Value;
use tests::{Answer, Tenant, guide};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    method: String,
    path: String,
    /// None: the request had no body, and yet a content type.
    body: Option<Value>,
}

fn recorded(release: &str) -> Vec<Recorded> {
    let path = workspace().join(format!("tests/cases/command-line/{release}.json"));
    let text = std::fs::read_to_string(path).unwrap();
    let example: Value = serde_json::from_str(&guide("v0.4", "cluster-host")).unwrap();
    let kubeconfig = example["kubeconfig"].as_str().unwrap();
    let kubeconfig = base64::engine::general_purpose::STANDARD.decode(kubeconfig);
    let kubeconfig = Value::from(String::from_utf8(kubeconfig.unwrap()).unwrap()).to_string();
    serde_json::from_str(&text.replace("\"$KUBECONFIG\"", &kubeconfig)).unwrap()
}

async fn send(tenant: &Tenant, recorded: &Recorded) -> Answer {
    let method: Method = recorded.method.parse().unwrap();
    let mut request = tenant
        .request(method, &recorded.path)
        .header("user-agent", "Go-http-client/1.1")
        .header("accept-encoding", "gzip")
        .header("content-type", "application/json")
        .bearer_auth(&tenant.gitlab.tokens().maintainer);
    if let Some(body) = &recorded.body {
        request = request.body(body.to_string());
    }
    Answer::read(request.send().await.unwrap()).await
}

/// Fields that the command line reads of a cluster. Go takes null and a missing field for an empty value, and fails
/// where a field is of another type.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "that it can be read is the test")]
struct Item {
    name: String,
    api_server: String,
    cluster_kind: String,
    cluster_type: String,
    usage: String,
    worker_type: String,
    host_cluster: String,
    primary_domain: String,
    #[serde(default)]
    kubeconfig: String,
    components_list: BTreeMap<String, Option<Component>>,
    reserved_namespaces_allowed_products: BTreeMap<String, Vec<String>>,
    product_allowed_cluster_resources: BTreeMap<String, Vec<ClusterResource>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "that it can be read is the test")]
struct Component {
    name: String,
    namespace: String,
    additions: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "that it can be read is the test")]
struct ClusterResource {
    kind: String,
    group: String,
}

#[derive(Debug, Deserialize)]
struct List {
    items: Vec<Item>,
}

/// Every request has its answer; what was sent is what is answered.
async fn speaks(release: &str) {
    let tenant = Tenant::start().await;
    let requests = recorded(release);
    let mut saved: BTreeMap<String, Value> = BTreeMap::new();
    for request in &requests {
        let what = format!("{release}: {} {}", request.method, request.path);
        if request.method == "DELETE" {
            // Its examples put two clusters on the host.
            for guest in ["vcluster-deployment", "vcluster-pipeline"] {
                tenant.delete(guest).await.ok();
            }
        }
        let answer = send(&tenant, request).await.ok();
        match (request.method.as_str(), &request.body) {
            ("POST", Some(body)) => {
                let name = body["name"].as_str().unwrap();
                let message = format!("Successfully saved {name} cluster");
                assert_eq!(answer["message"], message, "{what}");
                saved.insert(name.to_owned(), body.clone());
            }
            ("GET", _) if request.path.ends_with('/') => {
                let list: List = serde_json::from_value(answer).unwrap();
                let names: Vec<&String> = list.items.iter().map(|item| &item.name).collect();
                assert_eq!(names, saved.keys().collect::<Vec<_>>(), "{what}");
                for item in &list.items {
                    let sent = &saved[&item.name];
                    assert_eq!(item.api_server, sent["api_server"], "{what}");
                    assert_eq!(item.worker_type, sent["worker_type"], "{what}");
                    assert_eq!(item.host_cluster, sent["host_cluster"], "{what}");
                    assert_eq!(item.primary_domain, sent["primary_domain"], "{what}");
                    assert_eq!(item.kubeconfig, "", "{what}");
                }
            }
            ("GET", _) => {
                let item: Item = serde_json::from_value(answer).unwrap();
                assert_eq!(item.name, "host-a", "{what}");
                assert_eq!(item.usage, "host", "{what}");
            }
            ("DELETE", None) => {
                let message = "Successfully deleted host-a cluster";
                assert_eq!(answer["message"], message, "{what}");
            }
            _ => panic!("{what}"),
        }
    }
    assert_eq!(saved.len(), 5);
}

#[tokio::test]
async fn release_0_3_0() {
    speaks("v0.3.0").await;
}

#[tokio::test]
async fn release_0_3_9() {
    speaks("v0.3.9").await;
}

#[tokio::test]
async fn release_0_4_2() {
    speaks("v0.4.2").await;
}
