//! The five clusters of the comparison data, and their tenant.

use std::collections::BTreeMap;

use domain::catalog::Catalog;
use domain::{
    Category, Cluster, ClusterResource, ClusterType, Component, Settings, Usage, WorkerType,
    categories,
};

pub const CA: &str =
    "-----BEGIN CERTIFICATE-----\nMIIB+zCCAW+gAw/BAgIUBAMCAQA=\n-----END CERTIFICATE-----\n";

pub fn settings() -> Settings {
    Settings {
        tenant: "tenant1".into(),
        repository_url: "ssh://git@gitlab.example.com:2222/nautes/management.git".into(),
        target_revision: "HEAD".into(),
        argocd_namespace: "argocd".into(),
        nautes_namespace: "nautes".into(),
        git_url: "https://gitlab.example.com".into(),
        oidc_issuer_url: "https://dex.example.com:9080".into(),
        oidc_client_id: "nautes".into(),
        vault_url: "https://vault.example.com:8200".into(),
        ca_bundle: CA.into(),
        catalog: None,
    }
}

/// A cluster as validation makes it where the request leaves everything to defaults.
pub fn cluster(
    name: &str,
    api_server: &str,
    worker_type: Option<WorkerType>,
    host: Option<&str>,
) -> Cluster {
    let usage = worker_type.map_or(Usage::Host, |_| Usage::Worker);
    let cluster_type = host.map_or(ClusterType::Physical, |_| ClusterType::Virtual);
    let catalog = Catalog::from_settings(&Settings::default()).unwrap();
    let domain = "8.217.50.114.nip.io";
    let component = |category: &Category| {
        let entry = catalog.default_for(*category).unwrap();
        let default = |(key, property): (&String, &domain::catalog::Property)| {
            Some((key.clone(), property.default_value(name, domain)?))
        };
        let component = Component {
            name: entry.name.clone(),
            namespace: entry.namespace.clone(),
            additions: entry.properties.iter().filter_map(default).collect(),
        };
        (*category, component)
    };
    let kind = categories(cluster_type, usage, worker_type);
    Cluster {
        name: name.into(),
        api_server: api_server.into(),
        cluster_kind: "kubernetes".into(),
        cluster_type,
        usage,
        worker_type,
        host_cluster: host.map(str::to_owned),
        primary_domain: domain.into(),
        https_node_port: host.map(|_| api_server.rsplit(':').next().unwrap().parse().unwrap()),
        credentials: None,
        components: kind.iter().map(component).collect(),
        reserved_namespaces_allowed_products: BTreeMap::from([(
            "argocd".into(),
            vec!["demo".into()],
        )]),
        product_allowed_cluster_resources: BTreeMap::from([(
            "demo".into(),
            vec![ClusterResource {
                kind: "ClusterRole".into(),
                group: "rbac.authorization.k8s.io".into(),
            }],
        )]),
    }
}

pub fn host() -> Cluster {
    cluster("cluster-host", "https://8.217.50.114:6443", None, None)
}

pub fn physical(worker_type: WorkerType) -> Cluster {
    let (kind, port) = kind(worker_type);
    let api_server = format!("https://8.217.50.115:{}", 6443 + u16::from(port == 31457));
    cluster(
        &format!("physical-worker-{kind}"),
        &api_server,
        Some(worker_type),
        None,
    )
}

pub fn virtual_on_host(worker_type: WorkerType) -> Cluster {
    let (kind, port) = kind(worker_type);
    let api_server = format!("https://8.217.50.114:{port}");
    let name = format!("virtual-worker-{kind}");
    cluster(&name, &api_server, Some(worker_type), Some("cluster-host"))
}

fn kind(worker_type: WorkerType) -> (&'static str, u16) {
    match worker_type {
        WorkerType::Deployment => ("deployment", 31456),
        WorkerType::Pipeline => ("pipeline", 31457),
    }
}

/// The clusters in the order in which the comparison data registers them.
pub fn five() -> Vec<Cluster> {
    use WorkerType::{Deployment, Pipeline};
    vec![
        host(),
        physical(Deployment),
        physical(Pipeline),
        virtual_on_host(Deployment),
        virtual_on_host(Pipeline),
    ]
}
