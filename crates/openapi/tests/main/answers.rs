//! Successes.

use std::collections::BTreeMap;

use domain::{Category, Cluster, ClusterResource, ClusterType, Component, Usage, WorkerType};
use serde_json::{Value, json};

use crate::{document, fault};

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
    let mut host = domain::view(&cluster());
    assert_is("ClusterList", &json!({"items": [host]}));
    let status = argocd::Status::unknown();
    host["status"] = serde_json::to_value(status).unwrap();
    host["status"]["message"] = "no answer".into();
    assert_is("Cluster", &host);
    for worker_type in [WorkerType::Deployment, WorkerType::Pipeline] {
        let worker = Cluster {
            cluster_type: ClusterType::Virtual,
            usage: Usage::Worker,
            worker_type: Some(worker_type),
            host_cluster: Some("h".into()),
            ..cluster()
        };
        assert_is("Cluster", &domain::view(&worker));
    }
}

#[test]
fn every_phase() {
    use argocd::status::Phase;
    for phase in [
        Phase::Registered,
        Phase::Installing,
        Phase::Ready,
        Phase::Degraded,
        Phase::Unknown,
    ] {
        assert_is("Phase", &serde_json::to_value(phase).unwrap());
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
