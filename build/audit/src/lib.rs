//! List of the packages that a component is linked from, in the component itself: a custom section `.dep-v0` in the format of
//! cargo-auditable (JSON, compressed by zlib), which `cargo audit bin`, `wasm-tools metadata show` and scanners of container images read.
//! `cargo auditable build` would do the same; a build script does it wherever cargo does, so also under `spin build`.

mod tree;

pub use tree::parse;

use anyhow::Context as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// For the build script of a component, whose sources then say
/// `include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));`.
///
/// # Errors
/// Cargo can't tell what the package depends on, or the file can't be written.
pub fn record() -> anyhow::Result<()> {
    let variable = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
    // What is linked changes with these alone.
    let folder = variable("CARGO_MANIFEST_DIR")?;
    let root = Path::new(&folder)
        .ancestors()
        .nth(2)
        .unwrap_or(Path::new("."));
    for file in ["Cargo.lock", "Cargo.toml"] {
        println!("cargo:rerun-if-changed={}", root.join(file).display());
    }
    println!("cargo:rerun-if-changed={folder}/Cargo.toml");
    let output = Command::new(variable("CARGO")?)
        .args(["tree", "--locked", "--prefix", "depth", "--format", "{p}"])
        .args(["--edges", "normal,no-proc-macro"])
        .args(["--package", &variable("CARGO_PKG_NAME")?])
        .args(["--target", &variable("TARGET")?])
        .output()
        .context("cannot run cargo")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "cargo tree failed: {said}");
    let section = section(&String::from_utf8(output.stdout)?)?;
    let path = Path::new(&variable("OUT_DIR")?).join("dependencies.rs");
    std::fs::write(&path, source(&section)).with_context(|| path.display().to_string())
}

/// The section's content.
fn section(tree: &str) -> anyhow::Result<Vec<u8>> {
    let json = serde_json::to_vec(&parse(tree)?)?;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&json)?;
    Ok(encoder.finish()?)
}

/// On WebAssembly a static with a section of its own is a custom section.
fn source(section: &[u8]) -> String {
    let length = section.len();
    format!(
        "#[cfg(target_family = \"wasm\")]\n\
         #[allow(unsafe_code, reason = \"a section's name\")]\n\
         #[used]\n\
         #[unsafe(link_section = \".dep-v0\")]\n\
         static DEPENDENCIES: [u8; {length}] = {section:?};\n"
    )
}
