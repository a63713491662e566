//! State that an instance carries with it.

use super::stdio::InstanceStdio;
use super::worker::PreparedComponent;
use crate::log::LogSource;
use crate::outbound::OutboundAccess;
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// The state of one instance's store.
pub(crate) struct InstanceData {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    outbound: OutboundAccess,
    pub(super) variables: Arc<BTreeMap<String, String>>,
}

impl InstanceData {
    /// No files, no sockets, no arguments: only the environment of the manifest and two streams.
    pub(super) fn new(component: &PreparedComponent) -> Self {
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(InstanceStdio::new(LogSource::Stdout, &component.log));
        wasi.stderr(InstanceStdio::new(LogSource::Stderr, &component.log));
        for (name, value) in &component.environment {
            wasi.env(name, value);
        }
        Self {
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            outbound: component.outbound.clone(),
            variables: Arc::clone(&component.variables),
        }
    }
}

impl WasiView for InstanceData {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for InstanceData {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outbound,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}
