//! The body of `Cluster_SaveCluster`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cluster::{ClusterResource, ComponentsList};

/// Description of the cluster that is wanted. Each name is read in snake_case and in camelCase, and
/// written in snake_case. A field that is `None` is not sent. No `Debug`: it holds a kubeconfig.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct SaveClusterRequest {
    /// Name of the cluster: the same as in the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The cluster's API server: an absolute `https` URL without user information, query or fragment.
    #[serde(alias = "apiServer", skip_serializing_if = "Option::is_none")]
    pub api_server: Option<String>,
    /// `kubernetes`, which is also the default.
    #[serde(alias = "clusterKind", skip_serializing_if = "Option::is_none")]
    pub cluster_kind: Option<String>,
    /// Where the API server runs: `physical` or `virtual`. A host is physical.
    #[serde(alias = "clusterType", skip_serializing_if = "Option::is_none")]
    pub cluster_type: Option<String>,
    /// Purpose of the cluster: `host` or `worker`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// The runtime of a worker: `deployment` or `pipeline`; forbidden for a host.
    #[serde(alias = "workerType", skip_serializing_if = "Option::is_none")]
    pub worker_type: Option<String>,
    /// The registered host of a virtual cluster: required there, forbidden for a physical cluster.
    #[serde(alias = "hostCluster", skip_serializing_if = "Option::is_none")]
    pub host_cluster: Option<String>,
    /// The domain below which the component host names lie.
    #[serde(alias = "primaryDomain", skip_serializing_if = "Option::is_none")]
    pub primary_domain: Option<String>,
    /// Settings that only a virtual cluster has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcluster: Option<VirtualCluster>,
    /// Login of Argo CD to a physical cluster: a kubeconfig as text or in Base64, with its credentials inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubeconfig: Option<String>,
    /// The components, by what they do. What is left out is filled in from the catalog.
    #[serde(alias = "componentsList", skip_serializing_if = "Option::is_none")]
    pub components_list: Option<ComponentsList>,
    /// Namespace → names of the products that may use it.
    #[serde(
        alias = "reservedNamespacesAllowedProducts",
        skip_serializing_if = "Option::is_none"
    )]
    pub reserved_namespaces_allowed_products: Option<BTreeMap<String, Vec<String>>>,
    /// Product → cluster-wide resources that it may create.
    #[serde(
        alias = "productAllowedClusterResources",
        skip_serializing_if = "Option::is_none"
    )]
    pub product_allowed_cluster_resources: Option<BTreeMap<String, Vec<ClusterResource>>>,
    /// Of versions 0.2 and 0.3: `components_list.deployment.additions.host`.
    #[serde(alias = "argocdHost", skip_serializing_if = "Option::is_none")]
    pub argocd_host: Option<String>,
    /// Of version 0.3: `components_list.pipeline.additions.host`.
    #[serde(alias = "tektonHost", skip_serializing_if = "Option::is_none")]
    pub tekton_host: Option<String>,
    /// Of versions 0.2 and 0.3: additions of `components_list.gateway`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traefik: Option<Traefik>,
}

/// Settings that only a virtual cluster has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct VirtualCluster {
    /// The node port on the host that leads to the API server.
    #[serde(alias = "httpsNodePort", skip_serializing_if = "Option::is_none")]
    pub https_node_port: Option<TextOrInteger>,
}

/// Of versions 0.2 and 0.3: the node ports of the gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Traefik {
    /// `components_list.gateway.additions.httpNodePort`.
    #[serde(alias = "httpNodePort", skip_serializing_if = "Option::is_none")]
    pub http_node_port: Option<TextOrInteger>,
    /// `components_list.gateway.additions.httpsNodePort`.
    #[serde(alias = "httpsNodePort", skip_serializing_if = "Option::is_none")]
    pub https_node_port: Option<TextOrInteger>,
}

/// A text, or an integer that is taken for its digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum TextOrInteger {
    /// Such as `"30443"`.
    Text(String),
    /// Such as `30443`.
    Integer(i64),
}
