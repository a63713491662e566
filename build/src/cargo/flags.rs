//! Flags of the compiler: they keep this machine out of what is built, so that the same sources give the same bytes in every folder,
//! and the calls of components short.

use super::{TARGET, TargetError, program};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Separator of flags in `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\u{1f}";

/// Numbers of functions and addresses in as many bytes as they need: the linker pads each to five otherwise, a twelfth of a
/// component. It wants no debug information, which the profile strips. An argument of wasm-ld, which no other linker knows.
const SHORT_NUMBERS: &str = "-Clink-arg=--compress-relocations";

/// The flags that the environment asks for, that one for components, then the folders that must not show up in messages of panics: of this
/// workspace, of cargo's downloads, of the standard library's sources where they are installed.
pub(super) fn encoded(root: &Path, target: &str) -> Result<OsString, TargetError> {
    let mut flags = from_environment();
    flags.extend(of_target(target).map(OsString::from));
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

/// The flag that only this target's linker knows.
fn of_target(target: &str) -> Option<&'static str> {
    (target == TARGET).then_some(SHORT_NUMBERS)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_linker_gets_the_arguments_that_it_knows() {
        let root = crate::workspace();
        for (target, is_known) in [(TARGET, true), ("x86_64-unknown-linux-musl", false)] {
            let flags = encoded(root, target).unwrap();
            let flags = flags.to_string_lossy();
            let flags: Vec<&str> = flags.split(SEPARATOR).collect();
            assert_eq!(flags.contains(&SHORT_NUMBERS), is_known, "{target}");
            let folder = format!("--remap-path-prefix={}=/nautes-clusters", root.display());
            assert!(flags.contains(&folder.as_str()), "{target}: {flags:?}");
        }
    }
}
