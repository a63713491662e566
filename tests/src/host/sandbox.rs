//! The sandbox's host.

use super::Variable;
use crate::log::Log;
use ::sandbox::options::workspace;
use sandbox_host::{ComponentCompiler, ComponentHost, LogLine};
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// One for all tests: each component is compiled once.
static COMPILER: LazyLock<ComponentCompiler> =
    LazyLock::new(|| ComponentCompiler::cached(workspace().join("target/compiled")));

/// Starts the application of this workspace.
pub(super) async fn start(variables: &[Variable<'_>], log: &Log) -> ComponentHost {
    sandbox(&workspace().join("spin.toml"), variables, log).await
}

/// Starts the application of a manifest under the sandbox's host. Its components are built where they
/// are not up to date.
///
/// # Panics
/// When it does not start.
pub async fn sandbox(manifest: &Path, variables: &[Variable<'_>], log: &Log) -> ComponentHost {
    sandbox_with(&COMPILER, manifest, variables, log).await
}

/// The same with an engine of its own.
///
/// # Panics
/// When it does not start.
pub async fn sandbox_with(
    compiler: &ComponentCompiler,
    manifest: &Path,
    variables: &[Variable<'_>],
    log: &Log,
) -> ComponentHost {
    let log = log.clone();
    let variables = variables.iter();
    let options = sandbox_host::HostOptions {
        compiler: compiler.clone(),
        variables: variables
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        log: Arc::new(move |line: LogLine| log.push(&format!("{}: {}", line.component, line.text))),
        ..sandbox_host::HostOptions::new(manifest, ::sandbox::ports::local(0))
    };
    let description = sandbox_host::SpinManifest::load(manifest).unwrap();
    build::cargo::components(workspace(), &description, &mut build::cargo::print_lines).unwrap();
    ComponentHost::start(options).await.unwrap()
}
