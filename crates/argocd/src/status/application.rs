//! One Application of Argo CD.

use serde_json::Value;

use super::{Component, Observation};
use crate::names;
use kubernetes::text::clean;

/// An object of kind Application.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Application<'a>(pub(super) &'a Value);

/// What to make of an Application; the worse, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// Installed as Git says, and healthy.
    Done,
    /// Argo CD is at work, or has yet to look.
    Waiting,
    /// It will not get better by itself.
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

    /// Why its deletion does not finish.
    pub(crate) fn deletion_error(&self) -> Option<&'a str> {
        self.condition(|kind| kind == "DeletionError")
    }

    /// Whether an operation keeps it from being deleted: Argo CD uninstalls nothing before the operation is over, and
    /// one that fails is repeated without end (`processAppOperationQueueItem` in its `controller/appcontroller.go`).
    pub(crate) fn is_kept_by_operation(&self) -> bool {
        self.is_being_deleted()
            && self.0.get("operation").is_some()
            && self.text("/status/operationState/phase") == Some("Running")
    }

    fn is_being_deleted(&self) -> bool {
        self.0.pointer("/metadata/deletionTimestamp").is_some()
    }

    pub(super) fn judge(&self, seen: &Observation<'_>) -> (Component, Verdict) {
        let sync = self.text("/status/sync/status").unwrap_or("Unknown");
        let health = self.text("/status/health/status").unwrap_or("Unknown");
        let (verdict, message) = self.verdict(sync, health, seen);
        let component = Component {
            name: names::component(seen.cluster, self.name()),
            sync: clean(sync),
            health: clean(health),
            message: clean(message),
        };
        (component, verdict)
    }

    fn verdict(&self, sync: &str, health: &str, seen: &Observation<'_>) -> (Verdict, &'a str) {
        if let Some(reason) = self.deletion_error() {
            return (Verdict::Failed, reason);
        }
        if self.is_being_deleted() {
            return (Verdict::Waiting, "being deleted");
        }
        let operation = self.text("/status/operationState/phase");
        let operation_message = self.text("/status/operationState/message");
        let running = matches!(operation, Some("Running" | "Terminating"));
        if sync == "Synced" && health == "Healthy" && !running {
            // A former failure is history.
            return if self.is_current(seen) {
                (Verdict::Done, "")
            } else {
                (Verdict::Waiting, "Argo CD has not seen the last commit yet")
            };
        }
        if health == "Degraded" {
            let message = self.text("/status/health/message").or(operation_message);
            return (Verdict::Failed, message.unwrap_or("not healthy"));
        }
        if let Some(reason) = self.condition(|kind| kind.ends_with("Error")) {
            return (Verdict::Failed, reason);
        }
        if matches!(operation, Some("Failed" | "Error")) && sync != "Synced" {
            return (
                Verdict::Failed,
                operation_message.unwrap_or("the sync failed"),
            );
        }
        let message = self
            .awaited_volume(health, seen)
            .or_else(|| self.text("/status/health/message"))
            .or(operation_message);
        (Verdict::Waiting, message.unwrap_or("Argo CD is at work"))
    }

    /// What a virtual cluster that does not start most likely waits for. Argo CD sees a StatefulSet without a Pod; the
    /// claim of the volume is the StatefulSet's own, and neither is it in an Application's status nor are events.
    fn awaited_volume(&self, health: &str, seen: &Observation<'_>) -> Option<&'static str> {
        let workload = domain::names::vcluster_release(&seen.cluster.name);
        (health == "Progressing" && self.name() == workload).then_some(
            "the StatefulSet of the virtual cluster has no Pod that is ready; where that lasts, the host has no default StorageClass for its volume, or no room: see docs/deploy.md, \"What a cluster needs before it is registered\"",
        )
    }

    /// Whether it shows one of the wanted revisions of the tenant's repository. The revision of a
    /// Helm chart is the chart's version, and other repositories have commits of their own.
    fn is_current(&self, seen: &Observation<'_>) -> bool {
        let ours = |source: &Value| is_from(source, &seen.settings.repository_url);
        let current = |revision: Option<&Value>| {
            let revision = revision.and_then(Value::as_str).unwrap_or_default();
            seen.revisions.iter().any(|wanted| wanted == revision)
        };
        let sync = self.0.pointer("/status/sync");
        if let Some(source) = self.0.pointer("/spec/source") {
            return !ours(source) || current(sync.and_then(|sync| sync.get("revision")));
        }
        self.list("/spec/sources")
            .enumerate()
            .filter(|(_, source)| ours(source))
            .all(|(index, _)| current(sync.and_then(|sync| sync.get("revisions")?.get(index))))
    }

    /// Whether Argo CD reads it from this repository, and so looks for commits of its own accord only every
    /// few minutes.
    pub(crate) fn is_from(&self, repository: &str) -> bool {
        let source = self.0.pointer("/spec/source").into_iter();
        source
            .chain(self.list("/spec/sources"))
            .any(|source| is_from(source, repository))
    }

    fn condition(&self, wanted: impl Fn(&str) -> bool) -> Option<&'a str> {
        self.list("/status/conditions").find_map(|condition| {
            let kind = condition.get("type")?.as_str()?;
            wanted(kind).then_some(())?;
            Some(
                condition
                    .get("message")
                    .and_then(Value::as_str)
                    .unwrap_or("unknown error"),
            )
        })
    }

    fn text(&self, pointer: &str) -> Option<&'a str> {
        self.0.pointer(pointer).and_then(Value::as_str)
    }

    fn list(&self, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        let items = self.0.pointer(pointer).and_then(Value::as_array);
        items.into_iter().flatten()
    }
}

/// Whether a source is a folder of this repository.
fn is_from(source: &Value, repository: &str) -> bool {
    let same = |url: &str| {
        url.trim_end_matches('/')
            .trim_end_matches(".git")
            .to_owned()
    };
    let url = source.get("repoURL").and_then(Value::as_str);
    let is_chart = source
        .get("chart")
        .and_then(Value::as_str)
        .is_some_and(|chart| !chart.is_empty());
    !is_chart && url.is_some_and(|url| same(url) == same(repository))
}
