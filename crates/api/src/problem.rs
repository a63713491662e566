//! Failures: problem documents (RFC 9457) that are also the original API's errors.

use serde::{Deserialize, Serialize};

use crate::success::{Commit, MergeRequest};
use crate::word::words;

/// A failure: a problem document (RFC 9457) that is also the original API's error. Contains no secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:nautes:clusters:problem:{reason}`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(format = "uri", required))]
    pub r#type: String,
    /// The reason in words.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Explanation of the failure and the way out.
    pub detail: String,
    /// The path of the request.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub instance: String,
    /// Copy of `status`, for the original's clients.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub code: u16,
    /// Name of the failure, for programs.
    pub reason: Reason,
    /// Copy of `detail`, for the original's clients.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub message: String,
    /// With `VALIDATION_FAILED`: every rule that does not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schema(required = false))]
    pub violations: Vec<Violation>,
    /// With `API_SERVER_IN_USE`: the cluster that has the API server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = String, required = false))]
    pub cluster: Option<String>,
    /// With `API_SERVER_IN_USE`, `CLUSTER_NAME_IN_USE`, `REMOVAL_IN_PROGRESS`: the object of the management cluster
    /// that stands against the save.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = String, required = false))]
    pub object: Option<String>,
    /// With `CLUSTER_IN_USE`: the virtual clusters and products that depend on the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>, required = false))]
    pub dependants: Option<Vec<String>>,
    /// With `UNREADABLE_FILE`: the file in the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = String, required = false))]
    pub path: Option<String>,
    /// With `MALFORMED_BODY`: the line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = u32, required = false, minimum = 1))]
    pub line: Option<u32>,
    /// With `MALFORMED_BODY`: the column, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = u32, required = false, minimum = 1))]
    pub column: Option<u32>,
    /// With `MALFORMED_BODY`: what to write instead, where the cause is a known slip. With `UNSUPPORTED_MEDIA_TYPE`: what to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = String, required = false))]
    pub hint: Option<String>,
    /// With `NOT_MERGED`: the open merge request for the cluster, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = MergeRequest, required = false))]
    pub merge_request: Option<MergeRequest>,
    /// The request's commit, where it is in the repository in spite of the failure; null with
    /// `INSTALL_TRIGGER_FAILED` where nothing had to change there.
    #[serde(
        default,
        deserialize_with = "null_is_a_value",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Commit>))]
    pub commit: Option<Option<Commit>>,
}

impl Problem {
    /// A failure without violations and members that only some have.
    #[must_use]
    pub fn new(status: u16, reason: Reason, detail: String) -> Self {
        Self {
            r#type: format!("urn:nautes:clusters:problem:{reason}"),
            title: title(reason.as_str()),
            status,
            message: detail.clone(),
            detail,
            instance: String::new(),
            code: status,
            reason,
            violations: Vec::new(),
            cluster: None,
            object: None,
            dependants: None,
            path: None,
            line: None,
            column: None,
            hint: None,
            merge_request: None,
            commit: None,
        }
    }
}

/// `VALIDATION_FAILED` → `Validation failed`.
fn title(reason: &str) -> String {
    let words = reason.replace('_', " ").to_ascii_lowercase();
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + letters.as_str()
    })
}

/// Keeps `null` apart from a member that is missing.
fn null_is_a_value<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Commit>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A rule that does not hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Violation {
    /// JSON pointer into the body; `/cluster_name` is the name in the path, `?dry_run` and the like are parameters of the query.
    pub field: String,
    /// Rule that does not hold.
    pub message: String,
    /// Value to send instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = String, required = false))]
    pub hint: Option<String>,
}

words! {
    /// Name of the failure, for programs.
    Reason {
        /// What was merged does not say that objects of others are taken over.
        AdoptionNotApproved = "ADOPTION_NOT_APPROVED",
        /// Another cluster has this API server.
        ApiServerInUse = "API_SERVER_IN_USE",
        /// The body did not arrive in time.
        BodyTimeout = "BODY_TIMEOUT",
        /// The body is too large.
        BodyTooLarge = "BODY_TOO_LARGE",
        /// Virtual clusters or products depend on the cluster.
        ClusterInUse = "CLUSTER_IN_USE",
        /// Somebody else's object in the management cluster has the name of one of this cluster's.
        ClusterNameInUse = "CLUSTER_NAME_IN_USE",
        /// No such cluster is registered.
        ClusterNotFound = "CLUSTER_NOT_FOUND",
        /// Other writers were faster until the retries were used up.
        ConcurrentChange = "CONCURRENT_CHANGE",
        /// The branch approves other credentials.
        CredentialsNotApproved = "CREDENTIALS_NOT_APPROVED",
        /// The removal that was merged was no removal by force.
        ForceNotApproved = "FORCE_NOT_APPROVED",
        /// A function did not answer the gateway.
        FunctionUnavailable = "FUNCTION_UNAVAILABLE",
        /// GitLab is slow.
        GitlabTimeout = "GITLAB_TIMEOUT",
        /// GitLab is broken.
        GitlabUnavailable = "GITLAB_UNAVAILABLE",
        /// The commit is made, the management cluster refused.
        InstallTriggerFailed = "INSTALL_TRIGGER_FAILED",
        /// A fault of the service.
        Internal = "INTERNAL",
        /// The management cluster is slow.
        KubernetesTimeout = "KUBERNETES_TIMEOUT",
        /// The management cluster is broken.
        KubernetesUnavailable = "KUBERNETES_UNAVAILABLE",
        /// The body is neither JSON nor YAML.
        MalformedBody = "MALFORMED_BODY",
        /// The path has other methods.
        MethodNotAllowed = "METHOD_NOT_ALLOWED",
        /// A setting is missing or wrong.
        Misconfigured = "MISCONFIGURED",
        /// The branch does not have what the request asks for.
        NotMerged = "NOT_MERGED",
        /// GitLab or the management cluster does not answer.
        NotReady = "NOT_READY",
        /// The caller may not do this.
        PermissionDenied = "PERMISSION_DENIED",
        /// GitLab's rate limit.
        RateLimited = "RATE_LIMITED",
        /// A former cluster's removal is still under way.
        RemovalInProgress = "REMOVAL_IN_PROGRESS",
        /// A gateway before the service can't pass the request on.
        RequestRefused = "REQUEST_REFUSED",
        /// There is nothing at this path.
        RouteNotFound = "ROUTE_NOT_FOUND",
        /// As many clusters are watched as may be, or a gateway before the service has too many requests of one address.
        TooManyRequests = "TOO_MANY_REQUESTS",
        /// No token, or GitLab refuses it.
        Unauthenticated = "UNAUTHENTICATED",
        /// A file in the repository is broken.
        UnreadableFile = "UNREADABLE_FILE",
        /// The body is of another type.
        UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
        /// Rules do not hold.
        ValidationFailed = "VALIDATION_FAILED",
    }
}
