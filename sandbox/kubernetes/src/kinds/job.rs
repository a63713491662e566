//! Jobs: a selector of their own, a template that never changes.

use serde_json::{Value, json};

use super::immutable;
use crate::object;
use crate::status::ErrorCause;

/// Gives the Job its selector and its pods the labels that belong to it.
pub(super) fn prepare(job: &mut Value) {
    let (name, uid) = (object::name(job).to_owned(), object::uid(job).to_owned());
    let spec = object::child_mut(job, "spec");
    for (field, default) in [("backoffLimit", 6), ("completions", 1), ("parallelism", 1)] {
        spec.entry(field).or_insert_with(|| json!(default));
    }
    if spec.get("manualSelector") == Some(&Value::Bool(true)) {
        return;
    }
    let selector = json!({ "matchLabels": { "batch.kubernetes.io/controller-uid": uid } });
    spec.insert("selector".into(), selector);
    let mut template = spec.remove("template").unwrap_or_default();
    let labels = json!({ "metadata": { "labels": {
        "batch.kubernetes.io/controller-uid": uid, "controller-uid": uid,
        "batch.kubernetes.io/job-name": name, "job-name": name,
    } } });
    json_patch::merge(&mut template, &labels);
    spec.insert("template".into(), template);
}

pub(super) fn validate(live: Option<&Value>, job: &Value) -> Vec<ErrorCause> {
    let mut causes = Vec::new();
    let policy = object::text(job, "/spec/template/spec/restartPolicy");
    if !matches!(policy, "OnFailure" | "Never") {
        let field = "spec.template.spec.restartPolicy";
        let supported = [json!("OnFailure"), json!("Never")];
        causes.push(ErrorCause::not_supported(field, &policy.into(), &supported));
    }
    for (pointer, field) in [
        ("/spec/selector", "spec.selector"),
        ("/spec/template", "spec.template"),
        ("/spec/completions", "spec.completions"),
    ] {
        causes.extend(immutable(live, job, pointer, field, "field is immutable"));
    }
    causes
}
