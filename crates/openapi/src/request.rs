//! The body of `Cluster_SaveCluster`.

use std::collections::BTreeMap;

use api::{ClusterResource, ClusterType, Component, TextOrInteger, Usage};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The fields are the same in both cases: the API's own and the command line's.
macro_rules! request {
    ($case:tt, $Request:ident, $Vcluster:ident, $Traefik:ident, $Components:ident) => {
        /// What a cluster is to be. `null` and `""` mean absent. Each name is accepted in snake_case and in
        /// camelCase, also mixed. An unknown field is reported in `warnings` and changes nothing. A key that
        /// stands twice is refused, except in the two maps, whose values are united.
        #[derive(ToSchema)]
        #[schema(rename_all = $case)]
        pub struct $Request {
            /// The cluster's API server: an absolute `https` URL without user information, query or fragment.
            /// No other registered cluster has it.
            #[schema(format = "uri", min_length = 1, examples("https://8.217.50.114:6443"))]
            pub api_server: String,
            /// `kubernetes`, which is also the default.
            pub cluster_kind: Option<ClusterKind>,
            /// Where the API server runs. A host is physical.
            pub cluster_type: ClusterType,
            /// What the cluster is for.
            pub usage: Usage,
            /// The runtime of a worker; forbidden for a host. A worker without one is a deployment runtime,
            /// with a warning.
            pub worker_type: Option<WorkerType>,
            /// The registered host of a virtual cluster: required there, forbidden for a physical cluster.
            #[schema(examples("cluster-host"))]
            pub host_cluster: Option<String>,
            /// The domain below which the component host names lie: a DNS name in lower case. The default is
            /// `{ip}.nip.io` where the host of the API server is an IP address, otherwise that host.
            #[schema(max_length = 253, examples("8.217.50.114.nip.io"))]
            pub primary_domain: Option<String>,
            /// What only a virtual cluster has.
            pub vcluster: Option<$Vcluster>,
            /// How Argo CD logs in to a physical cluster: a kubeconfig as text or in Base64, with its
            /// credentials inside. Required on creation and where `api_server` changes; otherwise the stored
            /// credentials stay. Forbidden for a virtual cluster. It is stored in the management cluster
            /// alone, never in Git.
            #[schema(write_only)]
            pub kubeconfig: Option<String>,
            /// The components, by what they do. What is left out is filled in from the catalog; what the
            /// cluster's kind does not have is dropped with a warning.
            pub components_list: Option<$Components>,
            /// Namespace → names of the products that may use it.
            pub reserved_namespaces_allowed_products: Option<BTreeMap<String, Vec<String>>>,
            /// Product → cluster-wide resources that it may create.
            pub product_allowed_cluster_resources: Option<BTreeMap<String, Vec<ClusterResource>>>,
            /// Of versions 0.2 and 0.3: `components_list.deployment.additions.host`. A leading `https://` is
            /// dropped. Where both are given they have to be equal.
            #[schema(deprecated)]
            pub argocd_host: Option<String>,
            /// Of version 0.3: `components_list.pipeline.additions.host`, a name below the primary domain.
            /// Where both are given they have to be equal.
            #[schema(deprecated)]
            pub tekton_host: Option<String>,
            /// Of versions 0.2 and 0.3: additions of `components_list.gateway`.
            #[schema(deprecated)]
            pub traefik: Option<$Traefik>,
            /// The same as `cluster_name` in the path.
            pub name: Option<String>,
            /// Accepted, without meaning.
            pub api_version: Option<String>,
            /// Accepted, without meaning.
            pub kind: Option<String>,
        }

        /// What only a virtual cluster has.
        #[derive(ToSchema)]
        #[schema(rename_all = $case)]
        pub struct $Vcluster {
            /// The node port on the host that leads to the API server: 30000 to 32767, free on the host. The
            /// default is the port of `api_server`.
            pub https_node_port: Option<TextOrInteger>,
        }

        /// Of versions 0.2 and 0.3: the node ports of the gateway.
        #[derive(ToSchema)]
        #[schema(rename_all = $case)]
        pub struct $Traefik {
            /// `components_list.gateway.additions.httpNodePort`. Where both are given they have to be equal.
            pub http_node_port: Option<TextOrInteger>,
            /// `components_list.gateway.additions.httpsNodePort`. Where both are given they have to be equal.
            pub https_node_port: Option<TextOrInteger>,
        }

        /// Components by what they do for a cluster.
        #[derive(ToSchema)]
        #[schema(rename_all = $case)]
        pub struct $Components {
            /// Separates the tenants of a cluster, such as `hnc`.
            pub multi_tenant: Option<Component>,
            /// Brings secrets into a cluster, such as `external-secrets`.
            pub secret_sync: Option<Component>,
            /// Leads requests into a cluster, such as `traefik`.
            pub gateway: Option<Component>,
            /// Deploys applications, such as `argocd`.
            pub deployment: Option<Component>,
            /// Deploys them step by step, such as `argo-rollouts`.
            pub progressive_delivery: Option<Component>,
            /// Runs pipelines, such as `tekton`.
            pub pipeline: Option<Component>,
            /// Starts pipelines, such as `argo-events`.
            pub event_listener: Option<Component>,
            /// Issues certificates. No kind of cluster has it: it is dropped with a warning.
            pub cert_management: Option<Component>,
        }
    };
}

request!(
    "snake_case",
    SaveClusterRequest,
    VirtualCluster,
    Traefik,
    ComponentsList
);
request!(
    "camelCase",
    ClusterSpec,
    ClusterSpecVcluster,
    ClusterSpecTraefik,
    ClusterSpecComponentsList
);

/// A manifest of the command line.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct ClusterManifest {
    /// Such as `nautes.resource.nautes.io/v1alpha1`; it has no meaning.
    pub api_version: Option<String>,
    /// `Cluster`.
    pub kind: Option<ManifestKind>,
    /// Used for its name.
    pub metadata: Option<Metadata>,
    /// The fields of the cluster.
    pub spec: ClusterSpec,
}

/// The head of a manifest.
#[derive(ToSchema)]
pub struct Metadata {
    /// The cluster's name where `spec.name` is missing; the same as in the path.
    pub name: Option<String>,
}

/// The kind of a manifest.
#[derive(ToSchema)]
pub enum ManifestKind {
    /// The only one.
    Cluster,
}

/// The kind of a cluster.
pub struct ClusterKind;

impl PartialSchema for ClusterKind {
    fn schema() -> RefOr<Schema> {
        one_of("`kubernetes`, the only one.", &["kubernetes"])
    }
}

impl ToSchema for ClusterKind {}

/// The runtime of a worker.
pub struct WorkerType;

impl PartialSchema for WorkerType {
    fn schema() -> RefOr<Schema> {
        let words = [domain::WorkerType::Deployment, domain::WorkerType::Pipeline]
            .map(domain::WorkerType::as_str);
        one_of(
            "`deployment`: applications are deployed to it. `pipeline`: pipelines run in it.",
            &words,
        )
    }
}

impl ToSchema for WorkerType {}

/// One of some words. `""`, which means absent as well, is none of them: generated clients could not compile.
fn one_of(description: &str, words: &[&str]) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .enum_values(Some(words.iter().copied()))
        .into()
}
