//! List of the components that were built, and of their sizes.

use super::BuildError;
use crate::manifest::Manifest;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A component that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Id in the manifest.
    pub component: String,
    /// The WebAssembly file.
    pub path: PathBuf,
    /// In bytes.
    pub size: u64,
}

/// Of what the manifest builds.
pub(super) fn of_manifest(root: &Path, manifest: &Manifest) -> Result<Vec<Built>, BuildError> {
    let built = manifest
        .component
        .iter()
        .filter(|(_, component)| component.build.is_some());
    built
        .map(|(id, component)| of_file(id, root.join(&component.source)))
        .collect()
}

/// Of packages, where cargo puts them.
pub(super) fn of_packages(root: &Path, packages: &[String]) -> Result<Vec<Built>, BuildError> {
    let folder = super::output(root);
    let file = |package: &String| of_file(package, folder.join(super::file_name(package)));
    packages.iter().map(file).collect()
}

fn of_file(component: &str, path: PathBuf) -> Result<Built, BuildError> {
    let size = std::fs::metadata(&path).map(|metadata| metadata.len());
    let size = size.map_err(|_| BuildError::NotThere {
        component: component.to_owned(),
        path: path.display().to_string(),
    })?;
    Ok(Built {
        component: component.to_owned(),
        path,
        size,
    })
}

/// A table of sizes in KiB, one line per component.
#[must_use]
pub fn table(built: &[Built]) -> String {
    let width = built
        .iter()
        .map(|built| built.component.len())
        .max()
        .unwrap_or_default();
    built.iter().fold(
        String::new(),
        |mut table,
         Built {
             component, size, ..
         }| {
            // Writing to a string can't fail.
            writeln!(table, "{component:width$} {:>6} KiB", size.div_ceil(1024)).ok();
            table
        },
    )
}

#[cfg(test)]
mod tests {
    use super::{Built, table};

    #[test]
    fn the_table_has_one_aligned_line_per_component() {
        let built = |component: &str, size| Built {
            component: component.into(),
            path: "x.wasm".into(),
            size,
        };
        let table = table(&[built("gateway", 250_000), built("validate", 1)]);
        assert_eq!(table, "gateway     245 KiB\nvalidate      1 KiB\n");
    }
}
