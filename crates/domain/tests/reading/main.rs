//! Tests of reading the repository, of showing clusters, and of what is told before a check.

mod resource_files;
mod shown;
mod told;

use std::collections::BTreeMap;

use domain::{Category, Cluster, ClusterResource, ClusterType, Component, Usage, WorkerType};

fn component(name: &str, additions: &[(&str, &str)]) -> Component {
    let additions = additions
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Component {
        name: name.to_owned(),
        namespace: format!("{name}-system"),
        additions: additions.collect(),
    }
}

fn virtual_worker() -> Cluster {
    Cluster {
        name: "v-1".to_owned(),
        api_server: "https://8.217.50.114:31456".to_owned(),
        cluster_kind: "kubernetes".to_owned(),
        cluster_type: ClusterType::Virtual,
        usage: Usage::Worker,
        worker_type: Some(WorkerType::Pipeline),
        host_cluster: Some("host-1".to_owned()),
        primary_domain: "8.217.50.114.nip.io".to_owned(),
        https_node_port: Some(31500),
        credentials: None,
        components: BTreeMap::from([
            (
                Category::MultiTenant,
                component("hnc", &[("b", "on"), ("a", "{{x}}")]),
            ),
            (
                Category::Deployment,
                component("argocd", &[("host", "cd.example.com")]),
            ),
            (Category::SecretManagement, component("vault", &[])),
            (Category::OauthProxy, component("oauth2-proxy", &[])),
        ]),
        reserved_namespaces_allowed_products: BTreeMap::from([(
            "argocd".to_owned(),
            vec!["b".to_owned(), "a".to_owned()],
        )]),
        product_allowed_cluster_resources: BTreeMap::from([(
            "yes".to_owned(),
            vec![ClusterResource {
                kind: "ClusterRole".to_owned(),
                group: "rbac.authorization.k8s.io".to_owned(),
            }],
        )]),
    }
}

fn host() -> Cluster {
    Cluster {
        name: "host-1".to_owned(),
        api_server: "https://8.217.50.114:6443".to_owned(),
        cluster_type: ClusterType::Physical,
        usage: Usage::Host,
        worker_type: None,
        host_cluster: None,
        https_node_port: None,
        credentials: None,
        components: BTreeMap::new(),
        reserved_namespaces_allowed_products: BTreeMap::new(),
        product_allowed_cluster_resources: BTreeMap::new(),
        ..virtual_worker()
    }
}
