//! Putting a cluster in. The order makes a crash anywhere harmless: the same plan again finishes it.

use std::collections::BTreeSet;

use domain::{Cluster, ClusterType, Credentials, Settings};
use gather::Gather as _;
use serde_json::Value;

use super::{Change, Step, ToleratedError, known, with_resource_version};
use crate::names;
use crate::objects::{self, CredentialsError};
use crate::ownership::{HeldObject, Holdings};
use crate::status::ClusterApplications;
use kubernetes::kind::{Kind, Target};

/// Input of an install plan.
#[derive(Debug, Clone, Copy)]
pub struct InstallInput<'a> {
    /// The cluster as it is in Git now.
    pub cluster: &'a Cluster,
    /// The text of its resource file, where that is known.
    pub resource_file: Option<&'a str>,
    /// How Argo CD gets at it.
    pub access: ClusterAccess<'a>,
    /// The cluster's objects that are there and ours.
    pub holdings: &'a Holdings,
    /// The image of a virtual cluster's Job, by digest.
    pub job_image: &'a str,
    /// The tenant's settings.
    pub settings: &'a Settings,
}

/// How Argo CD gets at a cluster.
#[derive(Debug, Clone, Copy)]
pub enum ClusterAccess<'a> {
    /// With new credentials.
    Credentials(&'a Credentials),
    /// With those it has.
    Stored,
    /// A virtual cluster: with those that its host, given here, will hold.
    Host(&'a Cluster),
}

/// The steps that install a cluster, in order.
pub fn install(install: &InstallInput<'_>) -> Result<Vec<Step>, CredentialsError> {
    let settings = install.settings;
    let project = objects::app_project(settings);
    let root = objects::root_application(settings);
    let holdings = install.holdings;
    let mut steps = vec![
        // An operator may have narrowed these two down: theirs stay.
        Step::apply(
            names::app_project(settings),
            project,
            false,
            ToleratedError::FieldConflict,
        ),
        Step::apply(
            names::root_application(settings),
            root,
            false,
            ToleratedError::FieldConflict,
        ),
        Step::apply_known(
            names::resource(install.cluster, settings),
            objects::cluster_resource(install.cluster, install.resource_file, settings),
            holdings.resource.as_deref(),
            ToleratedError::KindMissing,
        ),
    ];
    steps.extend(access(install)?);
    steps.push(refresh_root(settings));
    steps.extend(refresh(install.cluster, holdings, settings));
    steps.extend(refresh_components(install));
    Ok(steps)
}

/// The Secret's creation is what starts the installs.
fn access(install: &InstallInput<'_>) -> Result<Vec<Step>, CredentialsError> {
    let InstallInput {
        cluster, settings, ..
    } = *install;
    let holdings = install.holdings;
    let target = names::secret(cluster, settings);
    let held = holdings.held(&target.name);
    let uid = held.map(|held| &*held.uid);
    // It may be saved again while it is being uninstalled.
    let handed_over = held.filter(|held| held.is_owned);
    let taken_back = handed_over
        .map(|held| Step::patch(target.clone(), objects::clear_owner_references(), &held.uid));
    // Or it would write the Secret of the virtual cluster that this one was.
    let former_job = holdings.job.as_deref();
    let former_job = former_job.map(|uid| Step::delete(names::job(cluster, settings), Some(uid)));
    let first = match install.access {
        ClusterAccess::Host(host) => return Ok(job(install, host, former_job)),
        ClusterAccess::Credentials(credentials) => {
            let mut secret = objects::cluster_secret(cluster, credentials, settings)?;
            // Of two saves at once, the one that was committed first may be the last to write. A Secret that an uninstall
            // owns has its owners cleared first, which changes its version.
            let looked_at = held.filter(|held| !held.is_owned);
            if let Some(version) = looked_at.and_then(|held| held.resource_version.as_deref()) {
                secret = with_resource_version(secret, version);
            }
            Step::apply_known(target.clone(), secret, uid, ToleratedError::Nothing)
        }
        ClusterAccess::Stored => stored(install, &target, uid),
    };
    // Only afterwards: without any Secret the ApplicationSets would drop the cluster and leave its
    // components behind.
    let stale = holdings.stale(&target.name);
    let goes = stale.map(|held| delete_secret(held, settings));
    Ok(former_job
        .into_iter()
        .chain(taken_back)
        .chain([first])
        .chain(goes)
        .collect())
}

/// The credentials are in the Secret of this API server. Those in the Secret of a former one are not for this: who changes the address
/// in the repository alone would have them sent there.
fn stored(install: &InstallInput<'_>, target: &Target, uid: Option<&str>) -> Step {
    let object = objects::stored_cluster_secret(install.cluster, install.settings);
    Step {
        target: target.clone(),
        change: Change::ApplyWithStoredConfig {
            object: known(object, uid),
        },
        tolerated: ToleratedError::Nothing,
    }
}

/// A Job's template can't be changed, so a former Job gives way.
fn job(install: &InstallInput<'_>, host: &Cluster, former: Option<Step>) -> Vec<Step> {
    let InstallInput {
        cluster, settings, ..
    } = *install;
    let job = objects::kubeconfig_job(&objects::KubeconfigJob {
        cluster,
        host,
        holdings: install.holdings,
        image: install.job_image,
        settings,
    });
    let target = names::job(cluster, settings);
    let created = Step::apply_known(target, job, None, ToleratedError::Nothing);
    former.into_iter().chain([created]).collect()
}

pub(super) fn delete_secret(secret: &HeldObject, settings: &Settings) -> Step {
    let target = Kind::SECRET.target(&settings.argocd_namespace, &secret.name);
    Step::delete(target, Some(&secret.uid))
}

/// Makes Argo CD look at the ApplicationSets, from which everything else grows.
pub(super) fn refresh_root(settings: &Settings) -> Step {
    Step {
        target: names::root_application(settings),
        change: Change::Patch(objects::refresh_patch()),
        tolerated: ToleratedError::Missing,
    }
}

/// Makes Argo CD look at everything that the commit may have touched: of what is there. On a first save it is
/// nothing yet.
pub(super) fn refresh(cluster: &Cluster, holdings: &Holdings, settings: &Settings) -> Vec<Step> {
    let host = cluster
        .host_cluster
        .iter()
        .filter(|_| cluster.cluster_type == ClusterType::Virtual)
        .cloned();
    let names = host.chain(names::roots(cluster));
    names
        .filter_map(|name| refreshed_by_name(&name, holdings, settings))
        .collect()
}

/// Makes Argo CD look at one Application, where it is there.
pub(super) fn refreshed_by_name(
    name: &str,
    holdings: &Holdings,
    settings: &Settings,
) -> Option<Step> {
    let target = Kind::APPLICATION.target(&settings.argocd_namespace, name);
    let uid = holdings.application(name)?;
    Some(Step::patch(target, objects::refresh_patch(), uid))
}

/// Refreshes the Applications of what is installed already. They read other folders than the Applications above,
/// which do not hand a refresh on: Argo CD would look there when it next polls. A virtual cluster changes its host's
/// as well.
fn refresh_components(install: &InstallInput<'_>) -> Vec<Step> {
    let InstallInput {
        cluster, settings, ..
    } = *install;
    let holdings = install.holdings;
    let refreshed: Vec<String> = refresh(cluster, holdings, settings)
        .into_iter()
        .map(|step| step.target.name)
        .collect();
    let host = match install.access {
        ClusterAccess::Host(host) => Some(host),
        ClusterAccess::Credentials(_) | ClusterAccess::Stored => None,
    };
    let names: BTreeSet<&str> = [Some(cluster), host]
        .into_iter()
        .flatten()
        .flat_map(|cluster| of_repository(cluster, &holdings.applications, settings))
        .filter(|name| !refreshed.iter().any(|it| it == name))
        .gather();
    let steps = names.into_iter();
    steps
        .filter_map(|name| refreshed_by_name(name, holdings, settings))
        .collect()
}

/// Names of a cluster's Applications, among all, whose manifests are in the tenant's repository.
pub(super) fn of_repository<'a>(
    cluster: &Cluster,
    applications: &'a [Value],
    settings: &Settings,
) -> Vec<&'a str> {
    ClusterApplications::of(cluster, applications)
        .iter()
        .filter(|application| application.is_from(&settings.repository_url))
        .map(|application| application.name())
        .collect()
}
