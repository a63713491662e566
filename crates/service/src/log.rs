//! Structured log lines: one JSON object a line, on the component's standard error.

use serde::Serialize;

use crate::operation::Operation;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be, a caller's mistakes and look-ups that find nothing included.
    Info,
    /// A service failed or refused; it may have been asked again with success.
    Warn,
    /// A request failed and the caller could not help it.
    Error,
}

/// One step of one request, or its end. Holds names and numbers only: no body, no header, no query, no
/// credential.
#[derive(Debug, Serialize)]
pub struct Event<'a> {
    /// When it was over: RFC 3339 in UTC, with milliseconds.
    pub timestamp: String,
    /// How much it matters.
    pub level: Level,
    /// The step, such as `gitlab.commit`; `request` or `gateway` at the end of a request.
    pub step: &'a str,
    /// Ties the lines of one request together.
    pub request_id: &'a str,
    /// The trace the request belongs to.
    pub trace_id: String,
    /// The step's own span; a service that is asked gets it as parent.
    pub span_id: String,
    /// The span above: the request's for a step, the caller's for a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<String>,
    /// Operation that the caller asked for.
    pub operation: Operation,
    /// The cluster the request is about.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub cluster: &'a str,
    /// Method of the request that ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'a str>,
    /// The template of its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<&'a str>,
    /// Method and path of a request to a service, without its query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<&'a str>,
    /// HTTP status; absent where no answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `reason` of the problem that was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The how manieth attempt it was, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Description of the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Event<'_> {
    /// The line, without a line break.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
