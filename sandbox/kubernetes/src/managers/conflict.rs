//! The 409 of server-side apply.

use super::ManagerId;
use super::fields::{FieldPath, shown};
use crate::status::{CauseType, ErrorCause, StatusError};

/// The error for fields of other managers, sorted by manager; the text is the API server's, which clients show
/// as it is.
pub(super) fn conflict_error(conflicts: &[(&ManagerId, Vec<&FieldPath>)]) -> StatusError {
    let mut causes = Vec::new();
    let mut lines = Vec::new();
    for (manager, paths) in conflicts {
        let manager = describe(manager);
        lines.push(format!("conflicts with {manager}:"));
        for path in paths {
            let field = shown(path);
            lines.push(format!("- {field}"));
            let message = format!("conflict with {manager}");
            causes.push(ErrorCause::new(
                CauseType::FieldManagerConflict,
                field,
                message,
            ));
        }
    }
    let message = match causes.as_slice() {
        [one] => format!("1 conflict: {}: {}", one.message, one.field),
        many => format!("{} conflicts: {}", many.len(), lines.join("\n")),
    };
    StatusError::apply_conflict(format!("Apply failed with {message}"), &causes)
}

fn describe(manager: &ManagerId) -> String {
    let mut text = format!("{:?}", manager.name);
    if !manager.subresource.is_empty() {
        text.push_str(&format!(" with subresource {:?}", manager.subresource));
    }
    if manager.operation == "Update" {
        text.push_str(&format!(" using {}", manager.api_version));
    }
    text
}
