//! Needs of single kinds beyond their schema: fields the server fills in, rules between fields.

use serde_json::{Value, json};

use crate::object;
use crate::resource::ApiResource;
use crate::status::{ErrorCause, StatusError};

mod configuration;
mod definition;
mod job;
mod namespace;

pub(crate) use definition::CLEANUP_FINALIZER;
pub use namespace::is_protected;

/// Fills in what the server sets on new objects.
pub fn prepare_create(resource: &ApiResource, object: &mut Value) {
    match resource.id.to_string().as_str() {
        "namespaces" => namespace::prepare_create(object),
        "secrets" => configuration::prepare_secret(object),
        "jobs.batch" => job::prepare(object),
        "pods" => object::set_field(object, "status", Some(json!({ "phase": "Pending" }))),
        "customresourcedefinitions.apiextensions.k8s.io" => definition::prepare_create(object),
        _ => {}
    }
}

/// Fills in what the server sets on changed objects.
pub fn prepare_update(resource: &ApiResource, live: &Value, object: &mut Value) {
    match resource.id.to_string().as_str() {
        "namespaces" => namespace::prepare_update(live, object),
        "secrets" => configuration::prepare_secret(object),
        _ => {}
    }
}

/// Values that cannot be read as the kind's type at all (400).
pub fn decode_errors(resource: &ApiResource, object: &Value) -> Result<(), StatusError> {
    let field = match resource.id.to_string().as_str() {
        "secrets" => "data",
        "configmaps" => "binaryData",
        _ => return Ok(()),
    };
    match configuration::base64_error(object, field) {
        Some(error) => Err(StatusError::bad_request(cannot_handle(resource, &error))),
        None => Ok(()),
    }
}

/// The API server's words for a body that does not fit the kind.
pub fn cannot_handle(resource: &ApiResource, why: &str) -> String {
    let (kind, version) = (&resource.kind, &resource.version);
    format!("{kind} in version {version:?} cannot be handled as a {kind}: {why}")
}

/// Rules of the kind; `live` is the object before an update.
pub fn validate(resource: &ApiResource, live: Option<&Value>, object: &Value) -> Vec<ErrorCause> {
    match resource.id.to_string().as_str() {
        "secrets" | "configmaps" => configuration::validate(live, object),
        "jobs.batch" => job::validate(live, object),
        "customresourcedefinitions.apiextensions.k8s.io" => definition::validate(object),
        "rolebindings.rbac.authorization.k8s.io"
        | "clusterrolebindings.rbac.authorization.k8s.io" => {
            let detail = "cannot change roleRef";
            Vec::from_iter(immutable(live, object, "/roleRef", "roleRef", detail))
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
) -> Option<ErrorCause> {
    let (old, new) = (live?.pointer(pointer), object.pointer(pointer));
    (old != new).then(|| ErrorCause::invalid(field, new.unwrap_or(&Value::Null), detail))
}

/// True for kinds whose `metadata.generation` counts changes of the wanted state.
pub fn has_generation(resource: &ApiResource) -> bool {
    resource.custom
        || matches!(
            resource.kind.as_str(),
            "Deployment" | "StatefulSet" | "Job" | "CustomResourceDefinition"
        )
}
