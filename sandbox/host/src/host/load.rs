//! From files to components that can be instantiated.

use super::rights::Rights;
use crate::compiler::Compiler;
use crate::compose::compose_component;
use crate::manifest::Manifest;
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
        let bytes = compose_component(manifest, component, folder);
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
