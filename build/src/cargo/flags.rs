//! Flags of the compiler for the components: they keep this machine out of them, so that the same sources give the same bytes in
//! every folder, and their calls short.

use super::{TargetError, program};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Separator of flags in `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\u{1f}";

/// Numbers of functions and addresses in as many bytes as they need: the linker pads each to five otherwise, a twelfth of a
/// component. It wants no debug information, which the profile strips.
const SHORT_NUMBERS: &str = "-Clink-arg=--compress-relocations";

/// The flags that the environment asks for, that one, then the folders that must not show up in messages of panics: of this
/// workspace, of cargo's downloads, of the standard library's sources where they are installed.
pub(super) fn encoded(root: &Path) -> Result<OsString, TargetError> {
    let mut flags = from_environment();
    flags.push(SHORT_NUMBERS.into());
    let (library, name) = standard_library(root)?;
    let folders = [
        (root.to_owned(), "/nautes-clusters".to_owned()),
        (cargo_home(root), "/cargo".to_owned()),
        (library, name),
    ];
    for (folder, name) in folders {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(folder);
        flag.push("=");
        flag.push(name);
        flags.push(flag);
    }
    Ok(flags.join(SEPARATOR.as_ref()))
}

fn from_environment() -> Vec<OsString> {
    let flags = |name: &str, separator: &str| {
        let value = std::env::var(name).ok()?;
        let flags = value.split(separator).filter(|it| !it.is_empty());
        Some(flags.map(OsString::from).collect())
    };
    flags("CARGO_ENCODED_RUSTFLAGS", SEPARATOR)
        .or_else(|| flags("RUSTFLAGS", " "))
        .unwrap_or_default()
}

fn cargo_home(root: &Path) -> PathBuf {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    // A relative one is relative to where cargo runs.
    home.map(|it| root.join(it))
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")))
        .unwrap_or_default()
}

/// Where the sources of the standard library may be, and what the compiler calls them where they are not.
fn standard_library(root: &Path) -> Result<(PathBuf, String), TargetError> {
    let ask = |arguments: &[&str]| {
        let mut command = program("RUSTC", "rustc");
        let output = command.args(arguments).current_dir(root).output();
        let output = output.map_err(TargetError::NoCompiler)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let folder = ask(&["--print", "sysroot"])?;
    let version = ask(&["--version", "--verbose"])?;
    let commit = version
        .lines()
        .find_map(|line| line.strip_prefix("commit-hash: "))
        .unwrap_or("unknown");
    let sources = Path::new(folder.trim()).join("lib/rustlib/src/rust");
    Ok((sources, format!("/rustc/{commit}")))
}
