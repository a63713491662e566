//! Paths in the repository and names of objects. Other parts of the system find by these names what the
//! rendered files have created.

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
