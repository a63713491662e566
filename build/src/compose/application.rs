//! A component of an application with the dependencies that its manifest names, as Spin puts them together at start.

use super::{ComposeError, PluggedComponent, deny, satisfy};
use crate::manifest::{DependencySource, ManifestComponent, SpinManifest};
use std::path::{Path, PathBuf};

/// Why a component of an application can't be put together.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// A file can't be read.
    #[error("cannot read {}: is it built?", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A dependency on a component that the application does not have.
    #[error("there is no component `{0}`")]
    NoComponent(String),
    /// A dependency asks for more than it inherits.
    #[error("dependency `{name}`")]
    Dependency {
        /// Name of the dependency in the manifest.
        name: String,
        /// Why.
        source: ComposeError,
    },
    /// The parts do not fit.
    #[error(transparent)]
    Compose(#[from] ComposeError),
}

/// The bytes of a component with its dependencies, which have no more rights than they inherit. `folder` is the
/// manifest's.
///
/// # Errors
/// See [`ApplicationError`].
pub fn compose_component(
    manifest: &SpinManifest,
    component: &ManifestComponent,
    folder: &Path,
) -> Result<Vec<u8>, ApplicationError> {
    let socket = read(&folder.join(&component.source))?;
    if component.dependencies.is_empty() {
        return Ok(socket);
    }
    let mut plugs = Vec::new();
    for (name, dependency) in &component.dependencies {
        let source = match &dependency.implementation {
            DependencySource::Path(path) => path,
            DependencySource::Component(id) => {
                let component = manifest.component.get(id);
                let component =
                    component.ok_or_else(|| ApplicationError::NoComponent(id.clone()))?;
                &component.source
            }
        };
        let bytes = read(&folder.join(source))?;
        let bytes = deny(&bytes, &component.inherited(dependency));
        let bytes = bytes.map_err(|source| ApplicationError::Dependency {
            name: name.clone(),
            source,
        })?;
        plugs.push((name, dependency.export.as_deref(), bytes));
    }
    let parts: Vec<_> = plugs
        .iter()
        .map(|(name, export, bytes)| PluggedComponent {
            name,
            export: *export,
            bytes,
        })
        .collect();
    Ok(satisfy(&socket, &parts)?)
}

fn read(path: &Path) -> Result<Vec<u8>, ApplicationError> {
    std::fs::read(path).map_err(|source| ApplicationError::File {
        path: path.to_owned(),
        source,
    })
}
