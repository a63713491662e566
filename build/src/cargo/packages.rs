//! Which cargo packages a manifest's build commands make.

use crate::manifest::{ComponentBuild, SpinManifest};
use serde::Deserialize;
use std::path::Path;

/// Why the packages are not known.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// A build command that is not `cargo build`.
    #[error(
        "component `{component}` is built with `{command}`: only `cargo build` is supported here"
    )]
    NotCargo {
        /// Id of the component.
        component: String,
        /// Build command of the component.
        command: String,
    },
    /// A command without `--package`, run where no package is.
    #[error(
        "component `{component}`: the build command names no package, and its folder {folder} holds none"
    )]
    NoPackage {
        /// Id of the component.
        component: String,
        /// `workdir` of the component.
        folder: String,
    },
    /// The folder of the components can't be listed.
    #[error("cannot list {folder}")]
    Unlisted {
        /// The folder.
        folder: String,
        /// Why.
        source: std::io::Error,
    },
}

/// The packages whose folders are in `folder`; each is named like its folder.
pub(super) fn below(folder: &Path) -> Result<Vec<String>, PackageError> {
    let unlisted = |source| PackageError::Unlisted {
        folder: folder.display().to_string(),
        source,
    };
    let mut packages = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unlisted)? {
        let entry = entry.map_err(unlisted)?;
        if entry.path().join("Cargo.toml").is_file() {
            packages.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    packages.sort();
    Ok(packages)
}

/// The packages of all components with a build command, each once.
pub(super) fn packages(root: &Path, manifest: &SpinManifest) -> Result<Vec<String>, PackageError> {
    let mut packages = Vec::new();
    for (id, component) in &manifest.component {
        let Some(build) = &component.build else {
            continue;
        };
        for command in &build.command {
            packages.extend(named(id, command)?);
        }
        if build.command.iter().all(|command| !names_package(command)) {
            packages.push(in_folder(root, id, build)?);
        }
    }
    packages.sort();
    packages.dedup();
    Ok(packages)
}

fn words(command: &str) -> Vec<&str> {
    command.split_whitespace().collect()
}

fn names_package(command: &str) -> bool {
    words(command)
        .iter()
        .any(|word| *word == "-p" || word.starts_with("--package"))
}

fn named(component: &str, command: &str) -> Result<Vec<String>, PackageError> {
    let words = words(command);
    if !words.starts_with(&["cargo", "build"]) {
        return Err(PackageError::NotCargo {
            component: component.to_owned(),
            command: command.to_owned(),
        });
    }
    let after = words.windows(2).filter_map(|pair| match pair {
        ["-p" | "--package", package] => Some((*package).to_owned()),
        _ => None,
    });
    let joined = words
        .iter()
        .filter_map(|word| word.strip_prefix("--package="))
        .map(str::to_owned);
    Ok(after.chain(joined).collect())
}

fn in_folder(root: &Path, component: &str, build: &ComponentBuild) -> Result<String, PackageError> {
    #[derive(Deserialize)]
    struct CargoManifest {
        package: CargoPackage,
    }
    #[derive(Deserialize)]
    struct CargoPackage {
        name: String,
    }
    let folder = root.join(build.workdir.as_deref().unwrap_or(""));
    let text = std::fs::read_to_string(folder.join("Cargo.toml")).ok();
    let manifest = text.and_then(|text| toml::from_str::<CargoManifest>(&text).ok());
    manifest
        .map(|manifest| manifest.package.name)
        .ok_or_else(|| PackageError::NoPackage {
            component: component.to_owned(),
            folder: folder.display().to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn packages_are_taken_from_the_command() {
        for (command, packages) in [
            (
                "cargo build --release -p gateway --target wasm32-wasip2",
                vec!["gateway"],
            ),
            ("cargo build --package a --package=b", vec!["a", "b"]),
            ("cargo build --release", vec![]),
        ] {
            assert_eq!(named("x", command).unwrap(), packages, "{command}");
        }
        let error = named("x", "npm run build").unwrap_err().to_string();
        assert_eq!(
            error,
            "component `x` is built with `npm run build`: only `cargo build` is supported here"
        );
    }
}
