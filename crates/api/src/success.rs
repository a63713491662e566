//! What is answered on success.

use serde::{Deserialize, Serialize};

use crate::word::words;

/// What a save has done, or would do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SaveClusterResponse {
    /// `Successfully saved {name} cluster`; of a proposal, in which merge request it is.
    pub message: String,
    /// What the caller should know although the request was carried out.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Null where nothing had to change, and in a dry run.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub commit: Option<Commit>,
    /// Where changes are delivered by merge request: the one that is open, otherwise the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_request: Option<MergeRequest>,
    /// What was done in the management cluster: nothing before a proposal is merged.
    #[serde(default)]
    pub installs: Vec<InstalledObject>,
    /// In a dry run alone: the files that would change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<FileChange>>,
    /// In a dry run alone: the changes as a unified diff against the branch's head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// What a removal has done, or would do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DeleteClusterResponse {
    /// `Successfully deleted {name} cluster`; of a proposal, in which merge request it is.
    pub message: String,
    /// What the caller should know although the request was carried out.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Null where nothing had to change, and in a dry run.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub commit: Option<Commit>,
    /// Where changes are delivered by merge request: the one that is open, otherwise the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_request: Option<MergeRequest>,
    /// What was done in the management cluster: nothing before a proposal is merged.
    #[serde(default)]
    pub installs: Vec<InstalledObject>,
    /// Except of a proposal and in a dry run: what Argo CD has still to remove. Send the request again to follow it; empty when
    /// the cluster is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uninstalling: Option<Vec<String>>,
    /// In a dry run alone: the files that would change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<FileChange>>,
    /// In a dry run alone: the changes as a unified diff against the branch's head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// A commit in the tenant configuration repository.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Commit {
    /// Its SHA.
    pub id: String,
    /// Its page in GitLab.
    pub web_url: String,
    /// Number of files that the request changed.
    pub files_changed: u64,
}

/// A merge request in the tenant configuration repository.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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

words! {
    /// What was done with an object.
    InstallAction {
        /// It was not there.
        Created = "created",
        /// It was there and is now as it should be.
        Applied = "applied",
        /// Some of its fields were changed.
        Patched = "patched",
        /// Argo CD was told to look at it again.
        Refreshed = "refreshed",
        /// It is gone, or goes.
        Deleted = "deleted",
        /// It would be touched.
        Planned = "planned",
    }
}

/// A file that would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FileChange {
    /// Its path in the repository.
    pub path: String,
    /// What would happen to it.
    pub action: FileAction,
}

words! {
    /// What would happen to a file.
    FileAction {
        /// It is new.
        Create = "create",
        /// Its content changes.
        Update = "update",
        /// It goes.
        Delete = "delete",
    }
}
