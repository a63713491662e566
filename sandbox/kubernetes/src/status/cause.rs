//! One broken rule of a 422, after `k8s.io/apimachinery/pkg/util/validation/field`.

use serde_json::{Value, json};

/// The `reason` of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CauseType {
    /// The value breaks a rule.
    Invalid,
    /// The value is missing.
    Required,
    /// The value is none of a closed set.
    NotSupported,
    /// The value has the wrong type.
    TypeInvalid,
    /// The field may not be set or changed in this state.
    Forbidden,
    /// The value is longer than allowed.
    TooLong,
    /// Server-side apply: another manager owns the field.
    FieldManagerConflict,
}

impl CauseType {
    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid | Self::TooLong => "FieldValueInvalid",
            Self::Required => "FieldValueRequired",
            Self::NotSupported => "FieldValueNotSupported",
            Self::TypeInvalid => "FieldValueTypeInvalid",
            Self::Forbidden => "FieldValueForbidden",
            Self::FieldManagerConflict => "FieldManagerConflict",
        }
    }
}

/// A cause: reason, message and the field's path.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorCause {
    /// Kind of the violation.
    pub cause: CauseType,
    /// Message without the field.
    pub message: String,
    /// Path such as `spec.names[0]`.
    pub field: String,
}

impl ErrorCause {
    /// A cause with the message as given.
    pub fn new(cause: CauseType, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            cause,
            message: message.into(),
            field: field.into(),
        }
    }

    /// `Invalid value: "x": detail`.
    pub fn invalid(field: impl Into<String>, value: &Value, detail: &str) -> Self {
        Self::new(
            CauseType::Invalid,
            field,
            format!("Invalid value: {}: {detail}", shown(value)),
        )
    }

    /// `Required value: detail`.
    pub fn required(field: impl Into<String>, detail: &str) -> Self {
        Self::new(
            CauseType::Required,
            field,
            with_detail("Required value", detail),
        )
    }

    /// `Forbidden: detail`.
    pub fn forbidden(field: impl Into<String>, detail: &str) -> Self {
        Self::new(CauseType::Forbidden, field, format!("Forbidden: {detail}"))
    }

    /// `Unsupported value: "x": supported values: "a", "b"`.
    pub fn not_supported(field: impl Into<String>, value: &Value, supported: &[Value]) -> Self {
        let list = supported.iter().map(shown).collect::<Vec<_>>().join(", ");
        let message = format!(
            "Unsupported value: {}: supported values: {list}",
            shown(value)
        );
        Self::new(CauseType::NotSupported, field, message)
    }

    /// `field: message`, as it stands in the Status' message.
    pub fn text(&self) -> String {
        format!("{}: {}", self.field, self.message)
    }

    /// As an element of `details.causes`.
    pub fn to_json(&self) -> Value {
        json!({ "reason": self.cause.as_str(), "message": self.message, "field": self.field })
    }
}

fn with_detail(head: &str, detail: &str) -> String {
    if detail.is_empty() {
        head.to_owned()
    } else {
        format!("{head}: {detail}")
    }
}

fn shown(value: &Value) -> String {
    value.to_string()
}
