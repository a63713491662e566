//! Deployments, StatefulSets and Jobs: selectors and templates.

use serde_json::{Value, json};

use super::immutable;
use crate::object;
use crate::status::Cause;

/// Labels the server puts on a Job's pods; the first is the one of the selector.
const JOB_LABELS: [&str; 2] = ["batch.kubernetes.io/controller-uid", "controller-uid"];
const JOB_NAME_LABELS: [&str; 2] = ["batch.kubernetes.io/job-name", "job-name"];

/// Gives the Job its selector and its pods the labels that belong to it.
pub(super) fn prepare_job(job: &mut Value) {
    let (name, uid) = (object::name(job).to_owned(), object::uid(job).to_owned());
    let spec = object::child_mut(job, "spec");
    if spec.get("manualSelector") == Some(&Value::Bool(true)) {
        return;
    }
    spec.insert(
        "selector".into(),
        json!({ "matchLabels": { JOB_LABELS[0]: uid } }),
    );
    spec.entry("completions").or_insert_with(|| json!(1));
    let mut template = spec.remove("template").unwrap_or_default();
    let mut metadata = Value::Object(std::mem::take(object::metadata_mut(&mut template)));
    let labels = object::child_mut(&mut metadata, "labels");
    labels.extend(JOB_LABELS.map(|label| (label.to_owned(), Value::from(uid.clone()))));
    labels.extend(JOB_NAME_LABELS.map(|label| (label.to_owned(), Value::from(name.clone()))));
    object::set_field(&mut template, "metadata", Some(metadata));
    spec.insert("template".into(), template);
}

pub(super) fn validate_job(live: Option<&Value>, job: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let policy = job
        .pointer("/spec/template/spec/restartPolicy")
        .cloned()
        .unwrap_or_default();
    if policy != "OnFailure" && policy != "Never" {
        let supported = [json!("OnFailure"), json!("Never")];
        causes.push(Cause::not_supported(
            "spec.template.spec.restartPolicy",
            &policy,
            &supported,
        ));
    }
    causes.extend(immutable(
        live,
        job,
        "/spec/selector",
        "spec.selector",
        "field is immutable",
    ));
    let suspended =
        live.is_some_and(|live| live.pointer("/spec/suspend") == Some(&Value::Bool(true)));
    if !suspended {
        causes.extend(immutable(
            live,
            job,
            "/spec/template",
            "spec.template",
            "field is immutable",
        ));
    }
    causes.extend(immutable(
        live,
        job,
        "/spec/completions",
        "spec.completions",
        "field is immutable",
    ));
    causes
}

pub(super) fn validate_selector(live: Option<&Value>, object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let selector = object
        .pointer("/spec/selector")
        .cloned()
        .unwrap_or_default();
    let wanted = selector.get("matchLabels").and_then(Value::as_object);
    let has = |key: &str| {
        object
            .pointer("/spec/template/metadata/labels")
            .and_then(|labels| labels.get(key))
    };
    if selector.as_object().is_some_and(serde_json::Map::is_empty) {
        causes.push(Cause::invalid(
            "spec.selector",
            &selector,
            "empty selector is invalid for deployment",
        ));
    } else if wanted
        .into_iter()
        .flatten()
        .any(|(key, value)| has(key) != Some(value))
    {
        let labels = object
            .pointer("/spec/template/metadata/labels")
            .cloned()
            .unwrap_or_default();
        let detail = "`selector` does not match template `labels`";
        causes.push(Cause::invalid(
            "spec.template.metadata.labels",
            &labels,
            detail,
        ));
    }
    causes.extend(immutable(
        live,
        object,
        "/spec/selector",
        "spec.selector",
        "field is immutable",
    ));
    causes
}
