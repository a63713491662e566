//! A cluster and what belongs to it. Mirrors the interface `nautes:clusters/types` (see `wit/deps/clusters/types.wit`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where the API server of a cluster runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClusterType {
    /// A cluster of its own, registered with a kubeconfig.
    Physical,
    /// A vcluster inside a host cluster.
    Virtual,
}

/// Purpose of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Usage {
    /// A host carries virtual clusters.
    Host,
    /// A worker runs the workloads of products.
    Worker,
}

/// The runtime of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkerType {
    /// Applications are deployed to it.
    Deployment,
    /// Pipelines run in it.
    Pipeline,
}

/// Purpose of a component for a cluster. At most one component per category and cluster.
///
/// `Ord` is the order of the WIT enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it; rendering.md has the table")]
pub enum Category {
    MultiTenant,
    SecretSync,
    Gateway,
    Deployment,
    ProgressiveDelivery,
    Pipeline,
    EventListener,
    CertManagement,
    SecretManagement,
    OauthProxy,
}

/// One installed component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// A name of the catalog, such as `traefik`.
    pub name: String,
    /// The namespace it is installed into; a DNS-1123 label.
    pub namespace: String,
    /// Properties of the component.
    pub additions: BTreeMap<String, String>,
}

/// A resource kind that a product may create cluster-wide.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClusterResource {
    /// Such as `ClusterRole`.
    pub kind: String,
    /// Such as `rbac.authorization.k8s.io`.
    pub group: String,
}

/// A complete, valid cluster: every default is filled in, every rule holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// A DNS-1123 label of at most 40 characters.
    pub name: String,
    /// An absolute `https` URL without user information, query, fragment or trailing slash.
    pub api_server: String,
    /// `kubernetes`, the only kind there is.
    pub cluster_kind: String,
    /// Where its API server runs.
    pub cluster_type: ClusterType,
    /// Purpose of the cluster.
    pub usage: Usage,
    /// Present exactly for a worker.
    pub worker_type: Option<WorkerType>,
    /// Present exactly for a virtual cluster.
    pub host_cluster: Option<String>,
    /// The domain below which the component host names lie.
    pub primary_domain: String,
    /// The NodePort on the host that leads to a virtual cluster's API server.
    pub https_node_port: Option<u16>,
    /// The fingerprint of the credentials that are approved for it.
    pub credentials: Option<String>,
    /// One component per category of the cluster's kind.
    pub components: BTreeMap<Category, Component>,
    /// Namespace → products that may use it.
    pub reserved_namespaces_allowed_products: BTreeMap<String, Vec<String>>,
    /// Product → cluster-wide resources that it may create.
    pub product_allowed_cluster_resources: BTreeMap<String, Vec<ClusterResource>>,
}

/// A cluster's relations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// The host of a virtual cluster.
    pub host: Option<Cluster>,
    /// The other virtual clusters of that host, or the virtual clusters on a host; sorted by name.
    pub virtual_clusters: Vec<Cluster>,
}

/// A file of the tenant configuration repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Relative to the root.
    pub path: String,
    /// Bytes of the file.
    pub content: Vec<u8>,
}

/// Settings that are the same for every cluster of a tenant. Contains no secret.
///
/// Each field is documented at the record `settings` in `wit/deps/clusters/types.wit`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "documented once, in the contract")]
pub struct Settings {
    pub tenant: String,
    pub repository_url: String,
    pub target_revision: String,
    pub argocd_namespace: String,
    pub nautes_namespace: String,
    pub git_url: String,
    pub oidc_issuer_url: String,
    pub oidc_client_id: String,
    pub vault_url: String,
    pub ca_bundle: String,
    pub catalog: Option<String>,
}
