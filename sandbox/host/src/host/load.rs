//! From files to components that can be instantiated.

use super::rights::Rights;
use crate::compiler::Compiler;
use crate::compose::{Part, deny, satisfy};
use crate::manifest::{Component, Implementation, Manifest};
use crate::runtime::{Data, Worker, linker};
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::Path;
use wasmtime::component::Linker;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// Composes and compiles all components with a trigger, at the same time.
pub(super) async fn load(
    manifest: &Manifest,
    rights: &Rights<'_>,
) -> anyhow::Result<BTreeMap<String, Worker>> {
    let folder = rights.options.manifest.parent().unwrap_or(Path::new(""));
    let linker = linker(rights.options.compiler.engine()?)?;
    let mut compiling = Vec::new();
    for (id, component) in manifest.served() {
        let bytes = compose(manifest, component, folder);
        let bytes = bytes.with_context(|| format!("component `{id}`"))?;
        let (compiler, linker) = (rights.options.compiler.clone(), linker.clone());
        let service = tokio::task::spawn_blocking(move || compile(&compiler, &linker, &bytes));
        compiling.push((id, component, service));
    }
    let mut workers = BTreeMap::new();
    for (id, component, service) in compiling {
        let prepared = service
            .await?
            .and_then(|service| rights.grant(id, component, service));
        let prepared = prepared.with_context(|| format!("component `{id}`"))?;
        workers.insert(id.to_owned(), Worker::new(prepared));
    }
    Ok(workers)
}

fn compile(
    compiler: &Compiler,
    linker: &Linker<Data>,
    bytes: &[u8],
) -> anyhow::Result<ServicePre<Data>> {
    let component = compiler.compile(bytes)?;
    Ok(ServicePre::new(linker.instantiate_pre(&component)?)?)
}

/// A component with its dependencies, which have no more rights than they inherit.
fn compose(manifest: &Manifest, component: &Component, folder: &Path) -> anyhow::Result<Vec<u8>> {
    let socket = read(&folder.join(&component.source))?;
    if component.dependencies.is_empty() {
        return Ok(socket);
    }
    let mut plugs = Vec::new();
    for (name, dependency) in &component.dependencies {
        let source = match &dependency.implementation {
            Implementation::Path(path) => path,
            Implementation::Component(id) => {
                &manifest
                    .component
                    .get(id)
                    .context("a component that exists")?
                    .source
            }
        };
        let bytes = read(&folder.join(source))?;
        let bytes = deny(&bytes, &component.inherited(dependency))
            .with_context(|| format!("dependency `{name}`"))?;
        plugs.push((name, dependency.export.as_deref(), bytes));
    }
    let parts: Vec<_> = plugs
        .iter()
        .map(|(name, export, bytes)| Part {
            name,
            export: *export,
            bytes,
        })
        .collect();
    Ok(satisfy(&socket, &parts)?)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}: is it built?", path.display()))
}
