//! State of the repository that a save asks for.

use domain::render::{RenderError, SharedFiles, Tree};
use domain::{Checked, Cluster, Surroundings};
use gitlab::message::Approval;

use crate::runtime::Components;

/// Tells whether the places of the cluster's files change.
pub(super) fn is_moved(current: &Cluster, cluster: &Cluster) -> bool {
    (current.cluster_type, current.usage, current.worker_type)
        != (cluster.cluster_type, cluster.usage, cluster.worker_type)
        || current.host_cluster != cluster.host_cluster
}

/// The tree of a cluster; where it was registered in another place or with another API server, without
/// what it leaves behind there.
pub(super) fn desired<D: Components>(
    components: &D,
    checked: &Checked,
    shared: &SharedFiles,
    settings: &domain::Settings,
) -> Result<Tree, RenderError> {
    let tree = components.render(&checked.cluster, &checked.surroundings, shared, settings)?;
    let Some((current, surroundings)) = &checked.current else {
        return Ok(tree);
    };
    if !is_moved(current, &checked.cluster) && current.api_server == checked.cluster.api_server {
        return Ok(tree);
    }
    let mut left = components.remove(current, surroundings, shared, settings)?;
    left.files.extend(tree.files);
    left.absent.extend(tree.absent);
    left.absent.retain(|path| !left.files.contains_key(path));
    left.folders.extend(tree.folders);
    Ok(left)
}

/// Tells whether no other cluster is concerned, neither where the cluster is nor where it was.
pub(super) fn is_independent(checked: &Checked) -> bool {
    let is_alone = |surroundings: &Surroundings| {
        surroundings.host.is_none() && surroundings.virtual_clusters.is_empty()
    };
    let current = checked.current.as_ref();
    let is_moved = current.is_some_and(|(current, _)| is_moved(current, &checked.cluster));
    is_alone(&checked.surroundings) && !is_moved
}

pub(super) fn summary(checked: &Checked, approval: Option<&Approval>) -> String {
    let cluster = &checked.cluster;
    let verb = if checked.current.is_some() {
        "Update"
    } else {
        "Register"
    };
    let kind = match (cluster.cluster_type, cluster.worker_type) {
        (domain::ClusterType::Virtual, _) => "virtual",
        (domain::ClusterType::Physical, None) => "host",
        (domain::ClusterType::Physical, Some(_)) => "physical",
    };
    let runtime = match cluster.worker_type {
        Some(domain::WorkerType::Deployment) => " deployment",
        Some(domain::WorkerType::Pipeline) => " pipeline",
        None => "",
    };
    let end = approval.map(Approval::summary_end).unwrap_or_default();
    format!("{verb} {kind}{runtime} cluster {}{end}", cluster.name)
}
