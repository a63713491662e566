//! The 409 of server-side apply.

use super::managers::{Manager, Operation};
use crate::fields::FieldSet;
use crate::status::{ApiError, Cause, CauseType};

/// The error for fields of other managers; the text is the API server's, which clients show as it is.
pub(super) fn conflict_error(conflicts: &[(Manager, FieldSet)]) -> ApiError {
    let fields: Vec<(&Manager, String)> = conflicts
        .iter()
        .flat_map(|(manager, set)| {
            set.paths()
                .into_iter()
                .map(move |path| (manager, path.to_string()))
        })
        .collect();
    let causes: Vec<Cause> = fields
        .iter()
        .map(|(manager, field)| {
            Cause::new(
                CauseType::FieldManagerConflict,
                field,
                format!("conflict with {}", shown(manager)),
            )
        })
        .collect();
    let message = match fields.as_slice() {
        [(manager, field)] => format!(
            "Apply failed with 1 conflict: conflict with {}: {field}",
            shown(manager)
        ),
        many => format!(
            "Apply failed with {} conflicts: {}",
            many.len(),
            by_manager(conflicts)
        ),
    };
    ApiError::apply_conflict(message, &causes)
}

fn by_manager(conflicts: &[(Manager, FieldSet)]) -> String {
    let mut lines = Vec::new();
    for (manager, set) in conflicts {
        lines.push(format!("conflicts with {}:", shown(manager)));
        lines.extend(set.paths().into_iter().map(|path| format!("- {path}")));
    }
    lines.join("\n")
}

fn shown(manager: &Manager) -> String {
    let mut text = format!("{:?}", manager.name);
    if !manager.subresource.is_empty() {
        text.push_str(&format!(" with subresource {:?}", manager.subresource));
    }
    if manager.operation == Operation::Update {
        text.push_str(&format!(" using {}", manager.api_version));
    }
    text
}
