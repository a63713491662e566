//! Taking a cluster out: first what is installed in it, then the way to it.

use domain::{Cluster, ClusterType, Settings, Usage};
use serde_json::{Value, json};

use super::Step;
use super::install::{delete_secret, of_repository, refresh, refresh_root, refreshed_by_name};
use crate::names;
use crate::objects::{USAGE_LABEL, terminate_patch};
use crate::ownership::Holdings;
use crate::status::ClusterApplications;
use kubernetes::kind::Kind;

/// Input of an uninstall plan.
#[derive(Debug, Clone, Copy)]
pub struct UninstallInput<'a> {
    /// The cluster as it was in Git.
    pub cluster: &'a Cluster,
    /// The cluster's objects that are there and ours.
    pub holdings: &'a Holdings,
    /// Applications that [`owning_applications`] found.
    pub owners: &'a [OwningApplication],
    /// The cluster does not answer any more: nothing is to wait for it.
    pub force: bool,
    /// The tenant's settings.
    pub settings: &'a Settings,
}

/// An Application whose end is the end of the uninstall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwningApplication {
    /// Name of the Application.
    pub name: String,
    /// Uid of the Application: one that takes the name later is another one.
    pub uid: String,
}

/// The generated Applications of a cluster among all Applications of Argo CD's namespace. Those of
/// the other usage count as well where an ApplicationSet made them: after a first removal the caller
/// may not know any more whether it was a host.
#[must_use]
pub fn owning_applications(cluster: &Cluster, applications: &[Value]) -> Vec<OwningApplication> {
    let known = names::generated(cluster, cluster.usage);
    let possible = [Usage::Host, Usage::Worker].map(|usage| names::generated(cluster, usage));
    applications
        .iter()
        .filter_map(|application| {
            let name = text(application, "/metadata/name")?;
            let is_owner = known.iter().any(|known| known == name)
                || (is_generated(application) && possible.iter().flatten().any(|n| n == name));
            is_owner.then_some(())?;
            Some(OwningApplication {
                name: name.to_owned(),
                uid: text(application, "/metadata/uid")?.to_owned(),
            })
        })
        .collect()
}

fn is_generated(application: &Value) -> bool {
    generator(application).is_some()
}

/// Name of the ApplicationSet that made an Application.
fn generator(application: &Value) -> Option<&str> {
    let owners = application.pointer("/metadata/ownerReferences");
    let mut owners = owners.and_then(Value::as_array).into_iter().flatten();
    let owner = owners.find(|owner| text(owner, "/kind") == Some(Kind::APPLICATION_SET.kind))?;
    text(owner, "/name")
}

/// Kind of cluster, as the Application that bears the cluster's own name tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GeneratedApplication {
    /// The Application carries the components of a host.
    Host,
    /// The Application makes a virtual cluster.
    Virtual {
        /// Name of the cluster that carries it.
        host: String,
    },
}

/// The Application that bears the cluster's name, where one of our ApplicationSets made it: hosts
/// have one, and virtual clusters. Somebody else's tells nothing.
#[must_use]
pub fn generated_application(name: &str, applications: &[Value]) -> Option<GeneratedApplication> {
    let mut applications = applications.iter();
    let own = applications.find(|it| text(it, "/metadata/name") == Some(name))?;
    let set = generator(own)?;
    if set == names::HOST_SET {
        return Some(GeneratedApplication::Host);
    }
    let host = set.strip_suffix(names::VIRTUAL_SET_SUFFIX)?.to_owned();
    Some(GeneratedApplication::Virtual { host })
}

fn text<'a>(object: &'a Value, pointer: &str) -> Option<&'a str> {
    object.pointer(pointer).and_then(Value::as_str)
}

/// The steps that uninstall a cluster, in order. What they start goes on by itself in Argo CD and in
/// Kubernetes' garbage collection; [`crate::progress`] tells how far it is.
#[must_use]
pub fn uninstall(uninstall: &UninstallInput<'_>) -> Vec<Step> {
    let UninstallInput {
        cluster, settings, ..
    } = *uninstall;
    let holdings = uninstall.holdings;
    let mut steps = Vec::new();
    if let Some(uid) = &holdings.job {
        // Or it would bring the Secret back.
        steps.push(Step::delete(names::job(cluster, settings), Some(uid)));
    }
    steps.extend(secrets(uninstall));
    steps.extend(ended_operations(uninstall));
    if let Some(uid) = &holdings.resource {
        let resource = names::resource(cluster, settings);
        steps.push(Step::delete(resource, Some(uid)));
    }
    steps.push(refresh_root(settings));
    steps.extend(refresh(cluster, holdings, settings));
    steps
}

/// Ends the operations of Applications that are being deleted: where the cluster is gone or takes no change, they would
/// sync for ever. Before the deletion this is in vain: as long as an Application is not being deleted, Argo CD syncs it
/// again with the commit of the removal.
fn ended_operations(uninstall: &UninstallInput<'_>) -> Vec<Step> {
    let UninstallInput {
        cluster,
        holdings,
        settings,
        ..
    } = *uninstall;
    ClusterApplications::of(cluster, &holdings.applications)
        .iter()
        .filter(|application| application.is_kept_by_operation())
        .filter_map(|application| {
            let name = application.name();
            let target = Kind::APPLICATION.target(&settings.argocd_namespace, name);
            let uid = holdings.application(name)?;
            Some(Step::patch(target, terminate_patch(), uid))
        })
        .collect()
}

/// The files of a virtual cluster's host change with it, and the host's components are read from other
/// folders than its own Application, which does not hand a refresh on. `applications` are the host's.
#[must_use]
pub fn refresh_host(cluster: &Cluster, applications: &[Value], settings: &Settings) -> Vec<Step> {
    let Some(host) = &cluster.host_cluster else {
        return Vec::new();
    };
    let host = Cluster {
        name: host.clone(),
        cluster_type: ClusterType::Physical,
        usage: Usage::Host,
        worker_type: None,
        host_cluster: None,
        ..cluster.clone()
    };
    let holdings = Holdings {
        applications: applications.to_vec(),
        ..Holdings::default()
    };
    let components = of_repository(&host, applications, settings);
    let components = components.into_iter().filter(|name| *name != host.name);
    // Its own goes without question: it carries the ApplicationSet that makes the virtual cluster.
    std::iter::once(&*host.name)
        .chain(components)
        .filter_map(|name| refreshed_by_name(name, &holdings, settings))
        .collect()
}

/// A virtual cluster goes as a whole, with the Application on its host. Uninstalling inside it would
/// race with that and then wait for ever for an API server that is gone, so its Secret goes first,
/// and Argo CD lets go of what was in it.
fn secrets(uninstall: &UninstallInput<'_>) -> Vec<Step> {
    let settings = uninstall.settings;
    let at_once = uninstall.force
        || uninstall.owners.is_empty()
        || uninstall.cluster.cluster_type == ClusterType::Virtual;
    let secrets = uninstall.holdings.secrets.iter();
    secrets
        .map(|held| {
            if at_once {
                delete_secret(held, settings)
            } else {
                let target = Kind::SECRET.target(&settings.argocd_namespace, &held.name);
                Step::patch(target, handed_over(uninstall.owners), &held.uid)
            }
        })
        .collect()
}

/// Without the label the ApplicationSets delete their Applications; when the last one has finished,
/// Kubernetes collects the Secret.
fn handed_over(owners: &[OwningApplication]) -> Value {
    let owners: Vec<Value> = owners
        .iter()
        .map(|owner| {
            json!({
                "apiVersion": Kind::APPLICATION.api_version(),
                "kind": Kind::APPLICATION.kind,
                "name": owner.name,
                "uid": owner.uid,
            })
        })
        .collect();
    json!({"metadata": {"labels": {(USAGE_LABEL): null}, "ownerReferences": owners}})
}

/// The steps that remove what a tenant has once, to be carried out by [`Step::of_uid`] of what is there: for when no
/// cluster is registered and nothing of any is left. The AppProjects last, since Applications can't finish without
/// them.
#[must_use]
pub fn tenant_removal(settings: &Settings) -> Vec<Step> {
    let sets = names::APPLICATION_SETS.map(|name| {
        let target = Kind::APPLICATION_SET.target(&settings.argocd_namespace, name);
        Step::delete(target, None)
    });
    // The root Application first: as long as it is there it brings the others back.
    [Step::delete(names::root_application(settings), None)]
        .into_iter()
        .chain(sets)
        .chain([
            Step::delete(names::workers_project(settings), None),
            Step::delete(names::app_project(settings), None),
        ])
        .collect()
}
