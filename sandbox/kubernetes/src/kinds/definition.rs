//! CustomResourceDefinitions: names accepted at once, objects removed with the definition.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::object;
use crate::registry::check_schema;
use crate::schema::SchemaNode;
use crate::status::ErrorCause;

/// Holds the definition until its objects are gone.
pub(crate) const CLEANUP_FINALIZER: &str = "customresourcecleanup.apiextensions.k8s.io";

pub(super) fn prepare_create(definition: &mut Value) {
    let mut finalizers: Vec<String> = object::finalizers(definition)
        .into_iter()
        .map(str::to_owned)
        .collect();
    finalizers.push(CLEANUP_FINALIZER.into());
    object::set_finalizers(definition, finalizers);
    fill_names(definition);
    let names = definition
        .pointer("/spec/names")
        .cloned()
        .unwrap_or_default();
    let now = object::now();
    let condition = |kind: &str, reason: &str, message: &str| json!({ "type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": now });
    let status = json!({
        "acceptedNames": names,
        "conditions": [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ],
        "storedVersions": stored_versions(definition),
    });
    object::set_field(definition, "status", Some(status));
}

fn fill_names(definition: &mut Value) {
    let kind = object::text(definition, "/spec/names/kind").to_owned();
    let mut spec = definition.get("spec").cloned().unwrap_or_default();
    let names = object::child_mut(&mut spec, "names");
    names
        .entry("singular")
        .or_insert_with(|| kind.to_lowercase().into());
    names
        .entry("listKind")
        .or_insert_with(|| format!("{kind}List").into());
    object::set_field(definition, "spec", Some(spec));
}

fn stored_versions(definition: &Value) -> Vec<Value> {
    let versions = object::list(definition, "/spec/versions").iter();
    let stored = versions.filter(|version| version.get("storage") == Some(&Value::Bool(true)));
    stored
        .filter_map(|version| version.get("name").cloned())
        .collect()
}

pub(super) fn validate(definition: &Value) -> Vec<ErrorCause> {
    let mut causes = Vec::new();
    let text = |pointer: &str| object::text(definition, pointer);
    let expected = format!("{}.{}", text("/spec/names/plural"), text("/spec/group"));
    if object::name(definition) != expected {
        let name = Value::from(object::name(definition));
        causes.push(ErrorCause::invalid(
            "metadata.name",
            &name,
            "must be spec.names.plural+\".\"+spec.group",
        ));
    }
    if stored_versions(definition).len() != 1 {
        let versions = definition
            .pointer("/spec/versions")
            .cloned()
            .unwrap_or_default();
        causes.push(ErrorCause::invalid(
            "spec.versions",
            &versions,
            "must have exactly one version marked as storage version",
        ));
    }
    if text("/spec/conversion/strategy") == "Webhook" {
        causes.push(ErrorCause::forbidden(
            "spec.conversion.strategy",
            "webhook conversion is not available here",
        ));
    }
    let object_meta = Arc::new(SchemaNode::any());
    for (index, version) in object::list(definition, "/spec/versions")
        .iter()
        .enumerate()
    {
        if let Err(error) = check_schema(version, &object_meta) {
            let field = format!("spec.versions[{index}].schema.openAPIV3Schema");
            let value = version.get("name").cloned().unwrap_or_default();
            causes.push(ErrorCause::invalid(field, &value, &error));
        }
    }
    causes
}
