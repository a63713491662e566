//! Structured log events: one JSON object a line, on the component's standard error.

use serde::Serialize;

/// One step of one request. Holds names and numbers only: no body, no header, no credential.
#[derive(Debug, Serialize)]
pub struct Event<'a> {
    /// `info`, `warn` or `error`.
    pub level: &'a str,
    /// The step, such as `gitlab.commit`.
    pub step: &'a str,
    /// Ties the lines of one request together.
    pub request_id: &'a str,
    /// `SaveCluster`, `DeleteCluster`, `GetCluster` or `ListClusters`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub operation: &'a str,
    /// The cluster the request is about.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub cluster: &'a str,
    /// Method and path of a request to a service, without its query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// Its status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// What went wrong.
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
