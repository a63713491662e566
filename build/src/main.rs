//! `cargo run -p build -- <command>`: see `--help`.

use anyhow::Context as _;
use build::cargo::{BuiltComponent, LIMIT, everything, output, print_lines, table};
use build::manifest::SpinManifest;
use build::release::{self, StaticBinaries};
use build::sbom::PackageGraph;
use build::{capabilities, self_contained, workspace};
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Builds the WebAssembly components of this workspace.
#[derive(Debug, Parser)]
#[command(version)]
struct BuildArguments {
    /// Another clone of this workspace to work on
    #[arg(long, default_value = workspace().as_os_str())]
    root: PathBuf,
    #[command(subcommand)]
    command: BuildCommand,
}

#[derive(Debug, Subcommand)]
enum BuildCommand {
    /// Build the components of spin.toml, as `cargo run` does before it starts
    Components,
    /// Build self-contained components into target/composed, for hosts that compose nothing, each with a
    /// software bill of materials (CycloneDX)
    Compose,
    /// Build and compose, and put everything that is handed out into a folder: components, an OCI image layout, what
    /// deploys it, static programs, bills of materials, checksums
    Release {
        /// A folder that is empty or not there
        out: PathBuf,
        /// Leave the static programs out, which take long to build
        #[arg(long)]
        without_binaries: bool,
    },
    /// Print what each component imports; fail when it is not what its row grants
    Imports,
}

fn main() -> ExitCode {
    let BuildArguments { root, command } = BuildArguments::parse();
    let result = match command {
        BuildCommand::Components => components(&root),
        BuildCommand::Compose => compose(&root),
        BuildCommand::Imports => imports(&root),
        BuildCommand::Release {
            out,
            without_binaries,
        } => release_into(&root, &out, !without_binaries),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn built(root: &Path) -> anyhow::Result<Vec<BuiltComponent>> {
    Ok(everything(root, &mut print_lines)?)
}

fn components(root: &Path) -> anyhow::Result<()> {
    let manifest = SpinManifest::load(&root.join("spin.toml"))?;
    build::cargo::components(root, &manifest, &mut print_lines)?;
    Ok(())
}

fn compose(root: &Path) -> anyhow::Result<()> {
    let built = built(root)?;
    let folder = root.join("target/composed");
    let composed = self_contained::compose_all(&output(root), &folder)?;
    println!("components\n{}", table(&built));
    println!("{}\n{}", folder.display(), table(&composed));
    bills(root, &composed)?;
    // The application in one component is large by itself: only what it is composed to counts.
    let parts = built
        .iter()
        .filter(|it| it.component != self_contained::APPLICATION);
    within(parts, LIMIT)?;
    within(composed.iter(), self_contained::LIMIT)
}

fn release_into(root: &Path, out: &Path, with_binaries: bool) -> anyhow::Result<()> {
    compose(root)?;
    let mut files = release::files(root)?;
    if with_binaries {
        match release::static_binaries(root, &mut print_lines)? {
            StaticBinaries::Built(programs) => files.extend(programs),
            StaticBinaries::Lacking(what) => eprintln!("{what}"),
        }
    }
    release::write(&files, out)?;
    println!(
        "{}: {} files, and {}",
        out.display(),
        files.len(),
        release::CHECKSUMS
    );
    Ok(())
}

fn bills(root: &Path, composed: &[BuiltComponent]) -> anyhow::Result<()> {
    let packages = PackageGraph::read(root, build::cargo::TARGET)?;
    for (recipe, built) in self_contained::RECIPES.iter().zip(composed) {
        let roots: Vec<&str> = recipe
            .plugs
            .iter()
            .chain([&recipe.function])
            .copied()
            .collect();
        let bytes = std::fs::read(&built.path).with_context(|| built.path.display().to_string())?;
        let bill = packages.bill(&roots, built, &release::sha256(&bytes));
        let path = built.path.with_extension("cdx.json");
        std::fs::write(&path, format!("{bill:#}\n")).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn within<'a>(
    mut built: impl Iterator<Item = &'a BuiltComponent>,
    limit: u64,
) -> anyhow::Result<()> {
    built.try_for_each(|BuiltComponent { path, size, .. }| {
        anyhow::ensure!(
            *size <= limit,
            "{} has {size} bytes, more than {limit}",
            path.display()
        );
        Ok(())
    })
}

fn imports(root: &Path) -> anyhow::Result<()> {
    let mut excess = Vec::new();
    for BuiltComponent {
        component, path, ..
    } in built(root)?
    {
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        let imports = capabilities::of(&bytes).with_context(|| component.clone())?;
        println!("{component}");
        imports.iter().for_each(|import| println!("    {import}"));
        excess.extend(capabilities::judge(&component, &imports));
    }
    let excess: Vec<String> = excess.iter().map(ToString::to_string).collect();
    anyhow::ensure!(excess.is_empty(), "{}", excess.join("\n"));
    Ok(())
}
