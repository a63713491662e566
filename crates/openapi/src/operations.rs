//! The operations, by path.

use service::incoming::CLUSTERS as PREFIX;
use utoipa::openapi::path::{Operation, OperationBuilder, PathItemBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, HttpMethod, Paths, PathsBuilder, Ref, Required};

use crate::responses::{headers_alone, responses, success, success_or_events};
use crate::{examples, parameters};

pub(crate) const CLUSTERS: &str = "Clusters";
pub(crate) const SERVICE: &str = "Service";

/// Every path with its operations.
pub(crate) fn paths() -> Paths {
    let cluster = with_head(GET_CLUSTER)
        .operation(HttpMethod::Post, SAVE_CLUSTER.operation(Some(save_body())))
        .operation(HttpMethod::Delete, DELETE_CLUSTER.operation(None));
    let paths = PathsBuilder::new()
        .path(format!("{PREFIX}/{{cluster_name}}"), cluster.build())
        .path(PREFIX, with_head(LIST_CLUSTERS).build())
        .path(api::MERGE_REQUESTS, with_head(LIST_MERGE_REQUESTS).build());
    [
        ("/", INDEX),
        ("/healthz", HEALTH),
        ("/readyz", READY),
        ("/openapi.json", DESCRIPTION),
    ]
    .into_iter()
    .fold(paths, |paths, (path, it)| {
        paths.path(path, with_head(it).build())
    })
    .build()
}

/// What there is to say about an operation.
#[derive(Clone, Copy)]
struct OperationText {
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    description: &'static str,
    parameters: &'static [&'static str],
    /// The answer, and its schema.
    success: (&'static str, &'static str),
    failures: &'static [&'static str],
}

const SAVE_CLUSTER: OperationText = OperationText {
    id: "Cluster_SaveCluster",
    tag: CLUSTERS,
    summary: "Register a cluster, or bring a registered one up to date",
    description: "Commits the cluster's files to the tenant configuration repository, then has them installed. \
                  Nothing is written before authentication, permission and validation have passed. The same \
                  request again changes nothing and is answered with `\"commit\": null`.",
    parameters: &[
        "cluster_name",
        "delivery",
        "sync",
        "adopt",
        "dry_run",
        "insecure_skip_check",
    ],
    success: (
        "The cluster is registered; or proposed in a merge request; or with `dry_run` could be.",
        "SaveClusterResponse",
    ),
    failures: &[
        "MALFORMED_BODY",
        "UNAUTHENTICATED",
        "PERMISSION_DENIED",
        "API_SERVER_IN_USE",
        "CLUSTER_NAME_IN_USE",
        "REMOVAL_IN_PROGRESS",
        "CLUSTER_IN_USE",
        "CONCURRENT_CHANGE",
        "NOT_MERGED",
        "CREDENTIALS_NOT_APPROVED",
        "ADOPTION_NOT_APPROVED",
        "UNREADABLE_FILE",
        "BODY_TIMEOUT",
        "BODY_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        "VALIDATION_FAILED",
        "MISCONFIGURED",
        "INTERNAL",
        "FUNCTION_UNAVAILABLE",
        "GITLAB_UNAVAILABLE",
        "GITLAB_TIMEOUT",
        "RATE_LIMITED",
        "KUBERNETES_UNAVAILABLE",
        "KUBERNETES_TIMEOUT",
        "INSTALL_TRIGGER_FAILED",
    ],
};

const DELETE_CLUSTER: OperationText = OperationText {
    id: "Cluster_DeleteCluster",
    tag: CLUSTERS,
    summary: "Remove a cluster",
    description: "Takes back everything that a save brought. Asked again while the uninstall runs, it reports \
                  how far that is. A body is ignored.",
    parameters: &[
        "cluster_name",
        "delivery",
        "dry_run",
        "force",
        "insecure_skip_check",
    ],
    success: (
        "The cluster is removed from the repository; or its removal is proposed in a merge request; or with \
         `dry_run` could be.",
        "DeleteClusterResponse",
    ),
    failures: &[
        "UNAUTHENTICATED",
        "PERMISSION_DENIED",
        "CLUSTER_NOT_FOUND",
        "CLUSTER_IN_USE",
        "CONCURRENT_CHANGE",
        "FORCE_NOT_APPROVED",
        "UNREADABLE_FILE",
        "VALIDATION_FAILED",
        "MISCONFIGURED",
        "INTERNAL",
        "FUNCTION_UNAVAILABLE",
        "GITLAB_UNAVAILABLE",
        "GITLAB_TIMEOUT",
        "RATE_LIMITED",
        "KUBERNETES_UNAVAILABLE",
        "KUBERNETES_TIMEOUT",
        "INSTALL_TRIGGER_FAILED",
    ],
};

const GET_CLUSTER: OperationText = OperationText {
    id: "Cluster_GetCluster",
    tag: CLUSTERS,
    summary: "Read a cluster",
    description: "The cluster as it is in the repository, with the state of its installs as the management \
                  cluster tells it. An answer, with a kubeconfig added, can be sent to `Cluster_SaveCluster`. With \
                  `watch=true` the answer is a stream of server-sent events, without `Content-Length`: `cluster` \
                  with what a read answers, at first and whenever the cluster is saved; `status` with its member \
                  `status`, whenever that changes; `error` with a problem document; `end`, always the last, with \
                  `reason` (`ready`, `failed`, `removed`, `time_limit` or `error`) and `message`. One token has four watches at a \
                  time.",
    parameters: &["cluster_name", "watch", "timeout_seconds"],
    success: ("The cluster.", "Cluster"),
    failures: &[
        "UNAUTHENTICATED",
        "PERMISSION_DENIED",
        "CLUSTER_NOT_FOUND",
        "VALIDATION_FAILED",
        "UNREADABLE_FILE",
        "MISCONFIGURED",
        "INTERNAL",
        "FUNCTION_UNAVAILABLE",
        "GITLAB_UNAVAILABLE",
        "GITLAB_TIMEOUT",
        "RATE_LIMITED",
        "TOO_MANY_REQUESTS",
    ],
};

const LIST_CLUSTERS: OperationText = OperationText {
    id: "Cluster_ListClusters",
    tag: CLUSTERS,
    summary: "Read all clusters, or some",
    description: "The clusters as they are in the repository.",
    parameters: &["field_selector", "per_page", "page_token", "include_status"],
    success: ("The clusters that were selected.", "ClusterList"),
    failures: &[
        "UNAUTHENTICATED",
        "PERMISSION_DENIED",
        "VALIDATION_FAILED",
        "UNREADABLE_FILE",
        "MISCONFIGURED",
        "INTERNAL",
        "FUNCTION_UNAVAILABLE",
        "GITLAB_UNAVAILABLE",
        "GITLAB_TIMEOUT",
        "RATE_LIMITED",
    ],
};

const LIST_MERGE_REQUESTS: OperationText = OperationText {
    id: "MergeRequest_ListMergeRequests",
    tag: CLUSTERS,
    summary: "Read the merge requests for clusters",
    description: "Proposals to register, change or remove a cluster, open ones and others, among the hundred merge \
                  requests to the target branch that changed last. After a merge send the save or the removal once \
                  more: it installs or uninstalls what was merged.",
    parameters: &["insecure_skip_check"],
    success: ("The merge requests.", "MergeRequestList"),
    failures: LIST_CLUSTERS.failures,
};

const INDEX: OperationText = OperationText {
    id: "Service_Index",
    tag: SERVICE,
    summary: "What there is",
    description: "Name, version and paths of the service.",
    parameters: &[],
    success: ("The paths.", "Index"),
    failures: &[],
};

const HEALTH: OperationText = OperationText {
    id: "Service_Health",
    tag: SERVICE,
    summary: "Whether the gateway runs",
    description: "Asks nothing of other services.",
    parameters: &[],
    success: ("It runs.", "Health"),
    failures: &[],
};

const READY: OperationText = OperationText {
    id: "Service_Ready",
    tag: SERVICE,
    summary: "Whether a request could be carried out now",
    description: "Asks GitLab and the management cluster for something that needs no rights.",
    parameters: &[],
    success: ("Both answer.", "Health"),
    failures: &[
        "NOT_READY",
        "MISCONFIGURED",
        "INTERNAL",
        "FUNCTION_UNAVAILABLE",
    ],
};

const DESCRIPTION: OperationText = OperationText {
    id: "Service_OpenApi",
    tag: SERVICE,
    summary: "This description",
    description: "OpenAPI 3.1. `If-None-Match` with its `ETag` answers 304.",
    parameters: &[],
    success: ("The description.", "Description"),
    failures: &[],
};

impl OperationText {
    fn operation(&self, body: Option<RequestBody>) -> Operation {
        let (description, schema) = self.success;
        let success = if self.parameters.contains(&"watch") {
            success_or_events(description, schema)
        } else {
            success(description, schema)
        };
        self.builder(self.id)
            .summary(Some(self.summary))
            .request_body(body)
            .responses(responses(success, self.failures))
            .build()
    }

    fn head(&self) -> Operation {
        self.builder(&format!("{}Head", self.id))
            .summary(Some(format!("{}: the headers alone", self.summary)))
            .responses(headers_alone(self.success.0))
            .build()
    }

    fn builder(&self, id: &str) -> OperationBuilder {
        let builder = OperationBuilder::new()
            .operation_id(Some(id))
            .tag(self.tag)
            .description(Some(self.description));
        let builder = parameters::references(self.parameters)
            .into_iter()
            .fold(builder, OperationBuilder::parameter_ref);
        if self.tag == SERVICE {
            return builder.security(SecurityRequirement::default());
        }
        builder
    }
}

fn with_head(get: OperationText) -> PathItemBuilder {
    PathItemBuilder::new()
        .operation(HttpMethod::Get, get.operation(None))
        .operation(HttpMethod::Head, get.head())
}

fn save_body() -> RequestBody {
    // Generated clients have one type for the body: the fields themselves.
    let json = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("SaveClusterRequest")))
        .examples_from_iter(examples::requests());
    let yaml = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("ClusterManifest")))
        .examples_from_iter([("manifest", examples::manifest())]);
    RequestBodyBuilder::new()
        .description(Some(
            "The fields of a cluster, or a `kind: Cluster` manifest of the command line with the fields under \
             `spec`; both are read as JSON and as YAML, at most 256 KiB. Without a content type it is read as JSON. `text/json`, \
             `text/yaml`, `application/x-yaml`, `text/x-yaml`, `…+json` and `…+yaml` are accepted too. \
             Left out with `sync=true` alone.",
        ))
        .required(Some(Required::False))
        .content("application/json", json.build())
        .content("application/yaml", yaml.build())
        .build()
}
