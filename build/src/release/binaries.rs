//! Static programs: the command line and the sandbox, for Linux on this machine's processor.

use super::{Files, sha256};
use crate::cargo::{BuildMessage, BuiltComponent, build_for, is_installed};
use crate::sbom::PackageGraph;
use anyhow::Context as _;
use std::path::Path;

/// Package and program.
const PROGRAMS: [(&str, &str); 2] = [
    ("nautes-clusters-cli", "nautes-clusters"),
    ("sandbox", "sandbox"),
];

/// The command line's profile, compiled for speed where the components' is for size. A panic ends one request of the sandbox, which
/// goes on: with `abort`, which the profile has of the components', it would end all of it.
const PROFILE: [&str; 4] = [
    "--profile",
    "cli",
    "--config",
    "profile.cli.panic=\"unwind\"",
];

/// Folder below the target's that cargo names after the profile.
const FOLDER: &str = "cli";

/// The static programs, or why there are none.
pub enum StaticBinaries {
    /// Below `bin/`, each with what it is made of.
    Built(Files),
    /// A sentence that says what this machine lacks.
    Lacking(String),
}

/// Builds them where Rust's target and a C compiler for it are there: three of the crates that are linked are C.
///
/// # Errors
/// Cargo fails.
pub fn static_binaries(
    root: &Path,
    progress: &mut dyn FnMut(BuildMessage<'_>),
) -> anyhow::Result<StaticBinaries> {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    if !is_installed(root, &target)? {
        let text =
            format!("no static programs: Rust's target is missing (rustup target add {target})");
        return Ok(StaticBinaries::Lacking(text));
    }
    let compiler = std::process::Command::new("musl-gcc")
        .arg("--version")
        .output();
    if compiler.is_err() {
        let text = "no static programs: musl-gcc is missing (Debian's package musl-tools)";
        return Ok(StaticBinaries::Lacking(text.to_owned()));
    }
    let names = PROGRAMS.map(|(package, _)| package.to_owned());
    build_for(root, &target, &PROFILE, &names, progress)?;
    let packages = PackageGraph::read(root, &target)?;
    let mut files = Files::new();
    for (package, program) in PROGRAMS {
        let path = root.join("target").join(&target).join(FOLDER).join(program);
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        let built = BuiltComponent {
            component: program.to_owned(),
            path,
            size: bytes.len() as u64,
        };
        let bill = packages.bill(&[package], &built, &sha256(&bytes));
        // As the sandbox looks for the command line, and people type it.
        let name = format!("bin/{program}");
        files.insert(
            format!("{name}.cdx.json"),
            format!("{bill:#}\n").into_bytes(),
        );
        files.insert(name, bytes);
    }
    Ok(StaticBinaries::Built(files))
}
