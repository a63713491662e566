//! Options of a run.

use crate::compiler::ComponentCompiler;
use crate::log::{LogSink, to_tracing};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Settings of a [`ComponentHost`](crate::ComponentHost).
#[derive(Clone)]
pub struct HostOptions {
    /// The manifest; paths in it are relative to its folder.
    pub manifest: PathBuf,
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Values of the application's variables.
    pub variables: BTreeMap<String, String>,
    /// PEM files with certificate authorities that are trusted in outgoing requests besides the
    /// public ones.
    pub ca_files: Vec<PathBuf>,
    /// Reuse of instances.
    pub reuse: InstanceReuse,
    /// Time that a component may take to begin its answer, and again to finish it.
    pub request_timeout: Duration,
    /// Requests from outside that are worked on at the same time; others wait.
    pub max_requests: usize,
    /// Compiles the components.
    pub compiler: ComponentCompiler,
    /// Takes what components log.
    pub log: LogSink,
}

impl HostOptions {
    /// Settings with Spin's defaults where it has them: no variables, the public certificate
    /// authorities, 330 s for a request (a watch takes up to 300 by default), 256 requests at a time, lines to `tracing`.
    #[must_use]
    pub fn new(manifest: impl Into<PathBuf>, listen: SocketAddr) -> Self {
        Self {
            manifest: manifest.into(),
            listen,
            variables: BTreeMap::new(),
            ca_files: Vec::new(),
            reuse: InstanceReuse::default(),
            request_timeout: Duration::from_secs(330),
            max_requests: 256,
            compiler: ComponentCompiler::default(),
            log: Arc::new(to_tracing),
        }
    }
}

/// Reuse of instances of components. The defaults are those of Spin 4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceReuse {
    /// Requests that one instance answers before it is discarded.
    pub max_requests: usize,
    /// Requests that one instance works on at the same time. A trap fails them all.
    pub max_concurrent: usize,
    /// Time that an instance without work is kept.
    pub idle_timeout: Duration,
}

impl Default for InstanceReuse {
    fn default() -> Self {
        Self {
            max_requests: 128,
            max_concurrent: 16,
            idle_timeout: Duration::from_secs(1),
        }
    }
}
