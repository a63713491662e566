//! `init`: a manifest to begin with.

use clap::{Args, ValueEnum};

use crate::exit;
use crate::failure::CommandError;
use crate::terminal::Terminal;

/// Arguments of `init`.
#[derive(Args)]
pub(crate) struct InitArguments {
    /// The kind of cluster
    pub(crate) kind: ManifestKind,
}

/// The five kinds of cluster.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ManifestKind {
    /// A physical cluster that carries virtual ones
    Host,
    /// A physical cluster that applications are deployed to
    PhysicalWorkerDeployment,
    /// A physical cluster that pipelines run in
    PhysicalWorkerPipeline,
    /// A virtual cluster that applications are deployed to
    VirtualWorkerDeployment,
    /// A virtual cluster that pipelines run in
    VirtualWorkerPipeline,
}

impl ManifestKind {
    fn manifest(self) -> &'static str {
        match self {
            Self::Host => include_str!("init/host.yaml"),
            Self::PhysicalWorkerDeployment => include_str!("init/physical-worker-deployment.yaml"),
            Self::PhysicalWorkerPipeline => include_str!("init/physical-worker-pipeline.yaml"),
            Self::VirtualWorkerDeployment => include_str!("init/virtual-worker-deployment.yaml"),
            Self::VirtualWorkerPipeline => include_str!("init/virtual-worker-pipeline.yaml"),
        }
    }
}

/// Prints the manifest: valid as it is but for the places marked with `CHANGE`.
///
/// # Errors
/// None.
pub(crate) fn run(arguments: &InitArguments, terminal: &Terminal) -> Result<u8, CommandError> {
    terminal.print(arguments.kind.manifest());
    Ok(exit::DONE)
}
