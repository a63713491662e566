//! Input and results of a check. Mirrors `nautes:clusters/cluster-validation`.

use crate::{Cluster, File, Surroundings, Usage};

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub struct SaveRequest {
    /// The cluster's name in the path.
    pub name: String,
    /// The `Content-Type` header; absent means JSON.
    pub content_type: Option<String>,
    /// JSON, YAML, or a `kind: Cluster` manifest.
    pub body: Vec<u8>,
}

/// References and purpose that a request names, as far as they can be told without judging it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct References {
    /// The host cluster it names.
    pub host_cluster: Option<String>,
    /// The API server it names, in the normal form of [`Cluster::api_server`].
    pub api_server: Option<String>,
    /// Purpose that the request names, where that can be read.
    pub usage: Option<Usage>,
    /// True where the request brings a kubeconfig.
    pub has_kubeconfig: bool,
}

/// Surroundings that a cluster has to be judged against, as they are at one commit of the repository.
#[derive(Debug, Clone, Default)]
pub struct Neighbours {
    /// Resource files: the cluster's own, its host's, and those of the virtual clusters concerned.
    pub resource_files: Vec<File>,
    /// The cluster that holds the requested API server, if any.
    pub api_server_owner: Option<String>,
    /// True where the management cluster holds credentials for this cluster.
    pub credentials_stored: bool,
    /// Users of this cluster besides virtual clusters.
    pub dependants: Vec<String>,
    /// Seconds since 1970-01-01T00:00:00Z, to judge certificates by.
    pub now: u64,
}

/// How Argo CD logs in to a cluster. Secret: it has no `Debug` that shows anything.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Base64 of PEM certificates.
    pub ca_data: Option<String>,
    /// Do not check the API server's certificate. Excludes `ca_data`.
    pub insecure: bool,
    /// Name to expect in the API server's certificate.
    pub server_name: Option<String>,
    /// Proxy to reach the API server through.
    pub proxy_url: Option<String>,
    /// How to prove who one is.
    pub login: Login,
    /// End of validity of the client certificate or JWT, seconds since 1970-01-01T00:00:00Z.
    pub expires_at: Option<u64>,
}

/// The ways to prove who one is. Secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// Base64 of PEM, both.
    ClientCertificate {
        /// The certificate.
        cert_data: String,
        /// Private key of the certificate.
        key_data: String,
    },
    /// A bearer token.
    Token(String),
    /// HTTP basic authentication.
    Basic {
        /// The user's name.
        username: String,
        /// The password.
        password: String,
    },
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(…)")
    }
}

/// A request that may be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The cluster it becomes.
    pub cluster: Cluster,
    /// Relations of the cluster.
    pub surroundings: Surroundings,
    /// The cluster as it is registered now, with its relations.
    pub current: Option<(Cluster, Surroundings)>,
    /// New credentials; absent means those stored stay.
    pub credentials: Option<Credentials>,
    /// Warnings for the caller although the request is carried out.
    pub warnings: Vec<String>,
}

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// JSON pointer into the request body, `/cluster_name` for the name in the path.
    pub field: String,
    /// Description of the violation.
    pub message: String,
    /// Hint at what to send instead.
    pub hint: Option<String>,
}

/// Where a body stops being readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Reason why the body can't be read.
    pub message: String,
    /// From 1; absent where the body is not text.
    pub line: Option<u32>,
    /// From 1.
    pub column: Option<u32>,
    /// Hint at what to write instead, where the cause is a known slip.
    pub hint: Option<String>,
}

/// Why a request is not carried out. The variants are the `reason`s of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// `MALFORMED_BODY`
    #[error("{}", .0.message)]
    MalformedBody(Malformed),
    /// `UNSUPPORTED_MEDIA_TYPE`: the content type that was sent.
    #[error("unsupported media type {0}")]
    UnsupportedMediaType(String),
    /// `VALIDATION_FAILED`: every rule that does not hold.
    #[error("{} rules do not hold", .0.len())]
    ValidationFailed(Vec<Violation>),
    /// `API_SERVER_IN_USE`: the cluster that has it.
    #[error("the API server belongs to cluster {0}")]
    ApiServerInUse(String),
    /// `CLUSTER_IN_USE`: what depends on the cluster.
    #[error("used by {}", .0.join(", "))]
    ClusterInUse(Vec<String>),
    /// `CLUSTER_NOT_FOUND`
    #[error("cluster not found")]
    ClusterNotFound,
    /// A setting or a file of the repository that can't be read.
    #[error("{0}")]
    Other(String),
}
