//! Putting a cluster in. The order makes a crash anywhere harmless: the same plan again finishes it.

use std::collections::BTreeSet;

use domain::{Cluster, ClusterType, Credentials, Settings};
use gather::Gather as _;
use serde_json::Value;

use super::{Change, Step, Tolerated};
use crate::names;
use crate::objects::{self, CredentialsError};
use crate::status::Applications;
use kubernetes::kind::{Kind, Target};

/// What to install.
#[derive(Debug, Clone, Copy)]
pub struct Install<'a> {
    /// The cluster as it is in Git now.
    pub cluster: &'a Cluster,
    /// How Argo CD gets at it.
    pub access: Access<'a>,
    /// Names of the Secrets that carry the cluster's name as [`objects::NAME_LABEL`]. Those of a
    /// former API server are removed.
    pub stored_secrets: &'a [String],
    /// Whether it was in Git before, perhaps as a virtual cluster with a Job of its own.
    pub registered: bool,
    /// The Applications of Argo CD's namespace.
    pub applications: &'a [Value],
    /// The tenant's settings.
    pub settings: &'a Settings,
}

/// How Argo CD gets at a cluster.
#[derive(Debug, Clone, Copy)]
pub enum Access<'a> {
    /// With new credentials.
    Credentials(&'a Credentials),
    /// With those it has.
    Stored,
    /// A virtual cluster: with those that its host, given here, will hold.
    Host(&'a Cluster),
}

/// The steps that install a cluster, in order.
pub fn install(install: &Install<'_>) -> Result<Vec<Step>, CredentialsError> {
    let settings = install.settings;
    let project = objects::app_project(settings);
    let root = objects::root_application(settings);
    let resource = domain::resource::to_value(install.cluster, &settings.nautes_namespace);
    let mut steps = vec![
        // An operator may have narrowed these two down: theirs stay.
        Step::apply(
            names::app_project(settings),
            project,
            false,
            Tolerated::FieldConflict,
        ),
        Step::apply(
            names::root_application(settings),
            root,
            false,
            Tolerated::FieldConflict,
        ),
        // Argo CD applies the same resource from Git and owns the fields as well.
        Step::apply(
            names::resource(install.cluster, settings),
            resource,
            true,
            Tolerated::KindMissing,
        ),
    ];
    steps.extend(access(install)?);
    steps.extend(refresh(install.cluster, settings));
    steps.extend(refresh_components(install));
    Ok(steps)
}

/// The Secret's creation is what starts the installs.
fn access(install: &Install<'_>) -> Result<Vec<Step>, CredentialsError> {
    let Install {
        cluster, settings, ..
    } = *install;
    let target = names::secret(cluster, settings);
    let stale: Vec<String> = install
        .stored_secrets
        .iter()
        .filter(|name| **name != target.name)
        .cloned()
        .collect();
    let taken_back = install.stored_secrets.contains(&target.name);
    // It may be saved again while it is being uninstalled.
    let taken_back = taken_back.then(|| Step::patch(target.clone(), objects::take_back_patch()));
    // Or it would write the Secret of the virtual cluster that this one was.
    let former_job = install.registered.then(|| names::job(cluster, settings));
    let first = match install.access {
        Access::Host(host) => return Ok(job(cluster, host, &stale, settings)),
        Access::Credentials(credentials) => {
            let secret = objects::cluster_secret(cluster, credentials, settings)?;
            Step::apply(target, secret, true, Tolerated::Nothing)
        }
        Access::Stored => stored(install, target, &stale),
    };
    // Only afterwards: without any Secret the ApplicationSets would drop the cluster and leave its
    // components behind.
    let goes = stale.iter().map(|name| delete_secret(name, settings));
    Ok(former_job
        .map(Step::delete)
        .into_iter()
        .chain(taken_back)
        .chain([first])
        .chain(goes)
        .collect())
}

/// The credentials are in the Secret of this API server, or in the one of its former API server.
fn stored(install: &Install<'_>, target: Target, stale: &[String]) -> Step {
    let source = match stale.first() {
        Some(name) if !install.stored_secrets.contains(&target.name) => {
            Kind::SECRET.target(&target.namespace, name)
        }
        _ => target,
    };
    Step {
        target: source,
        change: Change::ApplyWithStoredConfig {
            object: objects::stored_cluster_secret(install.cluster, install.settings),
        },
        tolerated: Tolerated::Nothing,
    }
}

/// A Job's template can't be changed, so a former Job gives way.
fn job(cluster: &Cluster, host: &Cluster, stale: &[String], settings: &Settings) -> Vec<Step> {
    let target = names::job(cluster, settings);
    let job = objects::kubeconfig_job(cluster, host, stale, settings);
    vec![
        Step::delete(target.clone()),
        Step::apply(target, job, true, Tolerated::Nothing),
    ]
}

pub(super) fn delete_secret(name: &str, settings: &Settings) -> Step {
    Step::delete(Kind::SECRET.target(&settings.argocd_namespace, name))
}

/// Makes Argo CD look at everything that the commit may have touched. On a first save most of these
/// Applications do not exist yet.
pub(super) fn refresh(cluster: &Cluster, settings: &Settings) -> Vec<Step> {
    let root = names::root_application(settings);
    let host = cluster
        .host_cluster
        .iter()
        .filter(|_| cluster.cluster_type == ClusterType::Virtual)
        .cloned();
    let others = host.chain(names::roots(cluster));
    [refreshed(root)]
        .into_iter()
        .chain(others.map(|name| refreshed_by_name(&name, settings)))
        .collect()
}

fn refreshed(application: Target) -> Step {
    Step::patch(application, objects::refresh_patch())
}

/// Makes Argo CD look at one Application.
pub(super) fn refreshed_by_name(name: &str, settings: &Settings) -> Step {
    refreshed(Kind::APPLICATION.target(&settings.argocd_namespace, name))
}

/// What is installed already is read from other folders than the Applications above, which do not hand a
/// refresh on: Argo CD would look there when it next polls. A virtual cluster changes its host's as well.
fn refresh_components(install: &Install<'_>) -> Vec<Step> {
    let Install {
        cluster, settings, ..
    } = *install;
    let refreshed: Vec<String> = refresh(cluster, settings)
        .into_iter()
        .map(|step| step.target.name)
        .collect();
    let host = match install.access {
        Access::Host(host) => Some(host),
        Access::Credentials(_) | Access::Stored => None,
    };
    let names: BTreeSet<&str> = [Some(cluster), host]
        .into_iter()
        .flatten()
        .flat_map(|cluster| of_repository(cluster, install.applications, settings))
        .filter(|name| !refreshed.iter().any(|it| it == name))
        .gather();
    let steps = names.into_iter();
    steps
        .map(|name| refreshed_by_name(name, settings))
        .collect()
}

/// Names of a cluster's Applications, among all, whose manifests are in the tenant's repository.
pub(super) fn of_repository<'a>(
    cluster: &Cluster,
    applications: &'a [Value],
    settings: &Settings,
) -> Vec<&'a str> {
    Applications::of(cluster, applications)
        .iter()
        .filter(|application| application.is_from(&settings.repository_url))
        .map(|application| application.name())
        .collect()
}
