//! Namespaces: phase, finalizer, the label with their name.

use serde_json::{Value, json};

use crate::object;

/// Namespaces that cannot be deleted.
pub fn is_protected(name: &str) -> bool {
    matches!(name, "default" | "kube-system" | "kube-public")
}

pub(super) fn prepare_create(object: &mut Value) {
    object::set_field(
        object,
        "spec",
        Some(json!({ "finalizers": ["kubernetes"] })),
    );
    object::set_field(object, "status", Some(json!({ "phase": "Active" })));
    label_with_name(object);
}

pub(super) fn prepare_update(live: &Value, object: &mut Value) {
    object::set_field(object, "spec", live.get("spec").cloned());
    label_with_name(object);
}

fn label_with_name(object: &mut Value) {
    let name = object::name(object).to_owned();
    let mut metadata = Value::Object(std::mem::take(object::metadata_mut(object)));
    object::child_mut(&mut metadata, "labels")
        .insert("kubernetes.io/metadata.name".into(), name.into());
    object::set_field(object, "metadata", Some(metadata));
}
