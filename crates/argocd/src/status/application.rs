//! One Application of Argo CD.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;

use api::ComponentStatus;

use super::{ClusterObservation, cause};
use crate::names;
use crate::text::clean;

/// How long Argo CD's word of a failure has to stand before it counts. On their way to Ready components are Degraded for
/// some seconds (a Deployment before its Secret is there) or have errors (a chart's server that does not answer at
/// once); Argo CD looks again every two minutes at the latest.
const LASTING: Duration = Duration::from_mins(2);

/// How often an object has to be refused before that counts: Argo CD's own limit, which an Application has that names none.
/// Ours are repeated without end, since what one waits for may come late from another; but an object that is wrong in
/// itself stays so.
const ATTEMPTS: u64 = 5;

/// An object of kind Application.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Application<'a>(pub(super) &'a Value);

/// State of an Application; the worse, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ApplicationState {
    /// Installed as Git says, and healthy.
    Done,
    /// Argo CD is at work, or has yet to look.
    Waiting,
    /// The Application will not get better by itself.
    Failed,
}

impl<'a> Application<'a> {
    pub(crate) fn name(&self) -> &'a str {
        self.text("/metadata/name").unwrap_or_default()
    }

    /// Name of the cluster that it installs into, where it goes by name.
    pub(super) fn destination(&self) -> Option<&'a str> {
        self.text("/spec/destination/name")
    }

    /// Names of the Applications that it manages.
    pub(super) fn children(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.list("/status/resources")
            .filter(|resource| resource.get("kind").and_then(Value::as_str) == Some("Application"))
            .filter_map(|resource| resource.get("name")?.as_str())
    }

    /// The same, without those that Argo CD has yet to create.
    pub(super) fn present_children(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.list("/status/resources")
            .filter(|resource| resource.get("kind").and_then(Value::as_str) == Some("Application"))
            .filter(|resource| {
                let health = resource.pointer("/health/status").and_then(Value::as_str);
                health != Some("Missing")
            })
            .filter_map(|resource| resource.get("name")?.as_str())
    }

    /// Why its deletion does not finish.
    pub(crate) fn deletion_error(&self) -> Option<&'a str> {
        let condition = self.condition(|kind| kind == "DeletionError")?;
        let message = condition.get("message").and_then(Value::as_str);
        Some(message.unwrap_or("unknown error"))
    }

    /// True while an operation keeps the Application from being deleted: Argo CD uninstalls nothing before the operation is over, and
    /// one that fails is repeated without end (`processAppOperationQueueItem` in its `controller/appcontroller.go`).
    pub(crate) fn is_kept_by_operation(&self) -> bool {
        self.is_being_deleted()
            && self.0.get("operation").is_some()
            && self.text("/status/operationState/phase") == Some("Running")
    }

    fn is_being_deleted(&self) -> bool {
        self.0.pointer("/metadata/deletionTimestamp").is_some()
    }

    pub(super) fn judge(
        &self,
        seen: &ClusterObservation<'_>,
    ) -> (ComponentStatus, ApplicationState) {
        let sync = self.text("/status/sync/status").unwrap_or("Unknown");
        let health = self.text("/status/health/status").unwrap_or("Unknown");
        let state = self.state(sync, health, seen);
        let message = match state {
            ApplicationState::Done => String::new(),
            ApplicationState::Waiting | ApplicationState::Failed => self.reason(sync, health, seen),
        };
        let component = ComponentStatus {
            name: names::component(seen.cluster, self.name()),
            sync: clean(sync),
            health: clean(health),
            message: clean(&message),
            since: self.since(),
        };
        (component, state)
    }

    /// Since when its health is this one. Argo CD before 2.13 does not tell, nor any of an Application that it has yet to look at.
    fn since(&self) -> Option<String> {
        let times = [
            "/status/health/lastTransitionTime",
            "/metadata/creationTimestamp",
        ];
        let mut times = times.into_iter().filter_map(|pointer| self.text(pointer));
        let since = times.find(|time| humantime::parse_rfc3339(time).is_ok())?;
        Some(since.to_owned())
    }

    fn state(&self, sync: &str, health: &str, seen: &ClusterObservation<'_>) -> ApplicationState {
        let last_transition = |condition: &'a Value| {
            let time = condition.get("lastTransitionTime");
            time.and_then(Value::as_str)
        };
        if self.is_being_deleted() {
            // A component that is replaced by another goes while its cluster is watched.
            let error = self.condition(|kind| kind == "DeletionError");
            return match error.map(last_transition) {
                Some(since) if is_lasting(since, seen.now) => ApplicationState::Failed,
                _ => ApplicationState::Waiting,
            };
        }
        let condition = self.error_condition().map(last_transition);
        if self.is_installed(sync, health) {
            // A former failure is history.
            return match self.is_current(seen) {
                true => ApplicationState::Done,
                false => ApplicationState::Waiting,
            };
        }
        let unhealthy = (health == "Degraded").then_some("/status/health/lastTransitionTime");
        let unhealthy = unhealthy.map(|pointer| self.text(pointer));
        let mut failures = [unhealthy, condition].into_iter().flatten();
        let failed = failures.any(|since| is_lasting(since, seen.now))
            || self.has_given_up(sync)
            || self.repeats_in_vain();
        match failed {
            true => ApplicationState::Failed,
            false => ApplicationState::Waiting,
        }
    }

    fn reason(&self, sync: &str, health: &str, seen: &ClusterObservation<'_>) -> String {
        if let Some(reason) = self.deletion_error() {
            return reason.to_owned();
        }
        if self.is_being_deleted() {
            return "being deleted".to_owned();
        }
        if self.is_installed(sync, health) {
            return "Argo CD has not seen the last commit yet".to_owned();
        }
        // A guess, for where Argo CD knows no better.
        if let Some(volume) = self.awaited_volume(health, seen)
            && self.error_condition().is_none()
            && cause::refusal(self).is_none()
        {
            return volume.to_owned();
        }
        cause::newest(self)
            .unwrap_or_else(|| cause::of_state(sync, health, self.is_running()).to_owned())
    }

    fn is_installed(&self, sync: &str, health: &str) -> bool {
        sync == "Synced" && health == "Healthy" && !self.is_running()
    }

    fn is_running(&self) -> bool {
        let operation = self.text("/status/operationState/phase");
        matches!(operation, Some("Running" | "Terminating"))
    }

    /// True where an operation failed for good: as long as there are retries left, Argo CD calls it running.
    fn has_given_up(&self, sync: &str) -> bool {
        let operation = self.text("/status/operationState/phase");
        matches!(operation, Some("Failed" | "Error")) && sync != "Synced"
    }

    /// True where the API server has found the same thing wrong with an object in every attempt so far.
    fn repeats_in_vain(&self) -> bool {
        let attempts = self.0.pointer("/status/operationState/retryCount");
        let attempts = attempts.and_then(Value::as_u64);
        attempts.is_some_and(|attempts| attempts >= ATTEMPTS)
            && cause::refusal(self).is_some_and(cause::is_wrong_in_itself)
    }

    /// Names what a virtual cluster that does not start most likely waits for. Argo CD sees a StatefulSet without a Pod; the claim of the
    /// volume is the StatefulSet's own, and neither is it in an Application's status nor are events.
    fn awaited_volume(&self, health: &str, seen: &ClusterObservation<'_>) -> Option<&'static str> {
        let workload = domain::names::vcluster_release(&seen.cluster.name);
        (health == "Progressing" && self.name() == workload).then_some(
            "the StatefulSet of the virtual cluster has no Pod that is ready; where that lasts, the host has no default StorageClass for its volume, or no room: see docs/deploy.md, \"What a cluster needs before it is registered\"",
        )
    }

    /// The condition of an error that came last. Conditions of other types are warnings.
    pub(super) fn error_condition(&self) -> Option<&'a Value> {
        let errors = self.list("/status/conditions").filter(|condition| {
            let kind = condition.get("type").and_then(Value::as_str);
            kind.is_some_and(|kind| kind.ends_with("Error"))
        });
        errors.max_by_key(|condition| {
            let time = condition.get("lastTransitionTime");
            time.and_then(Value::as_str).unwrap_or_default()
        })
    }

    /// Tells whether the Application shows one of the wanted revisions of the tenant's repository. The revision of a
    /// Helm chart is the chart's version, and other repositories have commits of their own: of these Argo CD has to have
    /// compared what the Application says today.
    fn is_current(&self, seen: &ClusterObservation<'_>) -> bool {
        let is_single = self.0.pointer("/spec/source").is_some();
        // Each of these is one thing, or a list that is called by its plural.
        let read = |pointer: &str, index: usize| match is_single {
            true => self.0.pointer(pointer).filter(|_| index == 0),
            false => self.0.pointer(&[pointer, "s"].concat())?.get(index),
        };
        // Before the first comparison there is none, and no state that would count as installed either.
        let is_compared = self.0.pointer("/status/sync/comparedTo").is_some();
        let mut sources = (0..).map_while(|index| Some((index, read("/spec/source", index)?)));
        sources.all(|(index, source)| {
            if is_from(source, &seen.settings.repository_url) {
                let revision = read("/status/sync/revision", index).and_then(Value::as_str);
                let revision = revision.unwrap_or_default();
                return seen.revisions.iter().any(|wanted| wanted == revision);
            }
            let compared = read("/status/sync/comparedTo/source", index);
            !is_compared || is_same_chart(source, compared.unwrap_or(&Value::Null))
        })
    }

    /// Tells whether Argo CD reads the Application from this repository, and so looks for commits of its own accord
    /// only every few minutes.
    pub(crate) fn is_from(&self, repository: &str) -> bool {
        let source = self.0.pointer("/spec/source").into_iter();
        source
            .chain(self.list("/spec/sources"))
            .any(|source| is_from(source, repository))
    }

    fn condition(&self, wanted: impl Fn(&str) -> bool) -> Option<&'a Value> {
        self.list("/status/conditions").find(|condition| {
            let kind = condition.get("type").and_then(Value::as_str);
            kind.is_some_and(&wanted)
        })
    }

    /// Text that is not empty.
    pub(super) fn text(&self, pointer: &str) -> Option<&'a str> {
        let text = self.0.pointer(pointer).and_then(Value::as_str);
        text.filter(|text| !text.trim().is_empty())
    }

    fn list(&self, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        items(self.0, pointer)
    }
}

/// The members of a list; none where there is no list.
pub(super) fn items<'a>(
    object: &'a Value,
    pointer: &str,
) -> impl Iterator<Item = &'a Value> + use<'a> {
    let items = object.pointer(pointer).and_then(Value::as_array);
    items.into_iter().flatten()
}

/// Tells whether a condition has stood long enough to count. Without a time (Argo CD before 2.13) it does.
fn is_lasting(since: Option<&str>, now: u64) -> bool {
    let since = since.and_then(|since| humantime::parse_rfc3339(since).ok());
    let since = since.and_then(|since| since.duration_since(UNIX_EPOCH).ok());
    since.is_none_or(|since| Duration::from_secs(now).saturating_sub(since) >= LASTING)
}

/// Tells whether a source is a folder of this repository.
fn is_from(source: &Value, repository: &str) -> bool {
    let url = source.get("repoURL").and_then(Value::as_str);
    let chart = source.get("chart").and_then(Value::as_str);
    chart.is_none_or(str::is_empty) && url.is_some_and(|url| bare(url) == bare(repository))
}

/// The URL of a repository without what makes no difference at its end.
fn bare(url: &str) -> &str {
    url.trim_end_matches('/').trim_end_matches(".git")
}

/// Tells whether a chart is the same, with the same values.
fn is_same_chart(source: &Value, compared: &Value) -> bool {
    let mut pointers = ["/targetRevision", "/helm/valuesObject"].into_iter();
    pointers.all(|pointer| {
        let (one, other) = (source.pointer(pointer), compared.pointer(pointer));
        has(one, other) && has(other, one)
    })
}

/// Tells whether a value has everything that another has. Argo CD writes its status by merge patches, which drop what is null.
fn has(value: Option<&Value>, wanted: Option<&Value>) -> bool {
    match wanted {
        None | Some(Value::Null) => true,
        Some(Value::Object(fields)) => fields
            .iter()
            .all(|(key, wanted)| has(value.and_then(|value| value.get(key)), Some(wanted))),
        wanted => value == wanted,
    }
}
