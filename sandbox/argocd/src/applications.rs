//! Applications: compared, synced, watched.

use std::sync::Arc;

use sandbox_kubernetes::{LocalClient, object};
use serde_json::Value;
use tokio::time::Instant;

use crate::clusters::{self, ApplicationDestination};
use crate::progress::{RESYNC, SyncProgress, SyncStage};
use crate::{APPLICATIONS, ApplicationBehaviour, StandIn, manifests, progress, projects, status};

impl StandIn {
    /// Takes one Application a step further; answers when to look again.
    pub(super) async fn reconcile_application(&mut self, application: &Arc<Value>) -> Instant {
        let later = Instant::now() + RESYNC;
        let has_operation = application.get("operation").is_some();
        // A running operation comes before a deletion.
        if object::is_deleting(application) && !has_operation {
            return self.finalize(application).unwrap_or(later);
        }
        let behaviour = self.argo.behaviour(object::name(application));
        match self.compare(application, &behaviour).await {
            Ok(compared) => {
                self.advance(application, &behaviour);
                self.report_status(application, &behaviour, compared);
                self.next_step(application, &behaviour)
            }
            Err((condition, message)) => {
                status::report_unknown(&self.objects, application, condition, &message);
                later
            }
        }
    }

    /// Brings the progress up to the Application's spec and revision; true when it was compared anew.
    async fn compare(
        &mut self,
        application: &Value,
        behaviour: &ApplicationBehaviour,
    ) -> Result<bool, (&'static str, String)> {
        let invalid = |message| ("InvalidSpecError", message);
        let destination =
            clusters::resolve(&self.objects, application.pointer("/spec/destination"))
                .map_err(invalid)?;
        let project = object::text(application, "/spec/project");
        if !projects::exists(&self.objects, project) {
            return Err(invalid(format!(
                "Application referencing project {project} which does not exist"
            )));
        }
        if let Some(message) = self.failure_to_connect(&destination, behaviour) {
            return Err(("ComparisonError", message));
        }
        let before = self.progress.get(object::uid(application));
        if !needs_comparison(application, before) {
            return Ok(false);
        }
        let (revision, found) = self
            .source(application, &destination)
            .await
            .map_err(|message| ("ComparisonError", message))?;
        let progress = SyncProgress::compared(application, revision, found, before);
        self.progress
            .insert(object::uid(application).to_owned(), progress);
        Ok(true)
    }

    /// Why the Application's cluster can't be asked anything.
    pub(super) fn failure_to_connect(
        &self,
        destination: &ApplicationDestination,
        behaviour: &ApplicationBehaviour,
    ) -> Option<String> {
        if *behaviour == ApplicationBehaviour::Unreachable {
            return Some("failed to get cluster version: dial tcp: i/o timeout".to_owned());
        }
        clusters::refusal(&self.objects, destination)
    }

    /// Revision and objects of the source; no objects where the sync is only simulated. Of several sources the first
    /// that is no chart counts.
    async fn source(
        &self,
        application: &Value,
        destination: &ApplicationDestination,
    ) -> Result<(String, Option<Vec<Value>>), String> {
        let sources = object::list(application, "/spec/sources");
        let folder = sources.iter().find(|source| source.get("chart").is_none());
        let source = application
            .pointer("/spec/source")
            .or(folder)
            .or_else(|| sources.first());
        let text = |field: &str| {
            source
                .map(|source| object::text(source, &format!("/{field}")))
                .unwrap_or_default()
        };
        if !text("chart").is_empty() {
            return Ok((text("targetRevision").to_owned(), None));
        }
        let revision = self.repository.resolve(text("targetRevision")).await?;
        if *destination != ApplicationDestination::InCluster {
            return Ok((revision, None));
        }
        let found = self.repository.manifests(&revision, text("path")).await?;
        let found = manifests::complete(application, found);
        Ok((revision, Some(found)))
    }

    /// Moves the Application on where it has waited long enough.
    fn advance(&mut self, application: &Value, behaviour: &ApplicationBehaviour) {
        let Some(progress) = self.progress.get_mut(object::uid(application)) else {
            return;
        };
        let is_asked = application.get("operation").is_some();
        match &progress.stage {
            SyncStage::Settled | SyncStage::Starting if is_asked => {
                begin(&self.objects, application, progress)
            }
            SyncStage::Settled if is_drifted(&self.objects, application, progress) => {
                progress.enter(SyncStage::OutOfSync)
            }
            SyncStage::OutOfSync if is_asked || progress::is_automated(application) => {
                begin(&self.objects, application, progress)
            }
            SyncStage::Failed(_) if is_asked => begin(&self.objects, application, progress),
            SyncStage::Failed(_)
                if progress.retries(application) && progress.has_waited(self.step) =>
            {
                begin(&self.objects, application, progress);
            }
            SyncStage::Syncing if progress.has_waited(self.step) => {
                let outcome = sync(&self.objects, application, progress, behaviour);
                status::end_operation(&self.objects, application, progress, &outcome);
                progress.failures += u32::from(outcome.is_err());
                progress.comparable = is_synced(&self.objects, application, progress);
                progress.enter(outcome.map_or_else(SyncStage::Failed, |()| SyncStage::Starting));
            }
            SyncStage::Starting
                if progress.has_waited(self.step) && *behaviour != ApplicationBehaviour::Stuck =>
            {
                progress.enter(SyncStage::Settled);
            }
            _ => {}
        }
    }

    fn report_status(&self, application: &Value, behaviour: &ApplicationBehaviour, compared: bool) {
        let Some(progress) = self.progress.get(object::uid(application)) else {
            return;
        };
        // The operation's end has just been written: tell it on top of that.
        let current = self.objects.get(APPLICATIONS, object::name(application));
        if let Some(current) = current {
            let comparison = status::StatusComparison::of(application, compared);
            status::report(&self.objects, &current, progress, behaviour, comparison);
        }
    }

    fn next_step(&self, application: &Value, behaviour: &ApplicationBehaviour) -> Instant {
        let later = Instant::now() + RESYNC;
        let Some(progress) = self.progress.get(object::uid(application)) else {
            return later;
        };
        let goes_on = match progress.stage {
            SyncStage::Syncing => true,
            SyncStage::Starting => *behaviour != ApplicationBehaviour::Stuck,
            SyncStage::Failed(_) => progress.retries(application),
            SyncStage::Settled | SyncStage::OutOfSync => false,
        };
        if goes_on {
            progress.since + self.step
        } else {
            progress.compared + RESYNC
        }
    }
}

fn needs_comparison(application: &Value, before: Option<&SyncProgress>) -> bool {
    status::asks(application)
        || before.is_none_or(|before| {
            Some(&before.spec) != application.get("spec") || before.compared.elapsed() >= RESYNC
        })
}

/// Somebody changed a synced object, and the policy is to put it right.
fn is_drifted(objects: &LocalClient, application: &Value, progress: &SyncProgress) -> bool {
    let heals =
        application.pointer("/spec/syncPolicy/automated/selfHeal") == Some(&Value::Bool(true));
    let Some(wanted) = progress
        .manifests
        .as_ref()
        .filter(|_| heals && progress.comparable)
    else {
        return false;
    };
    !manifests::is_synced(objects, object::name(application), wanted)
}

fn is_synced(objects: &LocalClient, application: &Value, progress: &SyncProgress) -> bool {
    let wanted = progress.manifests.as_deref().unwrap_or_default();
    manifests::is_synced(objects, object::name(application), wanted)
}

fn begin(objects: &LocalClient, application: &Value, progress: &mut SyncProgress) {
    status::begin_operation(objects, application, &progress.revision);
    progress.enter(SyncStage::Syncing);
}

fn sync(
    objects: &LocalClient,
    application: &Value,
    progress: &SyncProgress,
    behaviour: &ApplicationBehaviour,
) -> Result<(), String> {
    if let ApplicationBehaviour::SyncFails(message) = behaviour {
        return Err(message.clone());
    }
    let Some(wanted) = &progress.manifests else {
        return Ok(());
    };
    let flag = |pointer: &str| application.pointer(pointer) == Some(&Value::Bool(true));
    let is_asked = application.get("operation").is_some();
    let prunes = if is_asked {
        flag("/operation/sync/prune")
    } else {
        flag("/spec/syncPolicy/automated/prune")
    };
    let name = object::name(application);
    let surplus = manifests::surplus(objects, name, wanted);
    if prunes
        && !is_asked
        && wanted.is_empty()
        && !surplus.is_empty()
        && !flag("/spec/syncPolicy/automated/allowEmpty")
    {
        return Err("auto-sync will wipe out all resources".into());
    }
    manifests::apply(objects, application, wanted)?;
    if prunes {
        manifests::prune(objects, surplus);
    }
    Ok(())
}
