//! What is answered on success.

use std::collections::BTreeMap;

use utoipa::ToSchema;

use crate::request::ComponentsList;
use crate::schema::{ClusterResource, ClusterType, Usage};

/// What a save has done, or would do.
#[derive(ToSchema)]
pub struct SaveClusterResponse {
    /// `Successfully saved {name} cluster`; of a proposal, in which merge request it is.
    pub message: String,
    /// What the caller should know although the request was carried out.
    pub warnings: Vec<String>,
    /// Null where nothing had to change, and in a dry run.
    #[schema(required)]
    pub commit: Option<Commit>,
    /// Where changes are delivered by merge request: the one that is open, otherwise the newest.
    #[schema(required = false)]
    pub merge_request: MergeRequest,
    /// What was done in the management cluster: nothing before a proposal is merged.
    pub installs: Vec<InstalledObject>,
    /// In a dry run alone: the files that would change.
    #[schema(required = false)]
    pub changes: Vec<FileChange>,
    /// In a dry run alone: the changes as a unified diff against the branch's head.
    #[schema(required = false)]
    pub diff: String,
}

/// What a removal has done, or would do.
#[derive(ToSchema)]
pub struct DeleteClusterResponse {
    /// `Successfully deleted {name} cluster`; of a proposal, in which merge request it is.
    pub message: String,
    /// What the caller should know although the request was carried out.
    pub warnings: Vec<String>,
    /// Null where nothing had to change, and in a dry run.
    #[schema(required)]
    pub commit: Option<Commit>,
    /// Where changes are delivered by merge request: the one that is open, otherwise the newest.
    #[schema(required = false)]
    pub merge_request: MergeRequest,
    /// What was done in the management cluster: nothing before a proposal is merged.
    pub installs: Vec<InstalledObject>,
    /// Except of a proposal and in a dry run: what Argo CD has still to remove. Send the request again to follow it; empty when
    /// the cluster is gone.
    #[schema(required = false)]
    pub uninstalling: Vec<String>,
    /// In a dry run alone: the files that would change.
    #[schema(required = false)]
    pub changes: Vec<FileChange>,
    /// In a dry run alone: the changes as a unified diff against the branch's head.
    #[schema(required = false)]
    pub diff: String,
}

/// A commit in the tenant configuration repository.
#[derive(ToSchema)]
pub struct Commit {
    /// Its SHA.
    pub id: String,
    /// Its page in GitLab.
    pub web_url: String,
    /// Number of files that the request changed.
    pub files_changed: u64,
}

/// A merge request in the tenant configuration repository.
#[derive(ToSchema)]
pub struct MergeRequest {
    /// Its number in the project.
    pub iid: u64,
    /// Its page in GitLab.
    pub web_url: String,
    /// `opened`, `closed`, `locked` or `merged`.
    pub state: String,
    /// The branch with the change: `nautes/register-{name}` or `nautes/remove-{name}`.
    pub source_branch: String,
    /// The branch that it should go to.
    pub target_branch: String,
}

/// An object of the management cluster.
#[derive(ToSchema)]
pub struct InstalledObject {
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What was done with it; `planned` in a dry run.
    pub action: InstallAction,
}

/// What was done with an object.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum InstallAction {
    Created,
    Applied,
    Patched,
    Refreshed,
    Deleted,
    Planned,
}

/// A file that would change.
#[derive(ToSchema)]
pub struct FileChange {
    /// Its path in the repository.
    pub path: String,
    /// What would happen to it.
    pub action: FileAction,
}

/// What would happen to a file.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum FileAction {
    Create,
    Update,
    Delete,
}

/// The clusters that were selected.
#[derive(ToSchema)]
pub struct ClusterList {
    /// Each without `status`, unless `include_status` is on.
    pub items: Vec<Cluster>,
    /// Resource files that are there and can't be read, at most 50 of them; absent where all can.
    #[schema(required = false)]
    pub unreadable: Vec<UnreadableFile>,
    /// In the answer to a request for a page: the `page_token` of the next one; absent on the last.
    #[schema(required = false)]
    pub next_page_token: String,
}

/// A resource file that can't be read.
#[derive(ToSchema)]
pub struct UnreadableFile {
    /// Name of the cluster, by the file's.
    pub name: String,
    /// The file, from the repository's root.
    pub path: String,
    /// What is wrong with it, and the way out.
    pub detail: String,
}

/// A registered cluster: what a save made of the request, every default filled in.
#[derive(ToSchema)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// `kubernetes`.
    pub cluster_kind: String,
    /// Where its API server runs.
    pub cluster_type: ClusterType,
    /// What it is for.
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
    pub components_list: ComponentsList,
    /// Namespace → names of the products that may use it.
    pub reserved_namespaces_allowed_products: BTreeMap<String, Vec<String>>,
    /// Product → cluster-wide resources that it may create.
    pub product_allowed_cluster_resources: BTreeMap<String, Vec<ClusterResource>>,
    /// How far its installs are. In the answer to `Cluster_GetCluster`, and in a list with `include_status`.
    #[schema(required = false)]
    pub status: Status,
    /// When it was registered in the management cluster; absent where that is not known.
    #[schema(required = false, format = DateTime)]
    pub created_at: String,
    /// The last commit that changed something of it. In the answer to `Cluster_GetCluster` alone.
    #[schema(required = false)]
    pub last_commit: LastCommit,
}

/// The last commit that changed something of a cluster.
#[derive(ToSchema)]
pub struct LastCommit {
    /// Its SHA.
    pub id: String,
    /// Its page in GitLab.
    pub web_url: String,
    /// The first line of its message.
    pub title: String,
    /// Who made the change.
    pub author_name: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub committed_at: String,
}

/// How far a cluster's installs are, as Argo CD tells it.
#[derive(ToSchema)]
pub struct Status {
    /// In one word. `Registered`: Argo CD has not reacted yet. `Installing`: Argo CD works on it. `Ready`: every
    /// component is synced and healthy at the last commit. `Degraded`: a component failed, its `message` says
    /// why. `Removing`: it is registered no more, and its components say what is left. `Unknown`: the management
    /// cluster can't be asked, `message` says why.
    pub phase: Phase,
    /// Each Argo CD Application, sorted by component.
    pub components: Vec<ComponentStatus>,
    /// What is known of the stored credentials; absent where nothing is.
    #[schema(required = false)]
    pub credentials: CredentialsStatus,
    /// With `Unknown`: why the management cluster can't be asked.
    #[schema(required = false)]
    pub message: String,
}

/// How far a cluster is, in one word.
#[derive(ToSchema)]
#[expect(missing_docs, reason = "the field says it")]
pub enum Phase {
    Registered,
    Installing,
    Ready,
    Degraded,
    Removing,
    Unknown,
}

/// One Argo CD Application.
#[derive(ToSchema)]
pub struct ComponentStatus {
    /// The component, such as `tekton`.
    pub name: String,
    /// Argo CD's word: `Synced`, `OutOfSync` or `Unknown`.
    pub sync: String,
    /// Argo CD's word: `Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing` or `Unknown`.
    pub health: String,
    /// Why it is not installed yet; empty when it is.
    pub message: String,
}

/// What is known of the stored credentials.
#[derive(ToSchema)]
pub struct CredentialsStatus {
    /// When the client certificate ends.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// Argo CD has the credentials that the target branch approves. Absent where the branch approves none by
    /// fingerprint: of virtual clusters, and where an earlier version saved the cluster.
    pub approved: Option<bool>,
}

/// The service is there.
#[derive(ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: String,
}

/// What there is.
#[derive(ToSchema)]
pub struct Index {
    /// `nautes-clusters`.
    pub name: String,
    /// The version of the service.
    pub version: String,
    /// The path of the clusters.
    pub clusters: String,
    /// The paths to ask whether the service is there.
    pub health: Vec<String>,
    /// The path of this description.
    pub openapi: String,
}

/// An OpenAPI 3.1 description.
#[derive(ToSchema)]
pub struct Description {
    /// The version of OpenAPI.
    #[schema(examples("3.1.0"))]
    pub openapi: String,
    /// Title and version of the API.
    pub info: serde_json::Value,
    /// The operations.
    pub paths: serde_json::Value,
    /// What they refer to.
    pub components: serde_json::Value,
}
