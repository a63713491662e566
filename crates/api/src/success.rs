//! Answers on success.

use serde::{Deserialize, Serialize};

use crate::cluster::{Cluster, Phase};
use crate::word::words;

/// Result of a save, or of its dry run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SaveClusterResponse {
    /// `Successfully saved {name} cluster`; of a proposal, in which merge request it is.
    pub message: String,
    /// Notes for the caller although the request was carried out.
    pub warnings: Vec<String>,
    /// Null where nothing had to change, and in a dry run.
    #[cfg_attr(feature = "schema", schema(required))]
    pub commit: Option<Commit>,
    /// Where changes are delivered by merge request: the one that is open, otherwise the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = MergeRequest, required = false))]
    pub merge_request: Option<MergeRequest>,
    /// Objects of the management cluster that were touched: none before a proposal is merged.
    pub installs: Vec<InstalledObject>,
    /// In a dry run alone: the files that would change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<FileChange>, required = false))]
    pub changes: Option<Vec<FileChange>>,
    /// In a dry run alone: the changes as a unified diff against the branch's head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = String, required = false))]
    pub diff: Option<String>,
}

/// Result of a removal, or of its dry run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DeleteClusterResponse {
    /// `Successfully deleted {name} cluster`; of a proposal, in which merge request it is.
    pub message: String,
    /// Notes for the caller although the request was carried out.
    pub warnings: Vec<String>,
    /// Null where nothing had to change, and in a dry run.
    #[cfg_attr(feature = "schema", schema(required))]
    pub commit: Option<Commit>,
    /// Where changes are delivered by merge request: the one that is open, otherwise the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = MergeRequest, required = false))]
    pub merge_request: Option<MergeRequest>,
    /// Objects of the management cluster that were touched: none before a proposal is merged.
    pub installs: Vec<InstalledObject>,
    /// Except of a proposal and in a dry run: what Argo CD has still to remove. Send the request again to follow it; empty when
    /// the cluster is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>, required = false))]
    pub uninstalling: Option<Vec<String>>,
    /// In a dry run alone: the files that would change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<FileChange>, required = false))]
    pub changes: Option<Vec<FileChange>>,
    /// In a dry run alone: the changes as a unified diff against the branch's head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = String, required = false))]
    pub diff: Option<String>,
}

/// A commit in the tenant configuration repository.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Commit {
    /// SHA of the commit.
    pub id: String,
    /// Page in GitLab.
    pub web_url: String,
    /// Number of files that the request changed.
    pub files_changed: u64,
}

/// A merge request in the tenant configuration repository.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MergeRequest {
    /// Number in the project.
    pub iid: u64,
    /// Page in GitLab.
    pub web_url: String,
    /// `opened`, `closed`, `locked` or `merged`.
    pub state: String,
    /// The branch with the change: `nautes/register-{name}`, `nautes/adopt-{name}`, `nautes/remove-{name}` or
    /// `nautes/force-remove-{name}`.
    pub source_branch: String,
    /// The branch that it should go to.
    pub target_branch: String,
}

/// Proposals for clusters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MergeRequestList {
    /// Newest first; of each branch the newest merge request alone.
    pub items: Vec<ClusterMergeRequest>,
}

/// A proposal to register, change or remove a cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClusterMergeRequest {
    /// Name of the cluster.
    pub cluster_name: String,
    /// Change that merging it makes.
    pub change: ProposedChange,
    /// Its merge request.
    pub merge_request: MergeRequest,
}

/// Next step for a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposalStep {
    /// Somebody merges it in GitLab.
    Merge,
    /// The request that proposed it is sent again, with its kubeconfig.
    Install,
    /// The removal that proposed it is sent again.
    Uninstall,
}

impl ClusterMergeRequest {
    /// Returns the next step; `None` where nothing is to be done. `clusters` are all that are registered, with their status.
    ///
    /// After [`ProposalStep::Uninstall`] the merge request is the same as before: whether anything is left, a `GET` of the cluster
    /// tells, which is 404 `CLUSTER_NOT_FOUND` where nothing is.
    #[must_use]
    pub fn next_step(&self, clusters: &[Cluster]) -> Option<ProposalStep> {
        let mut registered = clusters.iter();
        let registered = registered.find(|cluster| cluster.name == self.cluster_name);
        let phase = registered
            .and_then(|cluster| cluster.status.as_ref())
            .map(|status| &status.phase);
        match (self.merge_request.state.as_str(), &self.change) {
            ("opened", _) => Some(ProposalStep::Merge),
            ("merged", ProposedChange::Register) if phase == Some(&Phase::Registered) => {
                Some(ProposalStep::Install)
            }
            ("merged", ProposedChange::Remove) if registered.is_none() => {
                Some(ProposalStep::Uninstall)
            }
            _ => None,
        }
    }
}

words! {
    /// Change that a proposal makes.
    ProposedChange {
        /// The cluster is registered, or its registration changes.
        Register = "register",
        /// The cluster is removed.
        Remove = "remove",
    }
}

/// An object of the management cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InstalledObject {
    /// Kind of the object.
    pub kind: String,
    /// Namespace of the object.
    pub namespace: String,
    /// Name of the object.
    pub name: String,
    /// Change that was made; `planned` in a dry run.
    pub action: InstallAction,
}

words! {
    /// Change that was made to an object.
    InstallAction {
        /// Made anew.
        Created = "created",
        /// Brought up to date.
        Applied = "applied",
        /// Changed in some fields.
        Patched = "patched",
        /// Argo CD was told to look at it again.
        Refreshed = "refreshed",
        /// Gone, or going.
        Deleted = "deleted",
        /// Not touched yet.
        Planned = "planned",
    }
}

/// A file that would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FileChange {
    /// Path in the repository.
    pub path: String,
    /// Change that would be made.
    pub action: FileAction,
}

words! {
    /// Change of a file.
    FileAction {
        /// New.
        Create = "create",
        /// With another content.
        Update = "update",
        /// Gone.
        Delete = "delete",
    }
}
