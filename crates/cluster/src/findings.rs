//! What a check finds: violations, and warnings.

use crate::Violation;

/// Collects everything that is wrong, so that the caller learns of all at once.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub violations: Vec<Violation>,
    pub warnings: Vec<String>,
}

impl Findings {
    /// A broken rule, and the way out.
    pub(crate) fn refuse(
        &mut self,
        field: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.violations.push(Violation {
            field: field.to_owned(),
            message: message.into(),
            hint: Some(hint.into()),
        });
    }

    /// Something the caller should know although the request is carried out.
    pub(crate) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }
}
