//! What has become of a cluster's installs, as Argo CD tells it.

mod application;
mod applications;
mod cause;

use domain::{Cluster, ClusterType, Settings};
use kubernetes::Kind;
use serde::Serialize;
use serde_json::Value;

use application::Verdict;
pub(crate) use applications::Applications;
pub use applications::{selector, unlisted};

use crate::names;
use crate::objects::{CREDENTIALS, EXPIRES_AT};
use crate::progress::Remaining;

/// How far a cluster is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// In one word.
    pub phase: Phase,
    /// Each Application, sorted by component.
    pub components: Vec<Component>,
    /// Absent where nothing is known of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials: Option<CredentialsStatus>,
}

/// How far a cluster is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Phase {
    /// It is in Git; Argo CD has not reacted yet.
    Registered,
    /// Argo CD is at work.
    Installing,
    /// Everything is installed as the last commit says, and healthy.
    Ready,
    /// Something failed that will not pass by itself: the component's message says what.
    Degraded,
    /// It is not in Git any more, and not all of it has gone.
    Removing,
    /// The management cluster could not be asked.
    Unknown,
}

/// One Application.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Component {
    /// The component, such as `tekton`.
    pub name: String,
    /// Argo CD's word: `Synced`, `OutOfSync` or `Unknown`.
    pub sync: String,
    /// Argo CD's word: `Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing` or `Unknown`.
    pub health: String,
    /// Why it is not installed yet; empty when it is.
    pub message: String,
}

/// What is known of the stored credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CredentialsStatus {
    /// End of the certificate's or the token's validity, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Argo CD has the credentials whose fingerprint the branch has. Absent where the branch has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<bool>,
}

/// What was seen in the management cluster.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// The cluster as it is in Git.
    pub cluster: &'a Cluster,
    /// The cluster's Applications; others among them do no harm.
    pub applications: &'a [Value],
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

impl Status {
    /// When the management cluster could not be asked.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            phase: Phase::Unknown,
            components: Vec::new(),
            credentials: None,
        }
    }

    /// Of a cluster that is not in Git any more, by what is left of it.
    #[must_use]
    pub fn removing(cluster: &Cluster, left: &[Remaining]) -> Self {
        let components = left.iter().map(|left| Component {
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
        });
        let mut components: Vec<Component> = components.collect();
        components.sort();
        Self {
            phase: Phase::Removing,
            components,
            credentials: None,
        }
    }

    /// From what was seen.
    #[must_use]
    pub fn of(seen: &Observation<'_>) -> Self {
        let applications = Applications::of(seen.cluster, seen.applications);
        let mut judged: Vec<(Component, Verdict)> = applications
            .iter()
            .map(|application| application.judge(seen))
            .collect();
        let reacted = !judged.is_empty();
        judged.extend(applications.missing().map(|name| absent(seen, name)));
        if reacted && lacks_credentials(seen) {
            judged.push(no_credentials());
        }
        let phase = if reacted {
            phase(judged.iter().map(|(_, verdict)| *verdict))
        } else {
            Phase::Registered
        };
        let mut components: Vec<Component> = judged.into_iter().map(|(c, _)| c).collect();
        components.sort();
        Self {
            phase,
            components,
            credentials: credentials(seen),
        }
    }
}

fn phase(verdicts: impl Iterator<Item = Verdict>) -> Phase {
    // The worst one counts.
    match verdicts.max() {
        Some(Verdict::Failed) => Phase::Degraded,
        Some(Verdict::Waiting) => Phase::Installing,
        Some(Verdict::Done) | None => Phase::Ready,
    }
}

fn absent(seen: &Observation<'_>, application: &str) -> (Component, Verdict) {
    let component = Component {
        name: names::component(seen.cluster, application),
        sync: "Unknown".to_owned(),
        health: "Missing".to_owned(),
        message: "Argo CD has not created it yet".to_owned(),
    };
    (component, Verdict::Waiting)
}

/// The kubeconfig of a virtual cluster comes later, by itself.
fn lacks_credentials(seen: &Observation<'_>) -> bool {
    seen.secret.is_none() && seen.cluster.cluster_type == ClusterType::Physical
}

fn no_credentials() -> (Component, Verdict) {
    let component = Component {
        name: "credentials".to_owned(),
        sync: "Unknown".to_owned(),
        health: "Missing".to_owned(),
        message: "Argo CD has no credentials of this cluster; save it again with its kubeconfig"
            .to_owned(),
    };
    (component, Verdict::Failed)
}

fn credentials(seen: &Observation<'_>) -> Option<CredentialsStatus> {
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
