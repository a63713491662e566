//! Paths in the repository and names of objects: every name that is derived from a cluster's is spelled here, and
//! nowhere else. Other parts of the system find by these names what the rendered files have created, and
//! [`derived`] lists them with the limit of each, so that a name that is too long or taken is refused.

mod derived;

use crate::{Category, Cluster, ClusterType, Component, Usage};

pub use derived::{DerivedName, NameKind, derived, overlapping_tail, shared};

/// The Kubernetes API server of the cluster that Argo CD runs in, as Argo CD calls it.
pub const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// Name that Argo CD has for the management cluster: a Secret of this name would stand in its place wherever an Application or
/// AppProject says so.
pub const IN_CLUSTER_NAME: &str = "in-cluster";

/// The label of every Application and ApplicationSet of a cluster: a status lists by it.
pub const CLUSTER_LABEL: &str = "cluster.nautes.io/name";

/// Label of a cluster Secret: `host` or `worker`, by which the ApplicationSets choose their clusters.
pub const USAGE_LABEL: &str = "cluster.nautes.io/usage";

/// The annotation of a resource file and of a cluster Secret that tells which credentials are approved, and which are
/// stored: their fingerprint.
pub const CREDENTIALS: &str = "cluster.nautes.io/credentials";

/// The annotation by which an Application is compared with its cluster by a dry run of the API server. The structured
/// merge, which server-side apply selected before Argo CD 3.6, finds differences that no sync removes, and is
/// discontinued.
pub const SERVER_SIDE_DIFF: (&str, &str) =
    ("argocd.argoproj.io/compare-options", "ServerSideDiff=true");

/// The list of all clusters' resource files.
pub const KUSTOMIZATION: &str = "nautes/overlays/production/clusters/kustomization.yaml";

/// The ApplicationSet over the hosts, which makes an Application for each.
pub const HOST_SET: &str = "host-cluster-appset";

/// The file of [`HOST_SET`].
pub const HOST_APPLICATION_SET: &str = "tenant/production/host-cluster-appset.yaml";

/// Beginning of the branch that proposes to register a cluster, or to change it; the cluster's name follows.
pub const REGISTER_BRANCH: &str = "nautes/register-";

/// Beginning of the branch that proposes the same and to take over what others made for the cluster. Not that of an
/// ordinary registration, whose commits do not say so.
pub const ADOPT_BRANCH: &str = "nautes/adopt-";

/// Beginning of the branch that proposes to remove a cluster.
pub const REMOVE_BRANCH: &str = "nautes/remove-";

/// Beginning of the branch that proposes to remove a cluster by force. Not that of an ordinary removal, whose commits do
/// not say so.
pub const FORCE_REMOVE_BRANCH: &str = "nautes/force-remove-";

/// The folder of a worker's runtime.
#[must_use]
pub fn runtime_folder(cluster: &str) -> String {
    format!("runtimes/{cluster}-runtime")
}

/// The folder of a host.
#[must_use]
pub fn host_folder(host: &str) -> String {
    format!("host-clusters/{host}")
}

/// The folder of a virtual cluster below its host.
#[must_use]
pub fn vcluster_folder(host: &str, cluster: &str) -> String {
    format!("host-clusters/{host}/vclusters/{cluster}")
}

/// The AppProject of a worker's components.
#[must_use]
pub fn project(cluster: &str) -> String {
    format!("{cluster}-runtime-project")
}

/// The AppProject of a host's components, and of its virtual clusters.
#[must_use]
pub fn host_project(host: &str) -> String {
    format!("{host}-host-project")
}

/// The longest name of a tenant: [`tenant_root`] is the value of a label where an operator has Argo CD track by label.
pub const MAX_TENANT: usize = crate::name::MAX_LABEL - "-management".len();

/// The Application of everything that a tenant's repository has for the management cluster.
#[must_use]
pub fn tenant_root(tenant: &str) -> String {
    format!("{tenant}-management")
}

/// The AppProject of what a tenant's ApplicationSets put into all workers.
#[must_use]
pub fn workers_project(tenant: &str) -> String {
    format!("{tenant}-workers")
}

/// A tenant's ApplicationSet, named after the suffix of the Applications it makes.
pub(crate) fn set_over(suffix: &str) -> String {
    format!("{suffix}-appset")
}

/// The ApplicationSet over a host's virtual clusters.
#[must_use]
pub fn vcluster_set(host: &str) -> String {
    format!("{host}-vcluster-appset")
}

/// The Application of a worker's component Applications.
#[must_use]
pub fn runtime_root(cluster: &str) -> String {
    application(cluster, "runtime-app")
}

/// The Application of what a virtual cluster needs on its host.
#[must_use]
pub fn vcluster_initial(cluster: &str) -> String {
    application(cluster, "vcluster-initial")
}

/// The Service by which a virtual cluster is reached, in its namespace on its host.
#[must_use]
pub fn vcluster_service(cluster: &str) -> String {
    format!("svc-{cluster}")
}

/// The host name at which people log in to a cluster's dashboards, below a domain.
pub(crate) fn login_host(cluster: &str, domain: &str) -> String {
    format!("auth.{cluster}.{domain}")
}

/// The Job that fetches the kubeconfig of a virtual cluster.
#[must_use]
pub fn kubeconfig_job(cluster: &str) -> String {
    format!("{cluster}-kubeconfig")
}

/// The components of a cluster that are installed in it. A virtual cluster is served by its host's gateway, even
/// where it names one of its own.
pub fn installed(cluster: &Cluster) -> impl Iterator<Item = &Component> {
    let is_virtual = cluster.cluster_type == ClusterType::Virtual;
    let components = cluster.components.iter();
    components
        .filter(move |(category, _)| !is_virtual || **category != Category::Gateway)
        .map(|(_, component)| component)
}

/// Helm refuses longer names of releases.
pub(crate) const MAX_RELEASE: usize = 53;

/// The release of a component's chart. On a host it has the host's name in it, as the original has it, where Helm
/// takes that and a Service can be called so: before Kubernetes 1.36 its name begins with a letter.
#[must_use]
pub fn release(cluster: &str, usage: Usage, component: &str) -> String {
    let prefixed = application(cluster, component);
    let fits =
        prefixed.len() <= MAX_RELEASE && cluster.starts_with(|c: char| c.is_ascii_lowercase());
    if usage == Usage::Host && fits {
        prefixed
    } else {
        component.to_owned()
    }
}

/// An Application of a cluster.
pub(crate) fn application(cluster: &str, what: &str) -> String {
    format!("{cluster}-{what}")
}

/// The Helm release of a virtual cluster, in the namespace of its name on its host; its StatefulSet and its
/// Service are called the same, and its kubeconfig is in the Secret `vc-{release}`.
#[must_use]
pub fn vcluster_release(cluster: &str) -> String {
    format!("{cluster}-vcluster-app")
}
