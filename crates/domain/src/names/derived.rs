//! The table of every name that is derived from a cluster's.

use std::collections::BTreeSet;

use gather::Gather as _;

use super::{
    application, host_project, installed, kubeconfig_job, project, release, runtime_root,
    vcluster_initial, vcluster_release, vcluster_service, vcluster_set,
};
use crate::catalog::Catalog;
use crate::name::{MAX_LABEL, is_cluster_name};
use crate::{Category, Cluster, Usage};

/// Kind of object that bears a name; two names collide only within one kind and one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the kinds of Argo CD, Kubernetes and Helm")]
pub enum NameKind {
    Application,
    AppProject,
    ApplicationSet,
    Job,
    Namespace,
    Release,
    Service,
    StatefulSet,
}

impl NameKind {
    /// The longest name.
    ///
    /// * An Application's is the value of a label where an operator has Argo CD track by label; a Job's is the value
    ///   of its Pods' label; a Namespace's and a Service's is a DNS label.
    /// * A StatefulSet's Pods carry `{name}-{hash}` in the label `controller-revision-hash`, whose hash has ten
    ///   characters: 63 - 11.
    #[must_use]
    pub const fn limit(self) -> usize {
        match self {
            Self::StatefulSet => MAX_LABEL - 11,
            Self::Release => super::MAX_RELEASE,
            _ => MAX_LABEL,
        }
    }

    /// The word for it in messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Application => "Argo CD Application",
            Self::AppProject => "AppProject",
            Self::ApplicationSet => "ApplicationSet",
            Self::Job => "Job",
            Self::Namespace => "namespace",
            Self::Release => "Helm release",
            Self::Service => "Service",
            Self::StatefulSet => "StatefulSet",
        }
    }
}

/// A name that follows from a cluster's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DerivedName {
    /// The cluster that the object is in, and the namespace where the kind has one; empty for Argo CD's namespace
    /// in the management cluster.
    pub place: String,
    /// Kind of object that bears the name.
    pub kind: NameKind,
    /// The name.
    pub name: String,
}

impl DerivedName {
    fn new(place: &str, kind: NameKind, name: String) -> Self {
        let place = place.to_owned();
        Self { place, kind, name }
    }

    /// Tells whether Kubernetes and Helm take the name. Before Kubernetes 1.36 a Service's begins with a letter.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let begins_well = self.kind != NameKind::Service
            || self
                .name
                .starts_with(|char: char| char.is_ascii_lowercase());
        self.name.len() <= self.kind.limit() && begins_well
    }
}

/// Every name that is derived from a cluster's.
#[must_use]
pub fn derived(cluster: &Cluster, catalog: &Catalog) -> BTreeSet<DerivedName> {
    let mut names = Vec::new();
    match (cluster.usage, cluster.host_cluster.as_deref()) {
        (Usage::Host, _) => host(cluster, catalog, &mut names),
        (Usage::Worker, on_host) => {
            worker(cluster, &mut names);
            if let Some(host) = on_host {
                virtual_cluster(&cluster.name, host, &mut names);
            }
        }
    }
    components(cluster, &mut names);
    names.into_iter().gather()
}

fn management(names: &mut Vec<DerivedName>, kind: NameKind, name: String) {
    names.push(DerivedName::new("", kind, name));
}

fn host(cluster: &Cluster, catalog: &Catalog, names: &mut Vec<DerivedName>) {
    let host = &cluster.name;
    management(names, NameKind::Application, host.clone());
    management(names, NameKind::AppProject, host_project(host));
    management(names, NameKind::ApplicationSet, vcluster_set(host));
    // Beside the components it has what brings their secrets.
    let secret_sync = catalog.default_for(Category::SecretSync);
    let of_secrets = secret_sync.map(|entry| (&entry.name, &entry.namespace));
    if let Some((name, namespace)) = of_secrets {
        management(names, NameKind::Application, application(host, name));
        charts(cluster, name, namespace, names);
    }
    let components = installed(cluster).map(|component| &component.namespace);
    for namespace in components.chain(of_secrets.map(|(_, namespace)| namespace)) {
        names.push(DerivedName::new(
            host,
            NameKind::Namespace,
            namespace.clone(),
        ));
    }
}

fn worker(cluster: &Cluster, names: &mut Vec<DerivedName>) {
    let name = &cluster.name;
    let applications = ["runtime", "runtime-argocd", "runtime-initial"];
    let applications = applications.map(|suffix| application(name, suffix));
    for name in applications.into_iter().chain([runtime_root(name)]) {
        management(names, NameKind::Application, name);
    }
    management(names, NameKind::AppProject, project(name));
}

fn virtual_cluster(name: &str, host: &str, names: &mut Vec<DerivedName>) {
    let release = vcluster_release(name);
    for application in [name.to_owned(), vcluster_initial(name), release.clone()] {
        management(names, NameKind::Application, application);
    }
    management(names, NameKind::Job, kubeconfig_job(name));
    names.push(DerivedName::new(host, NameKind::Namespace, name.to_owned()));
    // The other names are in that namespace.
    let place = format!("{host}/{name}");
    for (kind, name) in [
        (NameKind::Release, release.clone()),
        (NameKind::Service, release.clone()),
        (NameKind::Service, format!("{release}-headless")),
        (NameKind::StatefulSet, release),
        (NameKind::Service, vcluster_service(name)),
    ] {
        names.push(DerivedName::new(&place, kind, name));
    }
}

fn components(cluster: &Cluster, names: &mut Vec<DerivedName>) {
    for component in installed(cluster) {
        let name = application(&cluster.name, &component.name);
        management(names, NameKind::Application, name);
        charts(cluster, &component.name, &component.namespace, names);
    }
}

/// Suffix that a chart appends to its release for the longest name of a Service, as far as the built-in catalog's do.
fn service_suffix(component: &str) -> &'static str {
    match component {
        "vault" => "-agent-injector-svc",
        "external-secrets" => "-webhook",
        _ => "",
    }
}

fn charts(cluster: &Cluster, component: &str, namespace: &str, names: &mut Vec<DerivedName>) {
    let release = release(&cluster.name, cluster.usage, component);
    let service = format!("{release}{}", service_suffix(component));
    let place = format!("{}/{namespace}", cluster.name);
    names.push(DerivedName::new(&place, NameKind::Release, release));
    names.push(DerivedName::new(&place, NameKind::Service, service));
}

/// A name that two clusters would both have.
#[must_use]
pub fn shared(left: &Cluster, right: &Cluster, catalog: &Catalog) -> Option<DerivedName> {
    let theirs = derived(right, catalog);
    derived(left, catalog)
        .into_iter()
        .find(|name| theirs.contains(name))
}

/// The cluster that could have one of these Applications as well, with that Application: one whose name is the
/// beginning of this one's. Where nobody gets such a name, no two clusters have an Application of the same name,
/// whichever of them is registered first, and none has to be looked up to know.
#[must_use]
pub fn overlapping_tail(cluster: &Cluster, catalog: &Catalog) -> Option<(String, String)> {
    let suffixes = suffixes(catalog);
    let applications = derived(cluster, catalog).into_iter();
    let mut applications = applications.filter(|name| name.kind == NameKind::Application);
    applications.find_map(|application| {
        let other = suffixes.iter().find_map(|suffix| {
            let other = application.name.strip_suffix(suffix)?;
            let shorter = other.len() < cluster.name.len() && cluster.name.starts_with(other);
            (shorter && is_cluster_name(other)).then(|| other.to_owned())
        })?;
        Some((other, application.name))
    })
}

/// Suffixes that may follow a cluster's name in that of one of its Applications.
fn suffixes(catalog: &Catalog) -> Vec<String> {
    let fixed = [
        "runtime",
        "runtime-app",
        "runtime-argocd",
        "runtime-initial",
        "vcluster-app",
        "vcluster-initial",
    ];
    let components = Category::ALL.iter();
    let components = components.flat_map(|category| catalog.names(*category));
    let suffixes = fixed.into_iter().chain(components);
    suffixes.map(|suffix| format!("-{suffix}")).collect()
}
