//! Types of everything that goes over HTTP: the request to save a cluster, the answers, the events of a watch and the
//! problem document.
//!
//! The service answers with these types and the command line reads them. A reader is tolerant: an unknown field is
//! skipped and an unknown word is kept as it is, so that an older command line reads a newer service. A member that
//! the service leaves out is `None` or empty, and is left out again when it is written.

mod cluster;
mod events;
mod problem;
mod request;
mod service;
mod success;
mod word;

pub use cluster::{
    Cluster, ClusterList, ClusterResource, ClusterType, Component, ComponentStatus, ComponentsList,
    CredentialsStatus, LastCommit, Phase, Status, UnreadableFile, Usage,
};
pub use events::{EndReason, EventReader, StreamEnd, WatchEvent};
pub use problem::{Problem, Reason, Violation};
pub use request::{SaveClusterRequest, TextOrInteger, Traefik, VirtualCluster};
pub use service::{Health, Index};
pub use success::{
    ClusterMergeRequest, Commit, DeleteClusterResponse, FileAction, FileChange, InstallAction,
    InstalledObject, MergeRequest, MergeRequestList, ProposalStep, ProposedChange,
    SaveClusterResponse,
};

/// The path of all clusters; that of one has its name behind a slash.
pub const CLUSTERS: &str = "/api/v1/clusters";

/// The path of the merge requests for clusters.
pub const MERGE_REQUESTS: &str = "/api/v1/merge-requests";
