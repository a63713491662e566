//! Options that a server is started with.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::controller::Controller;

/// Name of the identity that may do everything.
pub const ADMIN: &str = "admin";

/// Settings of a server.
#[derive(Debug, Clone)]
pub struct KubernetesOptions {
    /// Address for plain HTTP; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Address for HTTPS; port 0 takes a free one.
    pub listen_tls: SocketAddr,
    /// Folder for objects, certificates, tokens and the kubeconfig; created where missing.
    pub data: PathBuf,
    /// Install the definitions of `nautes.resource.nautes.io`.
    pub cluster_crds: bool,
    /// Controllers that run beside the server.
    pub controllers: Vec<Arc<dyn Controller>>,
    /// Callers besides [`ADMIN`].
    pub identities: Vec<CallerIdentity>,
    /// Delay before every answer.
    pub latency: Duration,
}

impl KubernetesOptions {
    /// Free ports on the loopback interface, all definitions, only the administrator, no controllers, no delay.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            listen: loopback,
            listen_tls: loopback,
            data: data.into(),
            cluster_crds: true,
            controllers: Vec::new(),
            identities: Vec::new(),
            latency: Duration::ZERO,
        }
    }
}

/// A caller: a token and what it may do.
#[derive(Clone)]
pub struct CallerIdentity {
    /// User name, as it stands in messages and bindings.
    pub name: String,
    /// Bearer token; none: one is made at the first start and kept.
    pub token: Option<String>,
    /// Rights, besides what RBAC objects in the store grant its name.
    pub rules: Vec<PolicyRule>,
}

impl fmt::Debug for CallerIdentity {
    /// Without the token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CallerIdentity")
            .field("name", &self.name)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// Grant, after RBAC's PolicyRule; `*` stands for all.
#[derive(Debug, Clone, Default)]
pub struct PolicyRule {
    /// API groups; the core group is the empty string.
    pub api_groups: Vec<String>,
    /// Plural names, with subresources as `name/status`.
    pub resources: Vec<String>,
    /// Verbs such as `get` or `patch`.
    pub verbs: Vec<String>,
    /// Only in these namespaces; empty: everywhere, cluster-scoped resources included.
    pub namespaces: Vec<String>,
    /// Only these names; empty: all.
    pub resource_names: Vec<String>,
}

impl PolicyRule {
    /// Everything.
    pub fn everything() -> Self {
        Self::new(&["*"], &["*"], &["*"])
    }

    /// Verbs on resources of groups, everywhere.
    pub fn new(api_groups: &[&str], resources: &[&str], verbs: &[&str]) -> Self {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Self {
            api_groups: owned(api_groups),
            resources: owned(resources),
            verbs: owned(verbs),
            ..Self::default()
        }
    }

    /// The same, in one namespace only.
    pub fn in_namespace(mut self, namespace: &str) -> Self {
        self.namespaces.push(namespace.to_owned());
        self
    }

    /// The same, for one name only.
    pub fn named(mut self, name: &str) -> Self {
        self.resource_names.push(name.to_owned());
        self
    }
}
