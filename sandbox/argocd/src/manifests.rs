//! The objects of an Application in this API server: applied, compared, pruned, deleted.

use std::sync::Arc;

use sandbox_kubernetes::{DeletionPropagation, LocalClient, object, split_api_version};
use serde_json::{Value, json};

const TRACKING: &str = "argocd.argoproj.io/tracking-id";
const SYNC_WAVE: &str = "/metadata/annotations/argocd.argoproj.io~1sync-wave";
const SYNC_OPTIONS: &str = "/metadata/annotations/argocd.argoproj.io~1sync-options";

/// Completes manifests: the destination's namespace where they name none, and whose they are; in the order of
/// their sync waves.
pub fn complete(application: &Value, manifests: Vec<Value>) -> Vec<Value> {
    let namespace = object::text(application, "/spec/destination/namespace");
    let mut completed: Vec<Value> = manifests
        .into_iter()
        .map(|mut manifest| {
            let metadata = object::metadata_mut(&mut manifest);
            metadata
                .entry("namespace")
                .or_insert_with(|| namespace.into());
            let id = tracking_id(object::name(application), &manifest);
            let mut metadata = Value::Object(std::mem::take(object::metadata_mut(&mut manifest)));
            object::child_mut(&mut metadata, "annotations").insert(TRACKING.into(), id.into());
            object::set_field(&mut manifest, "metadata", Some(metadata));
            manifest
        })
        .collect();
    completed.sort_by_key(|manifest| {
        (
            wave(manifest),
            object::text(manifest, "/kind") != "Namespace",
        )
    });
    completed
}

fn wave(object: &Value) -> i64 {
    object::text(object, SYNC_WAVE).parse().unwrap_or_default()
}

fn tracking_id(application: &str, manifest: &Value) -> String {
    let (group, _) = split_api_version(object::text(manifest, "/apiVersion"));
    let kind = object::text(manifest, "/kind");
    format!(
        "{application}:{group}/{kind}:{}/{}",
        object::namespace(manifest),
        object::name(manifest)
    )
}

/// Live objects that carry the Application's mark.
pub fn tracked(objects: &LocalClient, application: &str) -> Vec<Arc<Value>> {
    let prefix = format!("{application}:");
    objects.find(|object| mark(object).is_some_and(|id| id.starts_with(&prefix)))
}

fn mark(object: &Value) -> Option<&str> {
    object
        .pointer("/metadata/annotations")?
        .get(TRACKING)?
        .as_str()
}

/// Live objects of the Application that no manifest describes.
pub fn surplus(objects: &LocalClient, application: &str, manifests: &[Value]) -> Vec<Arc<Value>> {
    let wanted: Vec<String> = manifests
        .iter()
        .map(|manifest| tracking_id(application, manifest))
        .collect();
    let mut found = tracked(objects, application);
    found.retain(|live| {
        !object::is_deleting(live) && !wanted.contains(&tracking_id(application, live))
    });
    found
}

/// Applies all manifests; the error is the first one's.
pub fn apply(
    objects: &LocalClient,
    application: &Value,
    manifests: &[Value],
) -> Result<(), String> {
    let options = object::list(application, "/spec/syncPolicy/syncOptions");
    let namespace = object::text(application, "/spec/destination/namespace");
    if options
        .iter()
        .any(|option| option == "CreateNamespace=true")
        && !namespace.is_empty()
    {
        let manifest =
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace } });
        objects.apply(&manifest).map_err(|error| error.message)?;
    }
    manifests
        .iter()
        .try_for_each(|manifest| objects.apply(manifest).map_err(|error| error.message))
}

/// Deletes live objects, the last sync wave first.
pub fn prune(objects: &LocalClient, mut surplus: Vec<Arc<Value>>) {
    surplus.sort_by_key(|live| std::cmp::Reverse(wave(live)));
    let is_kept = |live: &&Arc<Value>| !object::text(live, SYNC_OPTIONS).contains("Prune=false");
    surplus
        .iter()
        .filter(is_kept)
        .for_each(|live| objects.delete(live, DeletionPropagation::Foreground));
}

/// Deletes everything of the Application; true when all of it is gone.
pub fn delete_all(objects: &LocalClient, application: &str) -> bool {
    let is_kept = |live: &Arc<Value>| {
        object::text(live, "/kind") == "CustomResourceDefinition"
            || object::text(live, SYNC_OPTIONS).contains("Delete=false")
    };
    let mut all = tracked(objects, application);
    all.retain(|live| !is_kept(live));
    for live in all.iter().filter(|live| !object::is_deleting(live)) {
        objects.delete(live, DeletionPropagation::Foreground);
    }
    let mut left = tracked(objects, application);
    left.retain(|live| !is_kept(live));
    left.is_empty()
}

/// Every manifest is live as it should be, and nothing else is.
pub fn is_synced(objects: &LocalClient, application: &str, manifests: &[Value]) -> bool {
    let is_live = |manifest: &Value| {
        objects
            .live(manifest)
            .is_some_and(|live| contains(&live, manifest))
    };
    manifests.iter().all(is_live) && surplus(objects, application, manifests).is_empty()
}

/// The live value has everything the wanted one has.
fn contains(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => {
            wanted.iter().all(|(name, field)| match live.get(name) {
                Some(live) => contains(live, field),
                None => is_nothing(field) || name == "namespace",
            })
        }
        (Value::Array(live), Value::Array(wanted)) => {
            live.len() == wanted.len()
                && live
                    .iter()
                    .zip(wanted)
                    .all(|(live, wanted)| contains(live, wanted))
        }
        _ => live == wanted,
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty)
}

/// Manifests as entries of `status.resources`.
pub fn resources(manifests: &[Value], status: &str) -> Vec<Value> {
    let entry = |manifest: &Value| {
        let (group, version) = split_api_version(object::text(manifest, "/apiVersion"));
        json!({
            "group": group, "version": version, "kind": object::text(manifest, "/kind"),
            "namespace": object::namespace(manifest), "name": object::name(manifest), "status": status,
        })
    };
    manifests.iter().map(entry).collect()
}
