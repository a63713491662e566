//! Deleting Applications: what they installed goes first.

use sandbox_kubernetes::object;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::clusters::{self, ApplicationDestination};
use crate::{ApplicationBehaviour, CASCADE, StandIn, manifests, projects, status};

impl StandIn {
    /// Takes a deletion further; answers when to look again, if anything is left to wait for.
    pub(super) fn finalize(&mut self, application: &Value) -> Option<Instant> {
        if !object::finalizers(application)
            .iter()
            .any(|finalizer| finalizer.starts_with(CASCADE))
        {
            return None;
        }
        let name = object::name(application);
        // Without the cluster there is nothing to uninstall from.
        let Ok(destination) =
            clusters::resolve(&self.objects, application.pointer("/spec/destination"))
        else {
            self.release(application);
            return None;
        };
        let project = object::text(application, "/spec/project");
        if !projects::exists(&self.objects, project) {
            let message = format!(
                "error getting project {project}: appproject.argoproj.io {project:?} not found"
            );
            status::report_deletion_error(&self.objects, application, &message);
            return None;
        }
        let behaviour = self.argo.behaviour(name);
        if let Some(message) = self.failure_to_connect(&destination, &behaviour) {
            status::report_deletion_error(&self.objects, application, &message);
            return None;
        }
        if behaviour == ApplicationBehaviour::Stuck {
            return None;
        }
        match destination {
            ApplicationDestination::InCluster => {
                if manifests::delete_all(&self.objects, name) {
                    self.release(application);
                }
                None
            }
            ApplicationDestination::Remote(_) => self.uninstall(application),
        }
    }

    /// A simulated uninstall takes one step.
    fn uninstall(&mut self, application: &Value) -> Option<Instant> {
        let uid = object::uid(application).to_owned();
        let started = *self.uninstalls.entry(uid).or_insert_with(Instant::now);
        if started.elapsed() < self.step {
            return Some(started + self.step);
        }
        self.release(application);
        None
    }

    fn release(&self, application: &Value) {
        let mut finalizers = object::finalizers(application);
        finalizers.retain(|finalizer| !finalizer.starts_with(CASCADE));
        self.objects.merge(
            application,
            json!({ "metadata": { "finalizers": finalizers } }),
        );
    }
}
