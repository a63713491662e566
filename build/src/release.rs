//! Release for people who build nothing: one folder with the components, the application for registries, what deploys it, static
//! programs, what all of it is made of, and checksums.
//!
//! The same sources and the same Rust give the same bytes, as `.ci/reproducible` checks: nothing has a date, and no path of the
//! machine is in it.

mod binaries;
pub mod locked;
pub mod oci;

pub use binaries::{StaticBinaries, static_binaries};

use crate::cargo::BuiltComponent;
use crate::compose::{compose_component, imports};
use crate::manifest::SpinManifest;
use crate::sbom::PackageGraph;
use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// Path below the folder, with `/`, → content.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Name of the list of checksums, which `sha256sum --check` reads.
pub const CHECKSUMS: &str = "SHA256SUMS";

/// Files of the workspace that go along as they are, and folders with everything in them.
const ALONG: [&str; 4] = [
    "LICENSE",
    "deploy",
    "docs/openapi.json",
    // The request that the sandbox's first lines send.
    "tests/cases/requests/v0.4/physical-worker-deployment.json",
];

/// The manifest without the component `gateway`.
const DIRECT: &str = "deploy/spin/direct.toml";

/// Everything but static programs, from what is built and composed.
///
/// # Errors
/// Something is not built, or can't be read.
pub fn files(root: &Path) -> anyhow::Result<Files> {
    let mut files = application_files(root)?;
    composed(root, &mut files)?;
    for along in ALONG {
        add_all(root, along, &mut files)?;
    }
    let direct = std::fs::read_to_string(root.join(DIRECT))?;
    let direct = without_build(&direct, "../../components")?;
    files.insert(DIRECT.to_owned(), direct.into_bytes());
    Ok(files)
}

/// The application of `spin.toml`: with its components as they are, and as an OCI image layout.
///
/// # Errors
/// Something is not built, or can't be read.
pub fn application_files(root: &Path) -> anyhow::Result<Files> {
    let path = root.join("spin.toml");
    let manifest = SpinManifest::load(&path)?;
    let packages = PackageGraph::read(root, crate::cargo::TARGET)?;
    let mut files = Files::new();
    components(root, &manifest, &packages, &mut files)?;
    image(root, &manifest, &packages, &mut files)?;
    let text = std::fs::read_to_string(&path)?;
    files.insert(
        "spin.toml".to_owned(),
        without_build(&text, "components")?.into_bytes(),
    );
    Ok(files)
}

/// Every component of the manifest by itself, as Spin composes them at start.
fn components(
    root: &Path,
    manifest: &SpinManifest,
    packages: &PackageGraph,
    files: &mut Files,
) -> anyhow::Result<()> {
    for (id, component) in &manifest.component {
        let path = root.join(&component.source);
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        imports(&bytes)?;
        add_with_bill(packages, "components", id, &[id], bytes, files);
    }
    Ok(())
}

/// The application for registries.
fn image(
    root: &Path,
    manifest: &SpinManifest,
    packages: &PackageGraph,
    files: &mut Files,
) -> anyhow::Result<()> {
    let mut composed = BTreeMap::new();
    for (id, component) in manifest.served() {
        composed.insert(id.to_owned(), compose_component(manifest, component, root)?);
    }
    let digest = |bytes: &Vec<u8>| format!("sha256:{}", sha256(bytes));
    let digests = composed
        .iter()
        .map(|(id, bytes)| (id.clone(), digest(bytes)));
    let locked = locked::locked_application(manifest, &digests.collect());
    let layout = oci::layout(&manifest.application, composed.values(), &locked);
    let roots: Vec<&str> = manifest.component.keys().map(String::as_str).collect();
    let built = BuiltComponent {
        component: manifest.application.name.clone(),
        path: "oci".into(),
        size: 0,
    };
    let digest = layout.digest.trim_start_matches("sha256:");
    let bill = packages.bill(&roots, &built, digest);
    files.insert(
        "oci.cdx.json".to_owned(),
        format!("{bill:#}\n").into_bytes(),
    );
    let layout = layout.files.into_iter();
    files.extend(layout.map(|(path, bytes)| (format!("oci/{path}"), bytes)));
    Ok(())
}

/// Files that `compose` has written: components for hosts that compose nothing, with their bills.
fn composed(root: &Path, files: &mut Files) -> anyhow::Result<()> {
    for recipe in crate::self_contained::RECIPES {
        for extension in ["wasm", "cdx.json"] {
            let name = format!("{}.{extension}", recipe.function);
            let path = root.join("target/composed").join(&name);
            let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            files.insert(format!("composed/{name}"), bytes);
        }
    }
    Ok(())
}

/// Adds a file and, beside it, what it is made of.
fn add_with_bill(
    packages: &PackageGraph,
    folder: &str,
    name: &str,
    roots: &[&str],
    bytes: Vec<u8>,
    files: &mut Files,
) {
    let built = BuiltComponent {
        component: name.to_owned(),
        path: folder.into(),
        size: bytes.len() as u64,
    };
    let bill = packages.bill(roots, &built, &sha256(&bytes));
    let bill = format!("{bill:#}\n").into_bytes();
    files.insert(format!("{folder}/{name}.cdx.json"), bill);
    files.insert(format!("{folder}/{name}.wasm"), bytes);
}

/// Adds a file of the workspace, or a folder with everything in it.
fn add_all(root: &Path, name: &str, files: &mut Files) -> anyhow::Result<()> {
    let path = root.join(name);
    if !path.is_dir() {
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        files.insert(name.to_owned(), bytes);
        return Ok(());
    }
    for entry in std::fs::read_dir(&path)? {
        let entry = entry?.file_name();
        add_all(root, &format!("{name}/{}", entry.to_string_lossy()), files)?;
    }
    Ok(())
}

/// A manifest whose components lie in a folder and are not built.
fn without_build(text: &str, folder: &str) -> anyhow::Result<String> {
    let mut manifest: toml::Table = text.parse()?;
    let components = manifest
        .get_mut("component")
        .and_then(toml::Value::as_table_mut);
    for (id, component) in components.into_iter().flatten() {
        if let Some(component) = component.as_table_mut() {
            component.remove("build");
            let source = format!("{folder}/{id}.wasm");
            component.insert("source".to_owned(), source.into());
        }
    }
    Ok(toml::to_string_pretty(&manifest)?)
}

/// The checksums of all files, in the order of their paths.
#[must_use]
pub fn checksums(files: &Files) -> String {
    let lines = files.iter();
    lines
        .map(|(path, bytes)| format!("{}  {path}\n", sha256(bytes)))
        .collect()
}

/// Writes the files and their checksums into a folder that is empty or not there.
///
/// # Errors
/// The folder holds something, or can't be written.
pub fn write(files: &Files, folder: &Path) -> anyhow::Result<()> {
    let is_empty = std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    anyhow::ensure!(is_empty, "{} is not empty", folder.display());
    let checksums = checksums(files).into_bytes();
    let all = files.iter().map(|(path, bytes)| (path.as_str(), bytes));
    for (path, bytes) in all.chain([(CHECKSUMS, &checksums)]) {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        std::fs::write(&path, bytes).with_context(|| path.display().to_string())?;
        set_mode(&path)?;
    }
    Ok(())
}

/// Programs can be run.
fn set_mode(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    if path.parent().is_some_and(|folder| folder.ends_with("bin")) && path.extension().is_none() {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// SHA-256 in hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
