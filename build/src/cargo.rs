//! Makes components with one run of cargo.
//!
//! `spin build` runs one command per component; one run for all of them shares cargo's work and is
//! safe when several processes do it at the same time, because cargo locks its target folder.

mod flags;
mod packages;
mod progress;
mod sizes;
mod target;

pub use packages::PackageError;
pub use progress::{BuildMessage, BuildStep, print_lines};
pub use sizes::{BuiltComponent, table};
pub use target::{TARGET, TargetError};

pub(crate) use target::is_installed;

use crate::manifest::SpinManifest;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Bytes that one component may have at most: a small one starts fast and travels cheaply.
pub const LIMIT: u64 = 1024 * 1024;

/// How many of the last lines of a failed build are kept.
const TAIL: usize = 60;

/// Why there are no components.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The manifest asks for something else than cargo.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Rust can't build for WebAssembly.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// Cargo can't be run.
    #[error("cannot run cargo")]
    Cargo(#[source] std::io::Error),
    /// Cargo failed: the end of what it said.
    #[error("building the components failed:\n{0}")]
    Failed(String),
    /// Cargo succeeded, but not with the file that the manifest names.
    #[error("component `{component}` is not at {path} after building it")]
    NotThere {
        /// Id of the component.
        component: String,
        /// Where its `source` points to.
        path: String,
    },
}

/// Builds all components of a manifest that have a build command, into `target/` below `root`.
///
/// Cargo's messages, and a table of the components' sizes, go to `progress` as they come.
///
/// # Errors
/// See [`BuildError`].
pub fn components(
    root: &Path,
    manifest: &SpinManifest,
    progress: &mut dyn FnMut(BuildMessage<'_>),
) -> Result<Vec<BuiltComponent>, BuildError> {
    let packages = packages::packages(root, manifest)?;
    build(root, &packages, progress)?;
    let built = sizes::of_manifest(root, manifest)?;
    let table = table(&built);
    table
        .lines()
        .for_each(|line| progress(BuildMessage::Line(line)));
    Ok(built)
}

/// Builds everything below `components/`, also what no manifest mentions: the adapter and the
/// application in one component.
///
/// # Errors
/// See [`BuildError`].
pub fn everything(
    root: &Path,
    progress: &mut dyn FnMut(BuildMessage<'_>),
) -> Result<Vec<BuiltComponent>, BuildError> {
    let packages = packages::below(&root.join("components"))?;
    build(root, &packages, progress)?;
    sizes::of_packages(root, &packages)
}

/// Builds one package.
///
/// # Errors
/// See [`BuildError`].
pub fn package(
    root: &Path,
    package: &str,
    progress: &mut dyn FnMut(BuildMessage<'_>),
) -> Result<(), BuildError> {
    build(root, &[package.to_owned()], progress)
}

/// Where cargo puts components.
#[must_use]
pub fn output(root: &Path) -> PathBuf {
    root.join("target").join(target::TARGET).join("release")
}

/// The file that cargo makes of a package.
#[must_use]
pub fn file_name(package: &str) -> String {
    format!("{}.wasm", package.replace('-', "_"))
}

fn build(
    root: &Path,
    packages: &[String],
    progress: &mut dyn FnMut(BuildMessage<'_>),
) -> Result<(), BuildError> {
    target::ensure(root, progress)?;
    if packages.is_empty() {
        return Ok(());
    }
    build_for(root, target::TARGET, &["--release"], packages, progress)
}

/// Builds packages for a target that is installed, with the flags that keep this machine out of the result. `profile` are the
/// arguments that name one.
pub(crate) fn build_for(
    root: &Path,
    target: &str,
    profile: &[&str],
    packages: &[String],
    progress: &mut dyn FnMut(BuildMessage<'_>),
) -> Result<(), BuildError> {
    let mut command = program("CARGO", "cargo");
    command.args(["build", "--target", target]).args(profile);
    // The manifest's `source` paths point there whatever the environment says.
    command.arg("--target-dir").arg(root.join("target"));
    command.args(packages.iter().flat_map(|package| ["--package", package]));
    command
        .env("CARGO_ENCODED_RUSTFLAGS", flags::encoded(root, target)?)
        .env_remove("RUSTFLAGS")
        .envs(progress::VARIABLES)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(BuildError::Cargo)?;
    let mut lines = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        progress::read(BufReader::new(stderr), |message| {
            progress(message);
            if let BuildMessage::Line(line) = message {
                lines.push(line.to_owned());
            }
        });
    }
    if child.wait().map_err(BuildError::Cargo)?.success() {
        return Ok(());
    }
    let tail = lines.split_off(lines.len().saturating_sub(TAIL));
    Err(BuildError::Failed(tail.join("\n")))
}

/// A tool of the Rust toolchain, without the variables of the crate that is being run or tested. Inside `cargo run` and
/// `cargo test` the variable, such as `CARGO`, names the one that is running; elsewhere it is looked for by its name.
#[must_use]
pub fn program(variable: &str, name: &str) -> Command {
    let mut command = Command::new(std::env::var_os(variable).unwrap_or_else(|| name.into()));
    // Build scripts of others must not see them: to ring's a change of one is a reason to compile everything that stands on it anew.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}
