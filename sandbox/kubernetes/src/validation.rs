//! Rules for metadata: names, labels, annotations, finalizers, owner references.

use serde_json::Value;

use crate::object;
use crate::resource::Resource;
use crate::status::{Cause, CauseType};

mod names;

pub use names::{NameRule, qualified_name_errors};

/// All keys and values of an object's annotations together, in bytes.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// Every violation in `metadata`.
pub fn validate_metadata(resource: &Resource, object: &Value) -> Vec<Cause> {
    let mut causes = name_causes(resource, object);
    causes.extend(label_causes(object));
    causes.extend(annotation_causes(object));
    causes.extend(finalizer_causes(object));
    causes.extend(owner_causes(object));
    causes
}

fn name_causes(resource: &Resource, object: &Value) -> Vec<Cause> {
    let name = object::name(object);
    if name.is_empty() {
        return vec![Cause::required(
            "metadata.name",
            "name or generateName is required",
        )];
    }
    let errors = NameRule::of(&resource.id).errors(name);
    errors
        .iter()
        .map(|error| Cause::invalid("metadata.name", &name.into(), error))
        .collect()
}

fn entries<'a>(object: &'a Value, field: &str) -> Vec<(&'a String, &'a str)> {
    let map = object
        .get("metadata")
        .and_then(|metadata| metadata.get(field))
        .and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .map(|(key, value)| (key, value.as_str().unwrap_or_default()))
        .collect()
}

fn label_causes(object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    for (key, value) in entries(object, "labels") {
        for error in qualified_name_errors(key) {
            causes.push(Cause::invalid(
                "metadata.labels",
                &key.as_str().into(),
                &error,
            ));
        }
        for error in names::label_value_errors(value) {
            causes.push(Cause::invalid("metadata.labels", &value.into(), &error));
        }
    }
    causes
}

fn annotation_causes(object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let mut size = 0;
    for (key, value) in entries(object, "annotations") {
        size += key.len() + value.len();
        for error in qualified_name_errors(&key.to_lowercase()) {
            causes.push(Cause::invalid(
                "metadata.annotations",
                &key.as_str().into(),
                &error,
            ));
        }
    }
    if size > ANNOTATIONS_LIMIT {
        let message = format!("Too long: may not be more than {ANNOTATIONS_LIMIT} bytes");
        causes.push(Cause::new(
            CauseType::TooLong,
            "metadata.annotations",
            message,
        ));
    }
    causes
}

fn finalizer_causes(object: &Value) -> Vec<Cause> {
    const WITHOUT_PREFIX: [&str; 3] = ["foregroundDeletion", "orphan", "kubernetes"];
    let mut causes = Vec::new();
    for finalizer in object::finalizers(object) {
        for error in qualified_name_errors(finalizer) {
            causes.push(Cause::invalid(
                "metadata.finalizers",
                &finalizer.into(),
                &error,
            ));
        }
        if !finalizer.contains('/')
            && !finalizer.contains('.')
            && !WITHOUT_PREFIX.contains(&finalizer)
        {
            let error = "name is neither a standard finalizer name nor is it fully qualified";
            causes.push(Cause::invalid(
                "metadata.finalizers[0]",
                &finalizer.into(),
                error,
            ));
        }
    }
    causes
}

fn owner_causes(object: &Value) -> Vec<Cause> {
    let owners = object::list(object, "/metadata/ownerReferences");
    let mut causes = Vec::new();
    for (index, owner) in owners.iter().enumerate() {
        for field in ["apiVersion", "kind", "name", "uid"] {
            if object::text(owner, &format!("/{field}")).is_empty() {
                let path = format!("metadata.ownerReferences[{index}].{field}");
                causes.push(Cause::invalid(
                    path,
                    &"".into(),
                    &format!("{field} must not be empty"),
                ));
            }
        }
    }
    let controllers = owners
        .iter()
        .filter(|owner| owner.get("controller") == Some(&Value::Bool(true)));
    if controllers.count() > 1 {
        let error = "Only one reference can have Controller set to true";
        causes.push(Cause::invalid(
            "metadata.ownerReferences",
            &Value::Array(owners.to_vec()),
            error,
        ));
    }
    causes
}
