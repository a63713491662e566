//! The compilation target of components.

use super::{BuildMessage, program};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// WebAssembly components.
pub const TARGET: &str = "wasm32-wasip2";

/// Why Rust can't build components.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The target is missing and could not be added.
    #[error(
        "Rust's target {TARGET} is missing: run `rustup target add {TARGET}`, or install it the way Rust was installed"
    )]
    Missing,
    /// The compiler can't be run.
    #[error("cannot run rustc: is Rust installed?")]
    NoCompiler(#[source] std::io::Error),
}

/// Adds the target when it is missing. A `rust-toolchain.toml` does not do that where rustup's
/// automatic installation is switched off, or where Rust does not come from rustup.
pub(super) fn ensure(
    root: &Path,
    progress: &mut dyn FnMut(BuildMessage<'_>),
) -> Result<(), TargetError> {
    if is_installed(root, TARGET)? {
        return Ok(());
    }
    let line = format!("adding Rust's target {TARGET}");
    progress(BuildMessage::Line(&line));
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .current_dir(root)
        .stdin(Stdio::null())
        .output();
    match added {
        Ok(output) if output.status.success() && is_installed(root, TARGET)? => Ok(()),
        _ => Err(TargetError::Missing),
    }
}

/// Asks the compiler for the target's standard library.
pub(crate) fn is_installed(root: &Path, target: &str) -> Result<bool, TargetError> {
    let mut command = program("RUSTC", "rustc");
    let output = command
        .args(["--print", "target-libdir", "--target", target])
        .current_dir(root)
        .output();
    let output = output.map_err(TargetError::NoCompiler)?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    Ok(output.status.success() && folder.is_dir())
}
