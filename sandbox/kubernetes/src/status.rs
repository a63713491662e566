//! The API server's errors: one value per failed request, answered as a `Status` object.
//!
//! Reasons, messages and details follow `k8s.io/apimachinery/pkg/api/errors`.

use serde_json::{Value, json};

use crate::resource::{GroupKind, GroupResource};

mod cause;

pub use cause::{CauseType, ErrorCause};

/// A failed request as the API server answers it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct StatusError {
    /// HTTP status code.
    pub code: u16,
    /// Machine-readable reason such as `NotFound`; empty where the API server gives none.
    pub reason: &'static str,
    /// Human-readable message.
    pub message: String,
    /// `details` of the Status; null when there are none.
    pub details: Value,
    /// `metadata.continue`: where an expired list can go on.
    pub continue_token: Option<String>,
}

impl StatusError {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            details: Value::Null,
            continue_token: None,
        }
    }

    fn about(mut self, resource: &GroupResource, name: &str) -> Self {
        let mut details =
            json!({ "name": name, "group": resource.group, "kind": resource.resource });
        drop_empty(&mut details);
        self.details = details;
        self
    }

    /// 404: the object does not exist.
    pub fn not_found(resource: &GroupResource, name: &str) -> Self {
        Self::new(404, "NotFound", format!("{resource} {name:?} not found")).about(resource, name)
    }

    /// 404 as the API server's last resort: no such resource, answered as text, not as Status.
    pub fn page_not_found() -> Self {
        Self::new(404, "PageNotFound", "404 page not found\n")
    }

    /// 409: POST of an object that exists.
    pub fn already_exists(resource: &GroupResource, name: &str) -> Self {
        Self::new(
            409,
            "AlreadyExists",
            format!("{resource} {name:?} already exists"),
        )
        .about(resource, name)
    }

    /// 409: optimistic locking or a failed precondition.
    pub fn conflict(resource: &GroupResource, name: &str, why: &str) -> Self {
        Self::new(
            409,
            "Conflict",
            format!("Operation cannot be fulfilled on {resource} {name:?}: {why}"),
        )
        .about(resource, name)
    }

    /// 409: optimistic locking, in the words every client looks for.
    pub fn modified(resource: &GroupResource, name: &str) -> Self {
        Self::conflict(
            resource,
            name,
            "the object has been modified; please apply your changes to the latest version and try again",
        )
    }

    /// 409: server-side apply met fields of other managers.
    pub fn apply_conflict(message: String, causes: &[ErrorCause]) -> Self {
        let mut error = Self::new(409, "Conflict", message);
        error.details =
            json!({ "causes": causes.iter().map(ErrorCause::to_json).collect::<Vec<_>>() });
        error
    }

    /// 422: the object breaks rules; every one is a cause.
    pub fn invalid(kind: &GroupKind, name: &str, causes: &[ErrorCause]) -> Self {
        let text = match causes {
            [] => String::new(),
            [one] => format!(": {}", one.text()),
            many => format!(
                ": [{}]",
                many.iter()
                    .map(ErrorCause::text)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        let mut error = Self::new(422, "Invalid", format!("{kind} {name:?} is invalid{text}"));
        error.details = json!({
            "name": name, "group": kind.group, "kind": kind.kind,
            "causes": causes.iter().map(ErrorCause::to_json).collect::<Vec<_>>(),
        });
        drop_empty(&mut error.details);
        error
    }

    /// 422: a patch that cannot be carried out.
    pub fn unprocessable(text: &str) -> Self {
        let mut error = Self::new(
            422,
            "Invalid",
            "the server rejected our request due to an error in our request",
        );
        error.details =
            json!({ "causes": [{ "reason": "UnexpectedServerResponse", "message": text }] });
        error
    }

    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 401: credentials were sent and are wrong.
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    /// 403 on a resource; `why` starts with the user.
    pub fn forbidden(resource: &GroupResource, name: &str, why: &str) -> Self {
        let name_part = if name.is_empty() {
            String::new()
        } else {
            format!(" {name:?}")
        };
        Self::new(
            403,
            "Forbidden",
            format!("{resource}{name_part} is forbidden: {why}"),
        )
        .about(resource, name)
    }

    /// 403 on a path that is no resource.
    pub fn forbidden_path(why: &str) -> Self {
        let mut error = Self::new(403, "Forbidden", format!("forbidden: {why}"));
        error.details = json!({});
        error
    }

    /// 405.
    pub fn method_not_allowed(resource: &GroupResource) -> Self {
        Self::new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        )
        .about(resource, "")
    }

    /// 406: none of the accepted media types can be produced.
    pub fn not_acceptable(accepted: &[&str]) -> Self {
        let list = accepted.join(", ");
        Self::new(
            406,
            "NotAcceptable",
            format!("only the following media types are accepted: {list}"),
        )
    }

    /// 415: the body's media type is not one of `accepted`.
    pub fn unsupported_media_type(accepted: &[&str]) -> Self {
        let list = accepted.join(", ");
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {list}"
        );
        Self::new(415, "UnsupportedMediaType", message)
    }

    /// 410: a watch or continue token older than what the server remembers.
    pub fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }

    /// 504: the caller knows a revision that this server does not have yet.
    pub fn revision_too_large(wanted: u64, current: u64) -> Self {
        let message = format!("Timeout: Too large resource version: {wanted}, current: {current}");
        let mut error = Self::new(504, "Timeout", message);
        let cause =
            json!({ "reason": "ResourceVersionTooLarge", "message": "Too large resource version" });
        error.details = json!({ "causes": [cause], "retryAfterSeconds": 1 });
        error
    }

    /// 413: more than `limit` bytes of body.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("Request entity too large: limit is {limit}");
        Self::new(413, "RequestEntityTooLarge", message)
    }

    /// 500 without a reason, as for plain errors inside the API server.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "", message)
    }

    /// True for the text answer of an unknown resource.
    pub fn is_page_not_found(&self) -> bool {
        self.reason == "PageNotFound"
    }

    /// The `Status` object.
    pub fn to_status(&self) -> Value {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "status": "Failure",
            "metadata": self.continue_token.as_ref().map_or(json!({}), |token| json!({ "continue": token })),
            "message": self.message, "code": self.code,
        });
        if let Some(map) = status.as_object_mut() {
            if !self.reason.is_empty() {
                map.insert("reason".into(), self.reason.into());
            }
            if !self.details.is_null() {
                map.insert("details".into(), self.details.clone());
            }
        }
        status
    }
}

/// The Status of a success, with details about the object.
pub fn success(details: Value) -> Value {
    json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details })
}

/// Go leaves out empty strings; so do we.
fn drop_empty(details: &mut Value) {
    if let Some(map) = details.as_object_mut() {
        map.retain(|_, value| value.as_str() != Some(""));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_lists_every_cause_in_message_and_details() {
        let kind = GroupKind::new("argoproj.io", "Application");
        let causes = [
            ErrorCause::required("spec.project", ""),
            ErrorCause::invalid("metadata.name", &json!("A"), "bad"),
        ];
        let error = StatusError::invalid(&kind, "A", &causes);
        assert_eq!(
            error.message,
            "Application.argoproj.io \"A\" is invalid: [spec.project: Required value, metadata.name: Invalid value: \"A\": bad]"
        );
        assert_eq!(
            error.to_status()["details"]["causes"][0]["reason"],
            "FieldValueRequired"
        );
    }

    #[test]
    fn core_group_resources_have_no_suffix() {
        let error = StatusError::not_found(&GroupResource::new("", "secrets"), "x");
        assert_eq!(error.message, "secrets \"x\" not found");
        assert_eq!(
            error.to_status()["details"],
            json!({"name": "x", "kind": "secrets"})
        );
    }
}
