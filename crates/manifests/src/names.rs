//! Paths in the repository and names of objects. Other parts of the system find by these names what the
//! rendered files have created.

use cluster::{Category, Cluster, Usage};

/// The Kubernetes API server of the cluster that Argo CD runs in, as Argo CD calls it.
pub const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// The list of all clusters' resource files.
pub const KUSTOMIZATION: &str = "nautes/overlays/production/clusters/kustomization.yaml";

/// The ApplicationSet over the hosts.
pub const HOST_APPLICATION_SET: &str = "tenant/production/host-cluster-appset.yaml";

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

/// The Argo CD Application that installs a cluster's component, in Argo CD's namespace of the management
/// cluster. `None` where the cluster has no component of that category.
#[must_use]
pub fn component_application(cluster: &Cluster, category: Category) -> Option<String> {
    let component = cluster.components.get(&category)?;
    // Argo CD's own Application is generated: it was so in the original, whose Argo CD installs the rest.
    if component.name == "argocd" && cluster.usage == Usage::Worker {
        return Some(format!("{}-runtime-argocd", cluster.name));
    }
    Some(application(&cluster.name, &component.name))
}

/// An Application of a cluster.
pub(crate) fn application(cluster: &str, what: &str) -> String {
    format!("{cluster}-{what}")
}

/// The Helm release of a virtual cluster, in the namespace of its name on its host; its StatefulSet and its
/// Service are called the same.
#[must_use]
pub fn vcluster_release(cluster: &str) -> String {
    format!("{cluster}-vcluster-app")
}

/// The Secret with a virtual cluster's kubeconfig (key `config`), which the vcluster writes beside itself.
#[must_use]
pub fn kubeconfig_secret(cluster: &str) -> String {
    format!("vc-{}", vcluster_release(cluster))
}
