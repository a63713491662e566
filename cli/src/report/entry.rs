//! Failures of single clusters where a command has several: each is in the result, and is told to people beside it.

use api::Problem;
use serde::Serialize;

use super::print_failure;
use crate::args::OutputFormat;
use crate::documents::ClusterDocument;
use crate::failure::CommandError;
use crate::service::ServiceError;
use crate::terminal::Terminal;

/// Failure of a cluster as members of its entry in a document.
#[derive(Serialize, Debug)]
pub(crate) struct FailureEntry {
    /// The failure in one sentence.
    error: String,
    /// The service's own document, with the rules that do not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Box<Problem>>,
}

impl FailureEntry {
    /// A failure that is none of the service's.
    pub(crate) fn of_words(words: impl Into<String>) -> Self {
        Self {
            error: words.into(),
            problem: None,
        }
    }

    /// A failure of a request.
    pub(crate) fn of_service(error: &ServiceError) -> Self {
        Self {
            error: error.to_string(),
            problem: error.problem().cloned().map(Box::new),
        }
    }

    /// Any failure.
    pub(crate) fn of_command(error: &CommandError) -> Self {
        match error {
            CommandError::Service(error) => Self::of_service(error),
            error => Self::of_words(error.to_string()),
        }
    }
}

/// Prints a failure for people. Programs have it in the result, so this is text beside documents, too.
pub(crate) fn print_entry_failure(
    error: &CommandError,
    document: Option<&ClusterDocument>,
    terminal: &Terminal,
) {
    print_failure(error, document, OutputFormat::Text, terminal);
}

/// Prints a failure of the service for people, as [`print_entry_failure`] does.
pub(crate) fn print_entry_service_error(
    error: ServiceError,
    document: Option<&ClusterDocument>,
    terminal: &Terminal,
) {
    print_entry_failure(&CommandError::Service(error), document, terminal);
}
