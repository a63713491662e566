//! Components for hosts that compose nothing themselves: libraries plugged in, settings from the
//! environment.

use crate::compose::{ComposeError, deny, plug};
use crate::manifest::InheritedRights;
use std::path::{Path, PathBuf};

/// Bytes that a composed component may have at most.
pub const LIMIT: u64 = 3 * 1024 * 1024;

/// The package that is the whole application.
pub const APPLICATION: &str = "nautes-clusters";

/// Gives the others their settings, so it needs the environment itself.
const ADAPTER: &str = "env-variables";

/// The pure ones. Composed in, they see an empty environment: a token that is in the host's
/// environment is not in theirs.
const LIBRARIES: [&str; 2] = ["validate", "render-resource"];

/// A function and the components that satisfy its imports.
#[derive(Clone, Copy, Debug)]
pub struct FunctionRecipe {
    /// Package of the function, and name of the file.
    pub function: &'static str,
    /// Packages of the components that are plugged in.
    pub plugs: &'static [&'static str],
}

const REGISTRAR: &[&str] = &["validate", "render-resource", ADAPTER];

/// Every self-contained component. The last one is the whole application; its gateway calls the
/// functions in process.
pub const RECIPES: [FunctionRecipe; 4] = [
    FunctionRecipe {
        function: "save-cluster",
        plugs: REGISTRAR,
    },
    FunctionRecipe {
        function: "delete-cluster",
        plugs: REGISTRAR,
    },
    FunctionRecipe {
        function: "read-clusters",
        plugs: &[ADAPTER],
    },
    FunctionRecipe {
        function: APPLICATION,
        plugs: REGISTRAR,
    },
];

/// Why there is no self-contained component.
#[derive(Debug, thiserror::Error)]
pub enum SelfContainedError {
    /// A file can't be read or written.
    #[error("{}: is it built?", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The components do not fit.
    #[error("{component} can't be composed")]
    Compose {
        /// The function or the component to be plugged in.
        component: &'static str,
        /// Why.
        source: ComposeError,
    },
}

impl FunctionRecipe {
    /// The composed component. `built` is the folder with cargo's components.
    ///
    /// # Errors
    /// See [`SelfContainedError`].
    pub fn compose(&self, built: &Path) -> Result<Vec<u8>, SelfContainedError> {
        let plugs = self.plugs.iter().map(|plug| plug_of(built, plug));
        let plugs = plugs.collect::<Result<Vec<_>, _>>()?;
        let plugs: Vec<&[u8]> = plugs.iter().map(Vec::as_slice).collect();
        let composed = plug(&read(built, self.function)?, &plugs);
        composed.map_err(|source| SelfContainedError::Compose {
            component: self.function,
            source,
        })
    }
}

/// Composes all [`RECIPES`] into `folder`, which is made when it does not exist.
///
/// # Errors
/// See [`SelfContainedError`].
pub fn compose_all(
    built: &Path,
    folder: &Path,
) -> Result<Vec<crate::cargo::BuiltComponent>, SelfContainedError> {
    let failed = |path: &Path, source| SelfContainedError::File {
        path: path.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    let composed = RECIPES.iter().map(|recipe| {
        let bytes = recipe.compose(built)?;
        let path = folder.join(format!("{}.wasm", recipe.function));
        // Another process may read the file at the same time: it gets the old one or the new one.
        let new = folder.join(format!("{}.{}.new", recipe.function, std::process::id()));
        std::fs::write(&new, &bytes).map_err(|source| failed(&new, source))?;
        std::fs::rename(&new, &path).map_err(|source| failed(&path, source))?;
        Ok(crate::cargo::BuiltComponent {
            component: recipe.function.to_owned(),
            path,
            size: bytes.len() as u64,
        })
    });
    composed.collect()
}

fn plug_of(built: &Path, component: &'static str) -> Result<Vec<u8>, SelfContainedError> {
    let bytes = read(built, component)?;
    if !LIBRARIES.contains(&component) {
        return Ok(bytes);
    }
    deny(&bytes, &InheritedRights::Nothing)
        .map_err(|source| SelfContainedError::Compose { component, source })
}

fn read(built: &Path, component: &str) -> Result<Vec<u8>, SelfContainedError> {
    let path = built.join(crate::cargo::file_name(component));
    std::fs::read(&path).map_err(|source| SelfContainedError::File { path, source })
}
