//! From files to components that can be instantiated.

use super::rights::SharedRights;
use crate::compiler::ComponentCompiler;
use crate::compose::compose_component;
use crate::manifest::SpinManifest;
use crate::runtime::{ComponentWorker, InstanceData, linker};
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::Path;
use wasmtime::component::Linker;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// Composes and compiles all components with a trigger, at the same time.
pub(super) async fn load(
    manifest: &SpinManifest,
    rights: &SharedRights<'_>,
) -> anyhow::Result<BTreeMap<String, ComponentWorker>> {
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
        workers.insert(id.to_owned(), ComponentWorker::new(prepared));
    }
    Ok(workers)
}

fn compile(
    compiler: &ComponentCompiler,
    linker: &Linker<InstanceData>,
    bytes: &[u8],
) -> anyhow::Result<ServicePre<InstanceData>> {
    let component = compiler.compile(bytes)?;
    Ok(ServicePre::new(linker.instantiate_pre(&component)?)?)
}
