//! From sources to WebAssembly components: reads `spin.toml`, runs cargo, composes, and says what a
//! component imports. Free of any WebAssembly runtime, so that `cargo run -p build` starts soon.

pub mod capabilities;
pub mod cargo;
pub mod compose;
pub mod manifest;
pub mod release;
pub mod sbom;
pub mod self_contained;

use std::path::Path;

/// The folder of the workspace this crate was built in.
#[must_use]
pub fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}
