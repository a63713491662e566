//! List of the components that were built, and of their sizes.

use super::BuildError;
use crate::manifest::SpinManifest;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A component that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltComponent {
    /// Id in the manifest.
    pub component: String,
    /// The WebAssembly file.
    pub path: PathBuf,
    /// In bytes.
    pub size: u64,
}

/// Of what the manifest builds.
pub(super) fn of_manifest(
    root: &Path,
    manifest: &SpinManifest,
) -> Result<Vec<BuiltComponent>, BuildError> {
    let built = manifest
        .component
        .iter()
        .filter(|(_, component)| component.build.is_some());
    built
        .map(|(id, component)| of_file(id, root.join(&component.source)))
        .collect()
}

/// Of packages, where cargo puts them.
pub(super) fn of_packages(
    root: &Path,
    packages: &[String],
) -> Result<Vec<BuiltComponent>, BuildError> {
    let folder = super::output(root);
    let file = |package: &String| of_file(package, folder.join(super::file_name(package)));
    packages.iter().map(file).collect()
}

fn of_file(component: &str, path: PathBuf) -> Result<BuiltComponent, BuildError> {
    let size = std::fs::metadata(&path).map(|metadata| metadata.len());
    let size = size.map_err(|_| BuildError::NotThere {
        component: component.to_owned(),
        path: path.display().to_string(),
    })?;
    Ok(BuiltComponent {
        component: component.to_owned(),
        path,
        size,
    })
}

/// A table of sizes in KiB, one line per component.
#[must_use]
pub fn table(built: &[BuiltComponent]) -> String {
    let width = built
        .iter()
        .map(|built| built.component.len())
        .max()
        .unwrap_or_default();
    built.iter().fold(
        String::new(),
        |mut table,
         BuiltComponent {
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
    use super::{BuiltComponent, table};

    #[test]
    fn the_table_has_one_aligned_line_per_component() {
        let built = |component: &str, size| BuiltComponent {
            component: component.into(),
            path: "x.wasm".into(),
            size,
        };
        let table = table(&[built("gateway", 250_000), built("validate", 1)]);
        assert_eq!(table, "gateway     245 KiB\nvalidate      1 KiB\n");
    }
}
