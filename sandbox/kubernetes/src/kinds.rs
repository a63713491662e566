//! What single kinds need beyond their schema: fields the server fills in, rules between fields.

use serde_json::{Value, json};

use crate::object;

use crate::resource::Resource;
use crate::status::{ApiError, Cause};

mod configuration;
mod definition;
mod namespace;
mod service;
mod workload;

pub(crate) use definition::CLEANUP_FINALIZER;
pub use namespace::is_protected;

/// Fills in what the server sets on new objects.
pub fn prepare_create(resource: &Resource, object: &mut Value) {
    match resource.id.to_string().as_str() {
        "namespaces" => namespace::prepare_create(object),
        "secrets" => configuration::merge_string_data(object),
        "services" => service::prepare(None, object),
        "jobs.batch" => workload::prepare_job(object),
        "pods" => object::set_field(object, "status", Some(json!({ "phase": "Pending" }))),
        "customresourcedefinitions.apiextensions.k8s.io" => definition::prepare_create(object),
        _ => {}
    }
}

/// Fills in what the server sets on changed objects.
pub fn prepare_update(resource: &Resource, live: &Value, object: &mut Value) {
    match resource.id.to_string().as_str() {
        "namespaces" => namespace::prepare_update(live, object),
        "secrets" => configuration::merge_string_data(object),
        "services" => service::prepare(Some(live), object),
        _ => {}
    }
}

/// Values that cannot be read as the kind's type at all (400).
pub fn decode_errors(resource: &Resource, object: &Value) -> Result<(), ApiError> {
    let errors = match resource.id.to_string().as_str() {
        "secrets" => configuration::base64_error(object, "data"),
        "configmaps" => configuration::base64_error(object, "binaryData"),
        _ => None,
    };
    errors.map_or(Ok(()), |error| {
        Err(ApiError::bad_request(cannot_handle(resource, &error)))
    })
}

/// The API server's words for a body that does not fit the kind.
pub fn cannot_handle(resource: &Resource, why: &str) -> String {
    let kind = &resource.kind;
    format!(
        "{kind} in version {:?} cannot be handled as a {kind}: {why}",
        resource.version
    )
}

/// Rules of the kind; `live` is the object before an update.
pub fn validate(resource: &Resource, live: Option<&Value>, object: &Value) -> Vec<Cause> {
    match resource.id.to_string().as_str() {
        "secrets" | "configmaps" => configuration::validate(live, object),
        "deployments.apps" | "statefulsets.apps" => workload::validate_selector(live, object),
        "jobs.batch" => workload::validate_job(live, object),
        "customresourcedefinitions.apiextensions.k8s.io" => definition::validate(object),
        "rolebindings.rbac.authorization.k8s.io"
        | "clusterrolebindings.rbac.authorization.k8s.io" => {
            immutable(live, object, "/roleRef", "roleRef", "cannot change roleRef")
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

/// A cause where the value at `pointer` differs from the live object's.
fn immutable(
    live: Option<&Value>,
    object: &Value,
    pointer: &str,
    field: &str,
    detail: &str,
) -> Option<Cause> {
    let (old, new) = (live?.pointer(pointer), object.pointer(pointer));
    (old != new).then(|| Cause::invalid(field, new.unwrap_or(&Value::Null), detail))
}

/// True for kinds whose `metadata.generation` counts changes of the wanted state.
pub fn has_generation(resource: &Resource) -> bool {
    let id = resource.id.to_string();
    resource.custom
        || matches!(
            id.as_str(),
            "deployments.apps"
                | "statefulsets.apps"
                | "jobs.batch"
                | "customresourcedefinitions.apiextensions.k8s.io"
        )
}
