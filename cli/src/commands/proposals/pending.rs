//! Proposals that somebody has to go on with before a cluster is what its file or its removal says.

use api::{Cluster, ClusterMergeRequest, Phase, ProposalStep, ProposedChange};

use crate::service::ServiceClient;

/// Newest merge request of each branch that proposes something for a cluster.
pub(crate) struct Proposals(Vec<ClusterMergeRequest>);

impl Proposals {
    /// Reads the proposals for a hint beside another answer. Where that fails there is no hint, and the other answer stands: an
    /// older service has no such list.
    pub(crate) async fn read(service: &ServiceClient) -> Self {
        let listed = service.merge_requests().await;
        Self(listed.map(|list| list.items).unwrap_or_default())
    }

    /// Keeps the proposals of one kind of change.
    pub(crate) fn of_change(mut self, change: &ProposedChange) -> Self {
        self.0.retain(|proposal| proposal.change == *change);
        self
    }

    /// The next step for a cluster, as a sentence. `cluster` is what a `GET` of it answers; `None` for a 404.
    pub(crate) fn next_step(&self, name: &str, cluster: Option<&Cluster>) -> Option<String> {
        let is_removing = |cluster: &&Cluster| {
            let status = cluster.status.as_ref();
            status.is_some_and(|status| status.phase == Phase::Removing)
        };
        // What is being removed is answered, and registered no more.
        let registered = cluster.filter(|cluster| !is_removing(cluster));
        let registered = registered.map(std::slice::from_ref).unwrap_or_default();
        let of_cluster = self.0.iter();
        let of_cluster = of_cluster.filter(|proposal| proposal.cluster_name == name);
        of_cluster
            .filter_map(|proposal| Some((proposal, proposal.next_step(registered)?)))
            // Nothing is left to be uninstalled where nothing is answered.
            .find(|(_, step)| *step != ProposalStep::Uninstall || cluster.is_some())
            .map(|(proposal, step)| sentence(proposal, step))
    }
}

fn sentence(proposal: &ClusterMergeRequest, step: ProposalStep) -> String {
    let page = &proposal.merge_request.web_url;
    let command = match proposal.change {
        ProposedChange::Remove => {
            format!(
                "run `nautes-clusters delete {}` again",
                proposal.cluster_name
            )
        }
        ProposedChange::Register | ProposedChange::Other(_) => {
            "run `nautes-clusters apply` with its file again".to_owned()
        }
    };
    match step {
        ProposalStep::Merge => format!("{page} is not merged: merge it, then {command}"),
        ProposalStep::Install => format!("{page} is merged and nothing is installed: {command}"),
        ProposalStep::Uninstall => {
            format!("{page} is merged and not everything is uninstalled: {command}")
        }
    }
}

#[cfg(test)]
mod tests {
    use api::MergeRequest;

    use super::super::tests::cluster;
    use super::*;

    fn proposals(change: ProposedChange, state: &str) -> Proposals {
        Proposals(vec![ClusterMergeRequest {
            cluster_name: "build".to_owned(),
            change,
            merge_request: MergeRequest {
                web_url: "https://gitlab/7".to_owned(),
                state: state.to_owned(),
                ..MergeRequest::default()
            },
        }])
    }

    #[test]
    fn every_step_names_its_command() {
        let (register, remove) = (ProposedChange::Register, ProposedChange::Remove);
        for (change, state, phase, said) in [
            (
                &register,
                "opened",
                None,
                Some(
                    "https://gitlab/7 is not merged: merge it, then run `nautes-clusters apply` with its file again",
                ),
            ),
            (
                &register,
                "merged",
                Some(Phase::Registered),
                Some(
                    "https://gitlab/7 is merged and nothing is installed: run `nautes-clusters apply` with its file again",
                ),
            ),
            (&register, "merged", Some(Phase::Installing), None),
            (
                &remove,
                "opened",
                Some(Phase::Ready),
                Some(
                    "https://gitlab/7 is not merged: merge it, then run `nautes-clusters delete build` again",
                ),
            ),
            (
                &remove,
                "merged",
                Some(Phase::Removing),
                Some(
                    "https://gitlab/7 is merged and not everything is uninstalled: run `nautes-clusters delete build` again",
                ),
            ),
            (&remove, "merged", None, None),
            (&remove, "closed", Some(Phase::Ready), None),
        ] {
            let cluster = phase.map(|phase| cluster("build", phase));
            let step = proposals(change.clone(), state).next_step("build", cluster.as_ref());
            assert_eq!(step.as_deref(), said, "{state}");
            assert_eq!(
                proposals(change.clone(), state).next_step("other", None),
                None
            );
            let others = proposals(change.clone(), state).of_change(&ProposedChange::default());
            assert_eq!(others.next_step("build", cluster.as_ref()), None);
        }
    }
}
