//! Words and objects that requests and answers share, and the problem document.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::answers::{Commit, MergeRequest};

/// `physical`: a cluster of its own, registered with a kubeconfig. `virtual`: a vcluster inside a host cluster.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum ClusterType {
    /// A cluster of its own.
    Physical,
    /// A vcluster inside a host cluster.
    Virtual,
}

/// `host`: it carries virtual clusters. `worker`: it runs the workloads of products.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Usage {
    /// It carries virtual clusters.
    Host,
    /// It runs the workloads of products.
    Worker,
}

/// The runtime of a worker.
pub struct WorkerType;

impl PartialSchema for WorkerType {
    fn schema() -> RefOr<Schema> {
        let words = [domain::WorkerType::Deployment, domain::WorkerType::Pipeline]
            .map(domain::WorkerType::as_str);
        one_of(
            "`deployment`: applications are deployed to it. `pipeline`: pipelines run in it.",
            &words,
        )
    }
}

impl ToSchema for WorkerType {}

/// One of some words. `""`, which means absent as well, is none of them: generated clients could not compile.
pub(crate) fn one_of(description: &str, words: &[&str]) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .enum_values(Some(words.iter().copied()))
        .into()
}

/// A kind of resource.
#[derive(ToSchema)]
pub struct ClusterResource {
    /// Its kind.
    #[schema(min_length = 1, examples("ClusterRole"))]
    pub kind: String,
    /// Its API group.
    #[schema(min_length = 1, examples("rbac.authorization.k8s.io"))]
    pub group: String,
}

/// A failure: a problem document (RFC 9457) that is also the original API's error. Contains no secret.
#[derive(ToSchema)]
pub struct Problem {
    /// `urn:nautes:clusters:problem:{reason}`.
    #[schema(format = "uri")]
    pub r#type: String,
    /// The reason in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do about it.
    pub detail: String,
    /// The path of the request.
    pub instance: String,
    /// The same as `status`.
    pub code: u16,
    /// What happened, for programs.
    pub reason: Reason,
    /// The same as `detail`.
    pub message: String,
    /// With `VALIDATION_FAILED`: every rule that does not hold.
    #[schema(required = false)]
    pub violations: Vec<Violation>,
    /// With `API_SERVER_IN_USE`: the cluster that has the API server.
    #[schema(required = false)]
    pub cluster: String,
    /// With `API_SERVER_IN_USE`, `CLUSTER_NAME_IN_USE`, `REMOVAL_IN_PROGRESS`: the object of the management cluster
    /// that stands against the save.
    #[schema(required = false)]
    pub object: String,
    /// With `CLUSTER_IN_USE`: the virtual clusters and products that depend on the cluster.
    #[schema(required = false)]
    pub dependants: Vec<String>,
    /// With `UNREADABLE_FILE`: the file in the repository.
    #[schema(required = false)]
    pub path: String,
    /// With `MALFORMED_BODY`: the line, from 1.
    #[schema(required = false, minimum = 1)]
    pub line: u32,
    /// With `MALFORMED_BODY`: the column, from 1.
    #[schema(required = false, minimum = 1)]
    pub column: u32,
    /// With `MALFORMED_BODY`: what to write instead, where the cause is a known slip.
    #[schema(required = false)]
    pub hint: String,
    /// With `NOT_MERGED`: the open merge request for the cluster, where there is one.
    #[schema(required = false)]
    pub merge_request: MergeRequest,
    /// The request's commit, where it is in the repository in spite of the failure; null with
    /// `INSTALL_TRIGGER_FAILED` where nothing had to change there.
    pub commit: Option<Commit>,
}

/// A rule that does not hold.
#[derive(ToSchema)]
pub struct Violation {
    /// JSON pointer into the body; `/cluster_name` is the name in the path, `/field_selector`,
    /// `?dry_run` and the like are in the query.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to send instead.
    #[schema(required = false)]
    pub hint: String,
}

/// What happened, for programs.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    missing_docs,
    reason = "the responses of the operations say when each is answered"
)]
pub enum Reason {
    ApiServerInUse,
    BodyTimeout,
    BodyTooLarge,
    ClusterInUse,
    ClusterNameInUse,
    ClusterNotFound,
    ConcurrentChange,
    CredentialsNotApproved,
    ForceNotApproved,
    FunctionUnavailable,
    GitlabTimeout,
    GitlabUnavailable,
    InstallTriggerFailed,
    Internal,
    KubernetesTimeout,
    KubernetesUnavailable,
    MalformedBody,
    MethodNotAllowed,
    Misconfigured,
    NotMerged,
    NotReady,
    PermissionDenied,
    RateLimited,
    RemovalInProgress,
    RequestRefused,
    RouteNotFound,
    TooManyRequests,
    Unauthenticated,
    UnreadableFile,
    UnsupportedMediaType,
    ValidationFailed,
}
