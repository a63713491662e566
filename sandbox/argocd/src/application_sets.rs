//! ApplicationSets: their Applications are created, kept as they should be, and deleted.

use std::collections::BTreeSet;
use std::sync::Arc;

use sandbox_kubernetes::{DeletionPropagation, LocalClient, object};
use serde_json::{Value, json};

use crate::{APPLICATION_SETS, APPLICATIONS, CASCADE, clusters, generators, replacement};

const REFRESH: &str = "argocd.argoproj.io/application-set-refresh";

/// Brings the Applications of every set in line.
pub fn reconcile(objects: &LocalClient) {
    for set in objects.list(APPLICATION_SETS) {
        if !object::is_deleting(&set) {
            reconcile_one(objects, &set);
        }
    }
}

fn reconcile_one(objects: &LocalClient, set: &Value) {
    let outcome =
        generators::applications(objects, set).and_then(|wanted| carry_out(objects, set, &wanted));
    if set
        .pointer("/metadata/annotations")
        .is_some_and(|annotations| annotations.get(REFRESH).is_some())
    {
        objects.merge(
            set,
            json!({ "metadata": { "annotations": { REFRESH: null } } }),
        );
    }
    report(objects, set, outcome.err().as_deref());
}

fn carry_out(objects: &LocalClient, set: &Value, wanted: &[Value]) -> Result<(), String> {
    let names: BTreeSet<&str> = wanted.iter().map(object::name).collect();
    if names.len() != wanted.len() {
        return Err(format!(
            "ApplicationSet {} contains applications with duplicate name",
            object::name(set)
        ));
    }
    for application in wanted {
        match objects.get(APPLICATIONS, object::name(application)) {
            Some(live) if !is_owned(&live, set) => {
                return Err(format!(
                    "Application {} is not owned by this ApplicationSet",
                    object::name(&live)
                ));
            }
            Some(live) => keep(objects, &live, application),
            None => objects.apply(application).map_err(|error| error.message)?,
        }
    }
    let surplus = objects
        .list(APPLICATIONS)
        .into_iter()
        .filter(|live| is_owned(live, set));
    surplus
        .filter(|live| !names.contains(object::name(live)))
        .for_each(|live| remove(objects, &live));
    Ok(())
}

fn is_owned(application: &Value, set: &Value) -> bool {
    object::list(application, "/metadata/ownerReferences")
        .iter()
        .any(|owner| object::text(owner, "/uid") == object::uid(set))
}

/// Puts back the spec, and the finalizers where nothing is being deleted.
fn keep(objects: &LocalClient, live: &Value, wanted: &Value) {
    let mut patch = json!({});
    if live.get("spec") != wanted.get("spec") {
        object::set_field(
            &mut patch,
            "spec",
            Some(replacement(live.get("spec"), wanted.get("spec"))),
        );
    }
    let finalizers = |object: &Value| object::list(object, "/metadata/finalizers").to_vec();
    if !object::is_deleting(live) && finalizers(live) != finalizers(wanted) {
        object::set_field(
            &mut patch,
            "metadata",
            Some(json!({ "finalizers": finalizers(wanted) })),
        );
    }
    if patch != json!({}) {
        objects.merge(live, patch);
    }
}

/// Deletes an Application that is no longer wanted. Where its cluster is gone there is nothing to uninstall
/// from: the finalizer goes first, and what was installed stays.
fn remove(objects: &LocalClient, application: &Arc<Value>) {
    if object::is_deleting(application) {
        return;
    }
    if clusters::resolve(objects, application.pointer("/spec/destination")).is_err() {
        let mut finalizers = object::finalizers(application);
        finalizers.retain(|finalizer| !finalizer.starts_with(CASCADE));
        objects.merge(
            application,
            json!({ "metadata": { "finalizers": finalizers } }),
        );
    }
    objects.delete(application, DeletionPropagation::Background);
}

fn report(objects: &LocalClient, set: &Value, error: Option<&str>) {
    let conditions = match error {
        None => conditions(
            "ApplicationSetUpToDate",
            "All applications have been generated successfully",
            true,
        ),
        Some(error) => conditions("ApplicationGenerationFromParamsError", error, false),
    };
    let told: Vec<Value> = object::list(set, "/status/conditions")
        .iter()
        .map(without_time)
        .collect();
    if told != conditions {
        let now = object::now();
        let dated = conditions.into_iter().map(|mut condition| {
            object::set_field(
                &mut condition,
                "lastTransitionTime",
                Some(now.clone().into()),
            );
            condition
        });
        let status = json!({ "conditions": dated.collect::<Vec<_>>() });
        objects.merge_status(APPLICATION_SETS, object::name(set), status);
    }
}

fn conditions(reason: &str, message: &str, good: bool) -> Vec<Value> {
    let condition = |kind: &str, status: bool| {
        let status = if status { "True" } else { "False" };
        json!({ "type": kind, "status": status, "reason": reason, "message": message })
    };
    vec![
        condition("ErrorOccurred", !good),
        condition("ParametersGenerated", good),
        condition("ResourcesUpToDate", good),
    ]
}

fn without_time(condition: &Value) -> Value {
    let mut condition = condition.clone();
    object::set_field(&mut condition, "lastTransitionTime", None);
    condition
}
