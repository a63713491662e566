//! A cluster and its neighbours become files of the tenant configuration repository.
//!
//! Pure: no clock, no randomness, no IO. The same arguments give the same bytes, in whatever order the
//! clusters were registered. What the files mean is told in `docs/compatibility.md`.

mod appsets;
mod components;
mod context;
mod guard;
mod host;
mod initial;
mod list;
mod objects;
mod overlay;
mod projects;
mod runtime;
mod secrets;
mod shared;
mod tree;
mod urls;
mod vcluster;

use crate::catalog::Catalog;
use crate::{Cluster, Settings, Surroundings, Usage};

pub use crate::names;

pub use list::{FolderListing, OverwrittenList, list_from_folder};
pub use objects::retry;
pub use tree::Tree;

use context::Context;

/// Shared files as they are now, and what must be known to keep them right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharedFiles {
    /// `nautes/overlays/production/clusters/kustomization.yaml`
    pub kustomization: Option<Vec<u8>>,
    /// True where another cluster has a folder below `host-clusters/`.
    pub other_hosts: bool,
    /// True where another cluster has a folder below `runtimes/`.
    pub other_runtimes: bool,
}

/// Why there is no tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A shared file is not what its path says, and rewriting it would lose somebody's work.
    #[error("{path} can't be read: {message}")]
    UnreadableFile {
        /// The file's path in the repository.
        path: String,
        /// Reason why the file can't be read.
        message: String,
    },
    /// The catalog can't be read, or lacks a component that the cluster has.
    #[error("{0}")]
    Catalog(String),
    /// A cluster that validation would not have made.
    #[error("{0}")]
    Other(String),
}

/// Builds the tree of the repository with this cluster registered.
///
/// For a host that includes everything of its virtual clusters that depends on it; for a virtual cluster
/// everything of its host that depends on the virtual clusters.
///
/// # Errors
/// See [`RenderError`]. No error depends on anything but the arguments.
pub fn render(
    cluster: &Cluster,
    surroundings: &Surroundings,
    shared: &SharedFiles,
    settings: &Settings,
) -> Result<Tree, RenderError> {
    let catalog = prepare(cluster, surroundings, settings)?;
    let context = Context::new(cluster, surroundings, settings, &catalog)?;
    let mut tree = Tree::default();
    shared::register(&context, shared, &mut tree)?;
    if cluster.usage == Usage::Host {
        host::write(&context, &mut tree)?;
    } else {
        appsets::runtimes(settings, &mut tree)?;
        runtime::write(&context, &mut tree)?;
        if let Some(host) = context.host_with(Some(cluster)) {
            vcluster::write(&context, &mut tree)?;
            host::update(&host, &mut tree)?;
        }
    }
    Ok(tree)
}

/// Builds the tree of the repository without this cluster. `surroundings` are those it had.
///
/// # Errors
/// See [`RenderError`].
pub fn remove(
    cluster: &Cluster,
    surroundings: &Surroundings,
    shared: &SharedFiles,
    settings: &Settings,
) -> Result<Tree, RenderError> {
    let catalog = prepare(cluster, surroundings, settings)?;
    let context = Context::new(cluster, surroundings, settings, &catalog)?;
    let mut tree = Tree::default();
    shared::unregister(&context, shared, &mut tree)?;
    if cluster.usage == Usage::Host {
        tree.own(names::host_folder(&cluster.name));
    } else {
        if shared.other_runtimes {
            appsets::runtimes(settings, &mut tree)?;
        } else {
            appsets::no_runtimes(&mut tree);
        }
        tree.own(names::runtime_folder(&cluster.name));
        if let Some(host) = context.host_with(None) {
            tree.own(names::vcluster_folder(&host.cluster.name, &cluster.name));
            host::update(&host, &mut tree)?;
        }
    }
    Ok(tree)
}

fn prepare(
    cluster: &Cluster,
    surroundings: &Surroundings,
    settings: &Settings,
) -> Result<Catalog, RenderError> {
    guard::check(cluster, surroundings, settings)?;
    Catalog::from_settings(settings).map_err(|error| RenderError::Catalog(error.to_string()))
}
