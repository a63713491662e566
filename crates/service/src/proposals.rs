//! `GET /api/v1/merge-requests`: what is proposed for clusters, and what was merged.

use std::collections::BTreeSet;

use api::{ClusterMergeRequest, MergeRequestList, ProposedChange};
use domain::names;
use gitlab::MergeRequest;

use crate::paths;
use crate::problem::{self, Problem};
use crate::repository::Repository;
use crate::response;
use crate::runtime::{Response, Runtime};

/// Beginnings of the names of proposals' branches, and what merging one does.
const CHANGES: [(&str, ProposedChange); 4] = [
    (names::REGISTER_BRANCH, ProposedChange::Register),
    (names::ADOPT_BRANCH, ProposedChange::Register),
    (names::REMOVE_BRANCH, ProposedChange::Remove),
    (names::FORCE_REMOVE_BRANCH, ProposedChange::Remove),
];

/// Lists the proposals among the hundred merge requests of the target branch that changed last, of each source branch
/// the newest.
///
/// # Errors
/// GitLab refuses or fails.
pub(crate) async fn list<W: Runtime>(
    repository: &mut Repository<'_, W>,
) -> Result<Response, Problem> {
    let failed = problem::gitlab_before_writing;
    repository.open().await.map_err(failed)?;
    let found = repository.recent_merge_requests().await.map_err(failed)?;
    let mut branches = BTreeSet::new();
    let newest = found
        .iter()
        .filter(|it| branches.insert(it.source_branch.clone()));
    let items = newest.filter_map(item).collect();
    Ok(response::ok(&MergeRequestList { items }))
}

/// `None` for a branch that is no proposal of this service.
fn item(merge_request: &MergeRequest) -> Option<ClusterMergeRequest> {
    let (cluster, change) = CHANGES.into_iter().find_map(|(prefix, change)| {
        let cluster = merge_request.source_branch.strip_prefix(prefix)?;
        // Whoever may make branches may call them so, and pages make paths of the name.
        paths::is_cluster_name(cluster).then_some((cluster, change))
    })?;
    Some(ClusterMergeRequest {
        cluster_name: cluster.to_owned(),
        change,
        merge_request: response::merge_request(merge_request),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_says_which_cluster_a_proposal_is_for() {
        let item = |branch: &str| {
            let json = serde_json::json!({"iid": 5, "state": "opened", "web_url": "u", "source_branch": branch, "target_branch": "main"});
            item(&serde_json::from_value(json).unwrap())
        };
        for branch in ["nautes/register-a-1", "nautes/adopt-a-1"] {
            let register = item(branch).unwrap();
            assert_eq!(
                (&*register.cluster_name, register.change),
                ("a-1", ProposedChange::Register)
            );
            assert_eq!(register.merge_request.iid, 5);
        }
        for branch in ["nautes/remove-a", "nautes/force-remove-a"] {
            let remove = item(branch).unwrap();
            assert_eq!(
                (&*remove.cluster_name, remove.change),
                ("a", ProposedChange::Remove)
            );
        }
        for other in [
            "feature/register-a",
            "nautes/register-a/%2e%2e/b",
            "nautes/remove-A?b",
            "nautes/remove-",
        ] {
            assert_eq!(item(other), None, "{other}");
        }
    }
}
