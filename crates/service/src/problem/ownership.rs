//! Objects of the management cluster that are somebody else's.

use api::Reason;
use argocd::ownership::{ConflictReason, OwnershipConflict};

use super::Problem;

/// Seconds after which an uninstall is worth asking again for: Argo CD deletes a component in about as many.
const UNINSTALL: &str = "10";

/// An object that a save would have to overwrite, and may not.
#[must_use]
pub fn taken(conflict: &OwnershipConflict) -> Problem {
    let object = conflict.target.to_string();
    let owner = conflict.cluster.as_deref();
    let (status, reason, fact) = match conflict.reason {
        ConflictReason::Removal => {
            let detail = match owner {
                Some(owner) => format!(
                    "{object} is still there from the removal of cluster {owner}, and Kubernetes is about to take it; \
                     send the request again when DELETE of {owner} answers 404; nothing was written"
                ),
                None => format!(
                    "{object} is being deleted; send the request again when it is gone; nothing was written"
                ),
            };
            let mut problem = Problem::new(409, Reason::RemovalInProgress, detail);
            problem.object = Some(object);
            return problem.header("retry-after", UNINSTALL);
        }
        ConflictReason::Server => (409, Reason::ApiServerInUse, "is for the same API server"),
        ConflictReason::Name => (409, Reason::ClusterNameInUse, "has the same name"),
    };
    let way_out = match owner {
        Some(owner) => format!("it is cluster {owner}'s; send DELETE of {owner} to have it removed"),
        None if conflict.adoptable => {
            "if it is this cluster's (of a tenant that the original wrote, or added with another tool), send \
             adopt=true with the kubeconfig, and it is taken over; a virtual cluster has to be registered for that; \
             otherwise remove it"
                .to_owned()
        }
        None => "remove it first, as with argocd cluster rm".to_owned(),
    };
    let detail = format!(
        "{object} of the management cluster {fact} and was not written for this cluster; {way_out}; nothing was written"
    );
    let mut problem = Problem::new(status, reason, detail);
    problem.object = Some(object);
    problem.cluster = owner.map(str::to_owned);
    problem
}
