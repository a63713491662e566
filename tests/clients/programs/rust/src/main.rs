//! A client of openapi-generator (rust) does what a person would do.

use std::time::Duration;

use nautes_clusters_client::apis::clusters_api as clusters;
use nautes_clusters_client::apis::configuration::Configuration;
use nautes_clusters_client::apis::{Error, service_api};
use nautes_clusters_client::models::{
    Cluster, Phase, Problem, Reason, SaveClusterRequest, Status, StreamEnd, TextOrInteger, stream_end,
};

fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let configuration = Configuration {
        base_path: env("API"),
        bearer_access_token: Some(env("TOKEN")),
        ..Configuration::default()
    };
    let name = env("NAME");
    save(&configuration, &name).await;
    read(&configuration, &name).await;
    watch(&configuration, &name).await;
    list(&configuration, &name).await;
    remove(&configuration, &name).await;
}

fn request(name: &str, body: SaveClusterRequest) -> clusters::ClusterSaveClusterParams {
    clusters::ClusterSaveClusterParams {
        cluster_name: name.to_owned(),
        save_cluster_request: Some(body),
        delivery: None,
        sync: None,
        adopt: None,
        dry_run: None,
        insecure_skip_check: None,
        x_request_id: None,
        traceparent: None,
        tracestate: None,
    }
}

async fn save(configuration: &Configuration, name: &str) {
    let text = std::fs::read_to_string(env("BODY")).unwrap();
    let body: SaveClusterRequest = serde_json::from_str(&text).unwrap();
    let dry = clusters::ClusterSaveClusterParams { dry_run: Some(true), ..request(name, body.clone()) };
    let planned = clusters::cluster_save_cluster(configuration, dry).await.unwrap();
    assert!(planned.changes.unwrap().len() > 5 && planned.diff.unwrap().contains(name));
    let saved = clusters::cluster_save_cluster(configuration, request(name, body.clone())).await.unwrap();
    assert_eq!(saved.message, format!("Successfully saved {name} cluster"));
    assert!(saved.commit.unwrap().files_changed > 5);
    let again = clusters::cluster_save_cluster(configuration, request(name, body.clone())).await.unwrap();
    assert!(again.commit.is_none(), "the same again commits nothing");
    let wrong = SaveClusterRequest { api_server: "http://10.0.0.1".to_owned(), ..body };
    let problem = problem_of(clusters::cluster_save_cluster(configuration, request(name, wrong)).await);
    assert_eq!(problem.reason, Reason::ValidationFailed);
    assert_eq!(problem.violations.unwrap()[0].field, "/api_server");
}

fn get(name: &str) -> clusters::ClusterGetClusterParams {
    clusters::ClusterGetClusterParams {
        cluster_name: name.to_owned(),
        watch: None,
        timeout_seconds: None,
        x_request_id: None,
        traceparent: None,
        tracestate: None,
    }
}

async fn read(configuration: &Configuration, name: &str) {
    let cluster = clusters::cluster_get_cluster(configuration, get(name)).await.unwrap();
    assert_eq!(cluster.name, name);
    let gateway = cluster.components_list.gateway.flatten().unwrap();
    let port = &gateway.additions.flatten().unwrap()["httpNodePort"];
    assert_eq!(port, &TextOrInteger::String("30080".to_owned()));
    let problem = problem_of(clusters::cluster_get_cluster(configuration, get("nobody")).await);
    assert_eq!(problem.reason, Reason::ClusterNotFound);
}

/// The client reads an answer whole: a stream is read with its connection and its types.
async fn watch(configuration: &Configuration, name: &str) {
    let url = format!("{}/api/v1/clusters/{name}?watch=true&timeout_seconds=120", configuration.base_path);
    let request = configuration.client.get(url).bearer_auth(env("TOKEN"));
    let mut answer = request.send().await.unwrap().error_for_status().unwrap();
    let (mut text, mut seen, mut end) = (String::new(), Vec::new(), None);
    while let Some(piece) = answer.chunk().await.unwrap() {
        text.push_str(std::str::from_utf8(&piece).unwrap());
        while let Some((event, rest)) = text.split_once("\n\n") {
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            if let (Some(name), Some(data)) = (field("event"), field("data")) {
                seen.push(name.to_owned());
                match name {
                    "cluster" => drop(serde_json::from_str::<Cluster>(data).unwrap()),
                    "status" => drop(serde_json::from_str::<Status>(data).unwrap()),
                    "end" => end = Some(serde_json::from_str::<StreamEnd>(data).unwrap()),
                    other => panic!("{other}: {data}"),
                }
            }
            text = rest.to_owned();
        }
    }
    assert_eq!(seen[0], "cluster");
    assert!(seen.iter().any(|event| event == "status"), "{seen:?}");
    assert_eq!(end.unwrap().reason, stream_end::Reason::Ready);
}

async fn list(configuration: &Configuration, name: &str) {
    let parameters = clusters::ClusterListClustersParams {
        field_selector: Some("usage=worker".to_owned()),
        include_status: Some(true),
        per_page: None,
        page_token: None,
        x_request_id: None,
        traceparent: None,
        tracestate: None,
    };
    let found = clusters::cluster_list_clusters(configuration, parameters).await.unwrap();
    let cluster = found.items.iter().find(|cluster| cluster.name == name).unwrap();
    assert_eq!(cluster.status.as_ref().unwrap().phase, Phase::Ready);
    let parameters = service_api::ServiceHealthParams { x_request_id: None, traceparent: None, tracestate: None };
    let health = service_api::service_health(configuration, parameters).await.unwrap();
    assert_eq!(health.status, "ok");
}

async fn remove(configuration: &Configuration, name: &str) {
    let parameters = || clusters::ClusterDeleteClusterParams {
        cluster_name: name.to_owned(),
        delivery: None,
        dry_run: None,
        force: None,
        insecure_skip_check: None,
        x_request_id: None,
        traceparent: None,
        tracestate: None,
    };
    let removed = clusters::cluster_delete_cluster(configuration, parameters()).await.unwrap();
    assert_eq!(removed.message, format!("Successfully deleted {name} cluster"));
    for _ in 0..120 {
        match clusters::cluster_delete_cluster(configuration, parameters()).await {
            Ok(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            Err(error) => {
                assert_eq!(problem_of::<(), _>(Err(error)).reason, Reason::ClusterNotFound);
                return;
            }
        }
    }
    panic!("the removal does not end");
}

fn problem_of<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, Error<E>>) -> Problem {
    match result {
        Err(Error::ResponseError(answer)) => serde_json::from_str(&answer.content).unwrap(),
        other => panic!("no problem of the API: {other:?}"),
    }
}
