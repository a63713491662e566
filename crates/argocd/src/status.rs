//! Status of a cluster's installs, as Argo CD tells it.

mod application;
mod applications;
mod cause;

use crate::text::clean;
use api::{ComponentStatus, CredentialsStatus, Phase, Status};
use domain::{Cluster, ClusterType, Settings};
use kubernetes::Kind;
use serde_json::Value;

use application::ApplicationState;
pub(crate) use applications::ClusterApplications;
pub use applications::{selector, unlisted};

use crate::names;
use crate::objects::{CREDENTIALS, EXPIRES_AT};
use crate::progress::RemainingObject;

/// Objects that were seen in the management cluster.
#[derive(Debug, Clone, Copy)]
pub struct ClusterObservation<'a> {
    /// The cluster as it is in Git.
    pub cluster: &'a Cluster,
    /// The cluster's Applications; others among them do no harm.
    pub applications: &'a [Value],
    /// The tenant's root Application, which brings all of them; `None` where it was not looked at.
    pub root: Option<&'a Value>,
    /// The cluster's Secret; its metadata is enough.
    pub secret: Option<&'a Value>,
    /// Commits at which everything of the cluster is as it is now: the head, and any before it down
    /// to the cluster's last change. With the head alone a commit for another cluster makes this one
    /// `Installing` until Argo CD has looked at it.
    pub revisions: &'a [String],
    /// Seconds since 1970.
    pub now: u64,
    /// The tenant's settings.
    pub settings: &'a Settings,
}

/// The status of a cluster whose management cluster could not be asked. `reason` says why.
#[must_use]
pub fn unknown(reason: Option<&str>) -> Status {
    Status {
        phase: Phase::Unknown,
        components: Vec::new(),
        credentials: None,
        message: reason.map(str::to_owned),
    }
}

/// The status of a cluster that is not in Git any more, by what is left of it.
#[must_use]
pub fn removing(cluster: &Cluster, left: &[RemainingObject]) -> Status {
    let components = left.iter().map(|left| ComponentStatus {
        name: match left.target.kind == Kind::SECRET {
            // Its name is nobody's business who only reads.
            true => "credentials".to_owned(),
            false => names::component(cluster, &left.target.name),
        },
        sync: "Unknown".to_owned(),
        health: "Missing".to_owned(),
        message: left
            .message
            .clone()
            .unwrap_or_else(|| "being removed".to_owned()),
        since: None,
    });
    Status {
        phase: Phase::Removing,
        components: sorted(components.collect()),
        credentials: None,
        message: None,
    }
}

/// The status of a registered cluster, from what was seen.
#[must_use]
pub fn of(seen: &ClusterObservation<'_>) -> Status {
    let applications = ClusterApplications::of(seen.cluster, seen.applications);
    let mut judged: Vec<(ComponentStatus, ApplicationState)> = applications
        .iter()
        .map(|application| application.judge(seen))
        .collect();
    let reacted = !judged.is_empty();
    judged.extend(applications.missing().map(|name| absent(seen, name)));
    if reacted && lacks_credentials(seen) {
        judged.push(no_credentials());
    }
    let phase = if reacted {
        phase(judged.iter().map(|(_, state)| *state))
    } else {
        Phase::Registered
    };
    Status {
        phase,
        components: sorted(judged.into_iter().map(|(component, _)| component).collect()),
        credentials: credentials(seen),
        message: (!reacted).then(|| obstacle(seen)).flatten(),
    }
}

/// Why Argo CD does not react, where its root Application knows: a file in the tenant's folder that can't be applied keeps every
/// further cluster waiting.
fn obstacle(seen: &ClusterObservation<'_>) -> Option<String> {
    let root = application::Application(seen.root?);
    let cause = cause::newest(&root)?;
    let name = names::root_application(seen.settings).name;
    Some(clean(&format!(
        "Application {name} can't be synchronized: {cause}"
    )))
}

/// By name; a component that has several Applications has them in an order that lasts.
fn sorted(mut components: Vec<ComponentStatus>) -> Vec<ComponentStatus> {
    fn key(it: &ComponentStatus) -> [&str; 4] {
        [&it.name, &it.sync, &it.health, &it.message]
    }
    components.sort_by(|a, b| key(a).cmp(&key(b)));
    components
}

fn phase(states: impl Iterator<Item = ApplicationState>) -> Phase {
    // The worst one counts.
    match states.max() {
        Some(ApplicationState::Failed) => Phase::Degraded,
        Some(ApplicationState::Waiting) => Phase::Installing,
        Some(ApplicationState::Done) | None => Phase::Ready,
    }
}

fn absent(seen: &ClusterObservation<'_>, application: &str) -> (ComponentStatus, ApplicationState) {
    let component = ComponentStatus {
        name: names::component(seen.cluster, application),
        sync: "Unknown".to_owned(),
        health: "Missing".to_owned(),
        message: "Argo CD has not created it yet".to_owned(),
        since: None,
    };
    (component, ApplicationState::Waiting)
}

/// The kubeconfig of a virtual cluster comes later, by itself.
fn lacks_credentials(seen: &ClusterObservation<'_>) -> bool {
    seen.secret.is_none() && seen.cluster.cluster_type == ClusterType::Physical
}

fn no_credentials() -> (ComponentStatus, ApplicationState) {
    let component = ComponentStatus {
        name: "credentials".to_owned(),
        sync: "Unknown".to_owned(),
        health: "Missing".to_owned(),
        message: "Argo CD has no credentials of this cluster; save it again with its kubeconfig"
            .to_owned(),
        since: None,
    };
    (component, ApplicationState::Failed)
}

fn credentials(seen: &ClusterObservation<'_>) -> Option<CredentialsStatus> {
    let annotations = seen.secret?.pointer("/metadata/annotations");
    let annotation = |name| annotations.and_then(|them| them.get(name)?.as_str());
    let approved = seen.cluster.credentials.as_deref();
    let known = CredentialsStatus {
        expires_at: annotation(EXPIRES_AT).map(str::to_owned),
        approved: approved.map(|approved| annotation(CREDENTIALS) == Some(approved)),
    };
    (known.expires_at.is_some() || known.approved.is_some()).then_some(known)
}

#[cfg(test)]
mod tests;
