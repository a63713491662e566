//! Status that Applications show of themselves.

use sandbox_kubernetes::{LocalClient, object};
use serde_json::{Value, json};

use crate::progress::{SyncProgress, SyncStage};
use crate::{ApplicationBehaviour, manifests, replacement};

/// Annotation that asks for a comparison.
pub const REFRESH: &str = "argocd.argoproj.io/refresh";

/// Sync status and health of a stage.
fn sync_and_health(
    progress: &SyncProgress,
    behaviour: &ApplicationBehaviour,
    synced_before: bool,
) -> (&'static str, Value) {
    let health = |status: &str| json!({ "status": status });
    match (&progress.stage, behaviour) {
        (SyncStage::OutOfSync | SyncStage::Syncing | SyncStage::Failed(_), _) if !synced_before => {
            ("OutOfSync", health("Missing"))
        }
        (SyncStage::OutOfSync | SyncStage::Syncing | SyncStage::Failed(_), _) => {
            ("OutOfSync", health("Healthy"))
        }
        (SyncStage::Settled, ApplicationBehaviour::Degraded(message)) => (
            "Synced",
            json!({ "status": "Degraded", "message": message }),
        ),
        (SyncStage::Settled, ApplicationBehaviour::Normal | ApplicationBehaviour::SyncFails(_)) => {
            ("Synced", health("Healthy"))
        }
        (SyncStage::Starting | SyncStage::Settled, _) => ("Synced", health("Progressing")),
    }
}

/// True where the Application asks for a comparison.
pub fn asks(application: &Value) -> bool {
    application
        .pointer("/metadata/annotations")
        .is_some_and(|annotations| annotations.get(REFRESH).is_some())
}

/// Foundation of a status.
#[derive(Debug, Clone, Copy)]
pub struct StatusComparison {
    /// Made just now.
    is_new: bool,
    /// Answers a refresh, whose annotation goes with the status. One that came during the comparison stays.
    was_asked: bool,
}

impl StatusComparison {
    /// Of an Application as it was looked at; `is_new`: compared just now.
    pub fn of(application: &Value, is_new: bool) -> Self {
        Self {
            is_new,
            was_asked: asks(application),
        }
    }
}

/// Writes the status of an Application that could be compared.
pub fn report(
    objects: &LocalClient,
    application: &Value,
    progress: &SyncProgress,
    behaviour: &ApplicationBehaviour,
    comparison: StatusComparison,
) {
    let synced_before = !object::list(application, "/status/history").is_empty();
    let (sync, health) = sync_and_health(progress, behaviour, synced_before);
    let mut status = json!({
        "sync": { "status": sync, "revision": progress.revision, "comparedTo": compared_to(application) },
        "health": health,
        "conditions": [],
    });
    if let Some(sync) = status.get_mut("sync") {
        object::set_field(sync, "revisions", revisions(application, progress));
    }
    if let SyncStage::Failed(message) = &progress.stage {
        let text = format!(
            "Failed last sync attempt to {}: {message}",
            progress.revision
        );
        object::set_field(
            &mut status,
            "conditions",
            Some(json!([{ "type": "SyncError", "message": text }])),
        );
    }
    if let Some(manifests) = &progress.manifests {
        object::set_field(
            &mut status,
            "resources",
            Some(json!(manifests::resources(manifests, sync))),
        );
    }
    write(objects, application, status, comparison);
}

/// Writes the status of an Application that cannot be compared.
pub fn report_unknown(objects: &LocalClient, application: &Value, condition: &str, message: &str) {
    let status = json!({
        "sync": { "status": "Unknown", "comparedTo": compared_to(application) },
        "health": { "status": "Unknown" },
        "conditions": [{ "type": condition, "message": message }],
    });
    write(
        objects,
        application,
        status,
        StatusComparison::of(application, false),
    );
}

/// Tells why a deletion does not go on.
pub fn report_deletion_error(objects: &LocalClient, application: &Value, message: &str) {
    let status = json!({ "conditions": [{ "type": "DeletionError", "message": message }] });
    write(
        objects,
        application,
        status,
        StatusComparison::of(application, false),
    );
}

/// Of several sources, in their order: a chart's is its version, a folder's the commit that was read.
fn revisions(application: &Value, progress: &SyncProgress) -> Option<Value> {
    let sources = application.pointer("/spec/sources")?.as_array()?;
    let revision = |source: &Value| match source.get("chart") {
        Some(_) => source.get("targetRevision").cloned().unwrap_or_default(),
        None => json!(progress.revision),
    };
    Some(sources.iter().map(revision).collect())
}

fn compared_to(application: &Value) -> Value {
    let part = |field: &str| {
        application
            .pointer(&format!("/spec/{field}"))
            .cloned()
            .unwrap_or_default()
    };
    let mut compared = json!({ "destination": part("destination") });
    for field in ["source", "sources"] {
        let source = Some(part(field)).filter(|source| !source.is_null());
        object::set_field(&mut compared, field, source);
    }
    compared
}

fn write(
    objects: &LocalClient,
    application: &Value,
    mut status: Value,
    comparison: StatusComparison,
) {
    let StatusComparison { is_new, was_asked } = comparison;
    let told = application.get("status").cloned().unwrap_or_default();
    let differs = status
        .as_object()
        .into_iter()
        .flatten()
        .any(|(field, new)| !is_reported(told.get(field), field, new));
    if !differs && !was_asked && !is_new {
        return;
    }
    date_conditions(&mut status);
    let fields: Vec<String> = status
        .as_object()
        .into_iter()
        .flatten()
        .map(|(field, _)| field.clone())
        .collect();
    for field in fields {
        let exact = replacement(told.get(&field), status.get(&field));
        object::set_field(&mut status, &field, Some(exact));
    }
    if is_new || was_asked {
        object::set_field(&mut status, "reconciledAt", Some(object::now().into()));
    }
    let mut patch = json!({ "status": status });
    if was_asked {
        object::set_field(
            &mut patch,
            "metadata",
            Some(json!({ "annotations": { REFRESH: null } })),
        );
    }
    objects.merge(application, patch);
}

fn is_reported(told: Option<&Value>, field: &str, new: &Value) -> bool {
    if field != "conditions" {
        return told == Some(new);
    }
    let mut told = told.and_then(Value::as_array).cloned().unwrap_or_default();
    told.iter_mut()
        .for_each(|condition| object::set_field(condition, "lastTransitionTime", None));
    Some(&told) == new.as_array()
}

fn date_conditions(status: &mut Value) {
    let now = object::now();
    for condition in status
        .get_mut("conditions")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        object::set_field(condition, "lastTransitionTime", Some(now.clone().into()));
    }
}

/// The operation has begun.
pub fn begin_operation(objects: &LocalClient, application: &Value, revision: &str) {
    let automated =
        json!({ "initiatedBy": { "automated": true }, "sync": { "revision": revision } });
    let operation = application.get("operation").cloned().unwrap_or(automated);
    let state = json!({
        "phase": "Running", "message": "waiting for resources", "startedAt": object::now(), "operation": operation,
        "finishedAt": null, "syncResult": null, "retryCount": null,
    });
    objects.merge(
        application,
        json!({ "status": { "operationState": state } }),
    );
}

/// The operation has ended; `operation` goes, as Argo CD takes it away.
pub fn end_operation(
    objects: &LocalClient,
    application: &Value,
    progress: &SyncProgress,
    outcome: &Result<(), String>,
) {
    let (phase, message) = match outcome {
        Ok(()) => (
            "Succeeded",
            "successfully synced (all tasks run)".to_owned(),
        ),
        Err(error) => (
            "Failed",
            format!("one or more objects failed to apply, reason: {error}"),
        ),
    };
    let resource_status = if outcome.is_ok() {
        "Synced"
    } else {
        "SyncFailed"
    };
    let resources = manifests::resources(
        progress.manifests.as_deref().unwrap_or_default(),
        resource_status,
    );
    let state = json!({
        "phase": phase, "message": message, "finishedAt": object::now(),
        "syncResult": { "revision": progress.revision, "resources": resources },
    });
    let mut status = json!({ "operationState": state });
    if outcome.is_ok() {
        let mut history = object::list(application, "/status/history").to_vec();
        history.push(json!({ "id": history.len(), "revision": progress.revision, "deployedAt": object::now() }));
        object::set_field(&mut status, "history", Some(Value::Array(history)));
    }
    objects.merge(application, json!({ "operation": null, "status": status }));
}
