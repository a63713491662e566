//! A registered cluster as it is read, and how far its installs are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::request::TextOrInteger;
use crate::word::words;

/// The clusters that were selected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClusterList {
    /// Each without `status`, unless `include_status` is on.
    pub items: Vec<Cluster>,
    /// Resource files that are there and can't be read, at most 50 of them; absent where all can.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schema(required = false))]
    pub unreadable: Vec<UnreadableFile>,
    /// In the answer to a request for a page: the `page_token` of the next one; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = String, required = false))]
    pub next_page_token: Option<String>,
}

/// A resource file that can't be read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UnreadableFile {
    /// Name of the cluster, by the file's.
    pub name: String,
    /// The file, from the repository's root.
    pub path: String,
    /// What is wrong with it, and the way out.
    pub detail: String,
}

/// A registered cluster: what a save made of the request, every default filled in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Cluster {
    /// Name of the cluster.
    pub name: String,
    /// `kubernetes`.
    pub cluster_kind: String,
    /// Where its API server runs.
    pub cluster_type: ClusterType,
    /// Purpose of the cluster.
    pub usage: Usage,
    /// The host of a virtual cluster, otherwise `""`.
    pub host_cluster: String,
    /// The domain below which the component host names lie.
    pub primary_domain: String,
    /// The runtime of a worker: `deployment` or `pipeline`; `""` for a host.
    pub worker_type: String,
    /// The URL of its API server.
    pub api_server: String,
    /// The components that a request can choose, by what they do.
    #[cfg_attr(feature = "schema", schema(schema_with = components_list))]
    pub components_list: ComponentsList,
    /// Namespace → names of the products that may use it.
    pub reserved_namespaces_allowed_products: BTreeMap<String, Vec<String>>,
    /// Product → cluster-wide resources that it may create.
    pub product_allowed_cluster_resources: BTreeMap<String, Vec<ClusterResource>>,
    /// State of its installs. In the answer to `Cluster_GetCluster`, and in a list with `include_status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Status, required = false))]
    pub status: Option<Status>,
    /// Registration in the management cluster, in RFC 3339; absent where that time is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = String, required = false, format = DateTime))]
    pub created_at: Option<String>,
    /// The last commit that changed something of it. In the answer to `Cluster_GetCluster` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = LastCommit, required = false))]
    pub last_commit: Option<LastCommit>,
}

/// The last commit that changed something of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LastCommit {
    /// Its SHA.
    pub id: String,
    /// Its page in GitLab.
    pub web_url: String,
    /// The first line of its message.
    pub title: String,
    /// Who made the change.
    pub author_name: String,
    /// When it was made, in RFC 3339.
    #[cfg_attr(feature = "schema", schema(format = DateTime))]
    pub committed_at: String,
}

words! {
    /// `physical`: a cluster of its own, registered with a kubeconfig. `virtual`: a vcluster inside a host cluster.
    ClusterType {
        /// A cluster of its own.
        Physical = "physical",
        /// A vcluster inside a host cluster.
        Virtual = "virtual",
    }
}

words! {
    /// `host`: it carries virtual clusters. `worker`: it runs the workloads of products.
    Usage {
        /// It carries virtual clusters.
        Host = "host",
        /// It runs the workloads of products.
        Worker = "worker",
    }
}

/// Components by what they do for a cluster: `gateway`, `deployment`, `pipeline` and so on.
pub type ComponentsList = BTreeMap<String, Component>;

/// The schema of the components: that of the request, which names each purpose.
#[cfg(feature = "schema")]
fn components_list() -> utoipa::openapi::Ref {
    utoipa::openapi::schema::RefBuilder::new()
        .ref_location_from_schema_name("ComponentsList")
        .description(Some(
            "The components that a request can choose, by what they do.",
        ))
        .build()
}

/// A component of the catalog.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Component {
    /// Name in the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(examples("traefik")))]
    pub name: Option<String>,
    /// The namespace it is installed into: a DNS-1123 label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(max_length = 63, examples("traefik")))]
    pub namespace: Option<String>,
    /// Properties of the component, which the catalog describes. Names are taken as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additions: Option<BTreeMap<String, TextOrInteger>>,
}

/// A kind of resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClusterResource {
    /// Kind of the resource.
    #[cfg_attr(
        feature = "schema",
        schema(required, min_length = 1, examples("ClusterRole"))
    )]
    pub kind: String,
    /// API group of the kind.
    #[cfg_attr(
        feature = "schema",
        schema(required, min_length = 1, examples("rbac.authorization.k8s.io"))
    )]
    pub group: String,
}

/// State of a cluster's installs, as Argo CD tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Status {
    /// In one word. `Registered`: Argo CD has not reacted yet. `Installing`: Argo CD works on it. `Ready`: every
    /// component is synced and healthy at the last commit. `Degraded`: a component failed, its `message` says
    /// why. `Removing`: it is registered no more, and its components say what is left. `Unknown`: the management
    /// cluster can't be asked, `message` says why.
    pub phase: Phase,
    /// Each Argo CD Application, sorted by component.
    pub components: Vec<ComponentStatus>,
    /// Facts about the stored credentials; absent where nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = CredentialsStatus, required = false))]
    pub credentials: Option<CredentialsStatus>,
    /// With `Unknown`: why the management cluster can't be asked. With `Registered`: what keeps Argo CD from reacting, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = String, required = false))]
    pub message: Option<String>,
}

words! {
    /// State of a cluster in one word.
    Phase {
        /// Argo CD has not reacted yet.
        Registered = "Registered",
        /// Argo CD works on it.
        Installing = "Installing",
        /// Every component is synced and healthy at the last commit.
        Ready = "Ready",
        /// A component failed.
        Degraded = "Degraded",
        /// The cluster is being removed.
        Removing = "Removing",
        /// The management cluster can't be asked.
        Unknown = "Unknown",
    }
}

/// State of an Argo CD Application.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ComponentStatus {
    /// The component, such as `tekton`.
    pub name: String,
    /// Argo CD's word: `Synced`, `OutOfSync` or `Unknown`.
    pub sync: String,
    /// Argo CD's word: `Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing` or `Unknown`.
    pub health: String,
    /// Why it is not installed yet; empty when it is.
    pub message: String,
    /// Since when its health is this one, in RFC 3339: Argo CD's `lastTransitionTime`, otherwise when the Application was made.
    /// Absent where neither is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = String, required = false, format = DateTime))]
    pub since: Option<String>,
}

impl ComponentStatus {
    /// Tells whether it is installed as the repository says.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.sync == "Synced" && self.health == "Healthy"
    }
}

/// Facts about the stored credentials.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CredentialsStatus {
    /// When the client certificate or token ends, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(format = DateTime))]
    pub expires_at: Option<String>,
    /// Argo CD has the credentials that the target branch approves. Absent where the branch approves none by
    /// fingerprint: of virtual clusters, and where an earlier version saved the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<bool>,
}
