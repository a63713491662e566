//! Everything that can go wrong, by what has to be done about it.

mod classify;
mod explain;

pub(crate) use classify::{classify, unreadable};
pub use explain::Verb;

/// Why the API server did not do what was asked. No text in it is longer than 500 characters; quoted
/// values and what looks like a credential are left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The token is wrong or has expired.
    #[error("the api server does not accept the token")]
    Unauthorized,
    /// The token's user lacks a permission, or an admission webhook said no.
    #[error("forbidden: {message}")]
    Forbidden {
        /// The API server's words: who may not do what to which object.
        message: String,
    },
    /// The object, or the namespace it should be in, does not exist.
    #[error("not found: {message}")]
    NotFound {
        /// The API server's words.
        message: String,
    },
    /// The API server does not know the kind: its CRD is not installed.
    #[error("the api server does not know this kind of object")]
    KindMissing,
    /// Somebody else is concerned.
    #[error("conflict: {0}")]
    Conflict(WriteConflict),
    /// A schema, a rule or a webhook refuses the content.
    #[error("invalid: {message}")]
    Invalid {
        /// The API server's words.
        message: String,
        /// Mistakes by field.
        causes: Vec<InvalidField>,
    },
    /// The API server can't do what was asked: an old release, or not an API server.
    #[error("unsupported media type: {message}")]
    UnsupportedMediaType {
        /// The API server's words; they list what it takes.
        message: String,
    },
    /// A list has to be started again from its first page.
    #[error("the list has expired")]
    Expired,
    /// Wait.
    #[error("the api server limits the rate of requests")]
    TooManyRequests {
        /// Seconds, where it says how long.
        retry_after: Option<u64>,
    },
    /// The API server or something in front of it is broken. What was asked may have been done;
    /// every request here may be repeated.
    #[error("the api server is not available (status {status}): {message}")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// The answer's beginning.
        message: String,
        /// Seconds, where it says how long.
        retry_after: Option<u64>,
    },
    /// Anything else.
    #[error("unexpected answer from the api server (status {status}): {message}")]
    Unexpected {
        /// HTTP status.
        status: u16,
        /// The answer's beginning.
        message: String,
    },
}

/// Why two writers can't both have their way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteConflict {
    /// Other managers own fields that were applied with other values.
    #[error("{}", list(.0))]
    Fields(Vec<FieldConflict>),
    /// The object changed since it was read, or is not the one that was meant.
    #[error("{message}")]
    Changed {
        /// The API server's words.
        message: String,
    },
    /// The name is taken.
    #[error("the object exists already")]
    AlreadyExists,
}

/// A field that somebody else owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldConflict {
    /// The other field manager, such as `kubectl`.
    pub manager: String,
    /// Such as `.spec.source.path`.
    pub field: String,
}

/// Mistake in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidField {
    /// Such as `spec.apiServer`.
    pub field: String,
    /// The API server's words, without the value.
    pub message: String,
}

fn list(conflicts: &[FieldConflict]) -> String {
    conflicts
        .iter()
        .map(|c| format!("{} is managed by {}", c.field, c.manager))
        .collect::<Vec<_>>()
        .join(", ")
}
