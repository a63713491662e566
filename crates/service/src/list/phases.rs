//! The phases of a list's clusters.

use api::Status;
use domain::{Cluster, Usage};
use futures::future::join_all;
use gitlab::Commit;

use super::Item;
use crate::management::Management;
use crate::paths;
use crate::repository::Repository;
use crate::runtime::Runtime;

/// Clusters whose Applications are read at a time: about 13 each, of 10 KiB, so 3 MiB.
const CLUSTERS: usize = 25;

/// The status of each, in their order.
pub(super) async fn statuses<W: Runtime>(
    repository: &Repository<'_, W>,
    management: &Management<'_, W>,
    head: &str,
    newest: &[Commit],
    items: &[Item],
) -> Vec<Status> {
    let mut statuses = Vec::with_capacity(items.len());
    for items in items.chunks(CLUSTERS) {
        let clusters: Vec<&Cluster> = items.iter().map(|item| &item.cluster).collect();
        let revisions = clusters
            .iter()
            .map(|cluster| revisions(repository, head, newest, cluster));
        let (observed, revisions) =
            futures::join!(management.observe_all(&clusters), join_all(revisions));
        for ((cluster, observed), revisions) in clusters.iter().zip(observed).zip(revisions) {
            statuses.push(management.status(cluster, &observed, &revisions));
        }
    }
    statuses
}

/// Commits at which everything of a cluster is as it is at the head. What a commit of ours was for is told by its
/// message; one of somebody else may concern every cluster. A host's files change with those of its virtual clusters, which
/// no message tells, so of the few hosts GitLab is asked.
async fn revisions<W: Runtime>(
    repository: &Repository<'_, W>,
    head: &str,
    newest: &[Commit],
    cluster: &Cluster,
) -> Vec<String> {
    if cluster.usage == Usage::Host {
        let own = domain::resource::path(&cluster.name);
        let folders = paths::installed_from(cluster);
        return repository.history(&folders, &own, head).await.revisions;
    }
    let concerns = |commit: &Commit| match gitlab::message::cluster(&commit.message) {
        Some(name) => name == cluster.name || Some(&name) == cluster.host_cluster.as_ref(),
        None => true,
    };
    let unchanged = newest.iter().position(concerns).unwrap_or(newest.len());
    let revisions = newest.iter().take(unchanged + 1);
    revisions.map(|commit| commit.id.clone()).collect()
}
