//! The names by which a cluster's objects are found again.

use domain::{Cluster, ClusterType, Settings, Usage};

use kubernetes::kind::{Kind, Target};

/// The Application over `tenant/production`, from which everything of a tenant grows.
#[must_use]
pub fn root_application(settings: &Settings) -> Target {
    let name = domain::names::tenant_root(&settings.tenant);
    Kind::APPLICATION.target(&settings.argocd_namespace, &name)
}

pub(crate) use domain::names::HOST_SET;

/// After a host's name: the ApplicationSet that makes its virtual clusters' Applications.
pub(crate) const VIRTUAL_SET_SUFFIX: &str = "-vcluster-appset";

/// The AppProject of what ApplicationSets put into workers. It lies in the repository; who takes the tenant away
/// takes it away as well, as the root Application may be gone before it has pruned it.
#[must_use]
pub fn workers_project(settings: &Settings) -> Target {
    let name = domain::names::workers_project(&settings.tenant);
    Kind::APP_PROJECT.target(&settings.argocd_namespace, &name)
}

/// The ApplicationSets of `tenant/production`.
pub const APPLICATION_SETS: [&str; 4] = [
    HOST_SET,
    "runtime-appset",
    "runtime-argocd-appset",
    "runtime-initial-appset",
];

/// The AppProject of a tenant's Applications in the management cluster.
#[must_use]
pub fn app_project(settings: &Settings) -> Target {
    Kind::APP_PROJECT.target(&settings.argocd_namespace, &settings.tenant)
}

/// The Secret in which Argo CD keeps a cluster. Its name follows from the API server's URL.
#[must_use]
pub fn secret(cluster: &Cluster, settings: &Settings) -> Target {
    let name = domain::api_server::secret_name(&cluster.api_server);
    Kind::SECRET.target(&settings.argocd_namespace, &name)
}

/// The Job that fetches the kubeconfig of a virtual cluster.
#[must_use]
pub fn job(cluster: &Cluster, settings: &Settings) -> Target {
    let name = domain::names::kubeconfig_job(&cluster.name);
    Kind::JOB.target(&settings.argocd_namespace, &name)
}

/// The Cluster resource.
#[must_use]
pub fn resource(cluster: &Cluster, settings: &Settings) -> Target {
    Kind::CLUSTER.target(&settings.nautes_namespace, &cluster.name)
}

/// The Applications that ApplicationSets of `tenant/production` generate for a cluster with a usage.
/// They exist as long as anything of it is installed.
#[must_use]
pub fn generated(cluster: &Cluster, usage: Usage) -> Vec<String> {
    let name = &cluster.name;
    match usage {
        Usage::Host => vec![name.clone()],
        Usage::Worker => vec![
            format!("{name}-runtime"),
            format!("{name}-runtime-argocd"),
            format!("{name}-runtime-initial"),
        ],
    }
}

/// One Application of every kind of cluster, made by an ApplicationSet: where an install has neither, nothing of it is
/// there.
#[must_use]
pub fn first_applications(cluster: &str) -> [String; 2] {
    [cluster.to_owned(), format!("{cluster}-runtime")]
}

/// The Applications that a cluster may have whatever its kind and its components.
pub(crate) fn possible_roots(cluster: &str) -> Vec<String> {
    let suffixes = ["", "-runtime", "-runtime-argocd", "-runtime-initial"];
    let mut roots: Vec<String> = suffixes.iter().map(|it| format!("{cluster}{it}")).collect();
    roots.push(domain::names::runtime_root(cluster));
    roots
}

/// The Applications that a cluster has whatever its components: those generated, the one that holds
/// the components of a runtime, and the one that makes a virtual cluster.
#[must_use]
pub fn roots(cluster: &Cluster) -> Vec<String> {
    let name = &cluster.name;
    let mut roots = generated(cluster, cluster.usage);
    if cluster.usage == Usage::Worker {
        roots.push(domain::names::runtime_root(name));
    }
    if cluster.cluster_type == ClusterType::Virtual {
        roots.push(name.clone());
    }
    roots
}

/// Name of a component in a status, given its Application's name.
pub(crate) fn component(cluster: &Cluster, application: &str) -> String {
    let Some(rest) = application.strip_prefix(&cluster.name) else {
        return application.to_owned();
    };
    match rest {
        "" if cluster.usage == Usage::Host => "host".to_owned(),
        "" => "virtual-cluster".to_owned(),
        "-runtime-argocd" => "argocd".to_owned(),
        "-runtime-initial" => "initial".to_owned(),
        _ => rest.trim_start_matches('-').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{host, settings, virtual_worker, worker};

    #[test]
    fn of_each_kind_of_cluster() {
        assert_eq!(roots(&host()), ["host-1"]);
        let runtime = [
            "-runtime",
            "-runtime-argocd",
            "-runtime-initial",
            "-runtime-app",
        ];
        assert_eq!(
            roots(&worker()),
            runtime.map(|rest| format!("worker-1{rest}"))
        );
        assert_eq!(generated(&virtual_worker(), Usage::Worker).len(), 3);
        assert_eq!(roots(&virtual_worker())[4], "virtual-1");
        assert_eq!(
            resource(&worker(), &settings()).to_string(),
            "Cluster nautes/worker-1"
        );
    }

    #[test]
    fn of_components() {
        for (cluster, application, component) in [
            (worker(), "worker-1-tekton", "tekton"),
            (worker(), "worker-1-runtime-argocd", "argocd"),
            (worker(), "worker-1-runtime-initial", "initial"),
            (worker(), "worker-1-runtime-app", "runtime-app"),
            (host(), "host-1", "host"),
            (virtual_worker(), "virtual-1", "virtual-cluster"),
            (virtual_worker(), "foreign", "foreign"),
        ] {
            assert_eq!(super::component(&cluster, application), component);
        }
    }
}
