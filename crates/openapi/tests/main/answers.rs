//! Successes.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Category, Cluster, ClusterResource, ClusterType, Component, Usage, WorkerType};
use serde_json::{Value, json};
use service::view::view;

use crate::{document, fault, source};

fn cluster() -> Cluster {
    let component = Component {
        name: "traefik".into(),
        namespace: "traefik".into(),
        additions: BTreeMap::from([("httpNodePort".into(), "30080".into())]),
    };
    Cluster {
        name: "a".into(),
        api_server: "https://8.217.50.114:6443".into(),
        cluster_kind: "kubernetes".into(),
        cluster_type: ClusterType::Physical,
        usage: Usage::Host,
        worker_type: None,
        host_cluster: None,
        primary_domain: "8.217.50.114.nip.io".into(),
        https_node_port: None,
        credentials: None,
        components: Category::ALL
            .map(|category| (category, component.clone()))
            .into(),
        reserved_namespaces_allowed_products: BTreeMap::from([("n".into(), vec!["p".into()])]),
        product_allowed_cluster_resources: BTreeMap::from([(
            "p".into(),
            vec![ClusterResource {
                kind: "ClusterRole".into(),
                group: "g".into(),
            }],
        )]),
    }
}

/// Fails for a member that is not described, too.
fn assert_is(schema: &str, value: &Value) {
    let mut document = document();
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    for schema in schemas.values_mut() {
        if schema.get("properties").is_some() {
            schema["additionalProperties"] = false.into();
        }
    }
    let pointer = format!("/components/schemas/{schema}");
    assert_eq!(fault(&document, &pointer, value), None);
}

#[test]
fn a_cluster() {
    let mut host = view(&cluster());
    assert_is("ClusterList", &json!({"items": [&host]}));
    host.status = Some(argocd::status::unknown(Some("no answer")));
    assert_is("Cluster", &json!(host));
    for worker_type in [WorkerType::Deployment, WorkerType::Pipeline] {
        let worker = Cluster {
            cluster_type: ClusterType::Virtual,
            usage: Usage::Worker,
            worker_type: Some(worker_type),
            host_cluster: Some("h".into()),
            ..cluster()
        };
        assert_is("Cluster", &json!(view(&worker)));
    }
}

#[test]
fn the_service_itself() {
    let body = |answer: service::runtime::Response| -> Value {
        serde_json::from_slice(answer.body()).unwrap()
    };
    assert_is("Index", &body(service::gateway::index()));
    assert_is("Health", &body(service::gateway::health()));
}

#[test]
fn the_events_of_a_watch_are_those_that_are_sent() {
    let document = document();
    let answer = &document["paths"]["/api/v1/clusters/{cluster_name}"]["get"]["responses"]["200"];
    let stream = &answer["content"]["text/event-stream"]["schema"]["contentSchema"];
    let events = stream["items"]["oneOf"].as_array().unwrap();
    let described: BTreeSet<(&str, &str)> = events
        .iter()
        .map(|event| {
            let properties = &event["properties"];
            let name = properties["event"]["enum"][0].as_str().unwrap();
            (
                name,
                properties["data"]["contentSchema"]["$ref"]
                    .as_str()
                    .unwrap(),
            )
        })
        .collect();
    // What reads each of them, by the events' own reader.
    let problem = json!(service::problem::no_token().body("/"));
    let read = [
        ("cluster", "Cluster", json!(view(&cluster()))),
        ("status", "Status", json!(argocd::status::unknown(None))),
        ("error", "Problem", problem),
        (
            "end",
            "StreamEnd",
            json!({"reason": "ready", "message": "m"}),
        ),
    ];
    let mut sent = BTreeSet::new();
    for (name, schema, data) in &read {
        assert_is(schema, data);
        let event = api::WatchEvent::parse(name, &data.to_string());
        assert!(
            !matches!(event, api::WatchEvent::Other(..)),
            "{name}: {event:?}"
        );
        sent.insert((*name, format!("#/components/schemas/{schema}")));
    }
    let sent: BTreeSet<(&str, &str)> = sent
        .iter()
        .map(|(name, path)| (*name, path.as_str()))
        .collect();
    assert_eq!(described, sent);
    let source =
        source("crates/service/src/watch/event.rs") + &source("crates/service/src/watch.rs");
    for (name, _) in described {
        assert!(
            source.contains(&format!("\"{name}\"")),
            "no event {name} is sent"
        );
    }
}
