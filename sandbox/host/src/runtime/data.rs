//! State that an instance carries with it.

use super::stdio::Stdio;
use super::worker::Prepared;
use crate::log::Source;
use crate::outbound::Outbound;
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// The state of one instance's store.
pub(crate) struct Data {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    outbound: Outbound,
    pub(super) variables: Arc<BTreeMap<String, String>>,
}

impl Data {
    /// No files, no sockets, no arguments: only the environment of the manifest and two streams.
    pub(super) fn new(component: &Prepared) -> Self {
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(Stdio::new(Source::Stdout, &component.log));
        wasi.stderr(Stdio::new(Source::Stderr, &component.log));
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

impl WasiView for Data {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Data {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outbound,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}
