//! The WebAssembly engine and the imports that it satisfies.

use super::data::Data;
use super::variables;
use std::time::Duration;
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How long a component computes before others get their turn. Short enough that a busy component
/// delays others little, long enough that switching costs nothing.
const EPOCH: Duration = Duration::from_millis(10);

/// Slots of the pool. A composed component takes one memory per part; what this leaves is well
/// above the requests worked on at a time.
const POOL: u32 = 1000;

/// An engine for components with concurrency, with a pool of instances where the machine has the
/// address space for one.
pub(crate) fn engine() -> wasmtime::Result<Engine> {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    // A machine that limits address space (ulimit -v, small containers) can't have the pool.
    Engine::new(&config).or_else(|_| Engine::new(&self::config()))
}

fn config() -> Config {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    config.epoch_interruption(true);
    config
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(POOL);
    pool.total_core_instances(POOL * 8);
    pool.total_memories(POOL);
    pool.total_tables(POOL * 4);
    pool.total_stacks(POOL);
    pool.max_component_instance_size(1 << 20);
    pool
}

/// All imports that components may have: WASI 0.2 (Rust's standard library uses it), WASI 0.3 with
/// HTTP, and Spin's variables.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Data>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    variables::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// Ends epochs as time passes, until dropped.
pub(crate) struct Ticker(tokio::task::JoinHandle<()>);

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> Self {
        let engine = engine.weak();
        Self(tokio::spawn(async move {
            let mut ticks = tokio::time::interval(EPOCH);
            loop {
                ticks.tick().await;
                let Some(engine) = engine.upgrade() else {
                    return;
                };
                engine.increment_epoch();
            }
        }))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.abort();
    }
}
