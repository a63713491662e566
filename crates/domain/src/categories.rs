//! Which categories of components each kind of cluster has.

use crate::{Category, ClusterType, Usage, WorkerType};

use Category::{
    Deployment, EventListener, Gateway, MultiTenant, OauthProxy, Pipeline, ProgressiveDelivery,
    SecretManagement, SecretSync,
};

/// The categories that are installed in a cluster of that kind. A worker without a type is a
/// deployment runtime, as in the guides of version 0.2.
///
/// A virtual pipeline runtime may carry a `gateway` besides: it is kept in its resource file, and its
/// host's serves it.
#[must_use]
pub const fn categories(
    cluster_type: ClusterType,
    usage: Usage,
    worker_type: Option<WorkerType>,
) -> &'static [Category] {
    match (usage, cluster_type, worker_type) {
        (Usage::Host, _, _) => &[Gateway, SecretManagement, OauthProxy],
        (Usage::Worker, ClusterType::Physical, Some(WorkerType::Pipeline)) => &[
            MultiTenant,
            SecretSync,
            Gateway,
            Deployment,
            Pipeline,
            EventListener,
            SecretManagement,
            OauthProxy,
        ],
        (Usage::Worker, ClusterType::Physical, _) => &[
            MultiTenant,
            SecretSync,
            Gateway,
            Deployment,
            ProgressiveDelivery,
            SecretManagement,
            OauthProxy,
        ],
        (Usage::Worker, ClusterType::Virtual, Some(WorkerType::Pipeline)) => &[
            MultiTenant,
            SecretSync,
            Deployment,
            Pipeline,
            EventListener,
            SecretManagement,
        ],
        (Usage::Worker, ClusterType::Virtual, _) => &[
            MultiTenant,
            SecretSync,
            Deployment,
            ProgressiveDelivery,
            SecretManagement,
        ],
    }
}
