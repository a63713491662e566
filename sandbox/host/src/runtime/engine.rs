//! The WebAssembly engine and the imports that it satisfies.

use super::data::InstanceData;
use super::variables;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wasmtime::component::Linker;
use wasmtime::{
    Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig,
};

/// Time that a component computes before others get their turn. Short enough that a busy component
/// delays others little, long enough that switching costs nothing.
const EPOCH: Duration = Duration::from_millis(10);

/// Instances that the pool has room for, and the memories of one: a component, its dependencies,
/// and what denies them their surroundings. A pool of this size reserves 10 TiB of addresses, of the
/// 128 TiB that a process has.
const INSTANCES: u32 = 500;
const MEMORIES: u32 = 5;

/// Core instances of one component: those with a memory, and the shims between them.
const CORE_INSTANCES: u32 = 20;

/// Settings of an engine.
pub(crate) struct EngineSettings {
    pub(crate) pooling: bool,
    /// A folder for compiled components.
    pub(crate) cache: Option<PathBuf>,
}

/// An engine for components with concurrency. The pool of instances is left out where the machine
/// limits address space (`ulimit -v`, small containers).
pub(crate) fn engine(settings: &EngineSettings) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    config.epoch_interruption(true);
    config.cache(settings.cache.as_deref().map(cache).transpose()?);
    let without_pool = config.clone();
    if settings.pooling {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    }
    Engine::new(&config).or_else(|_| Engine::new(&without_pool))
}

fn cache(folder: &Path) -> wasmtime::Result<Cache> {
    let mut config = CacheConfig::new();
    config.with_directory(std::path::absolute(folder)?);
    Cache::new(config)
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(INSTANCES);
    pool.total_core_instances(INSTANCES * CORE_INSTANCES);
    pool.total_memories(INSTANCES * MEMORIES);
    pool.total_tables(INSTANCES * CORE_INSTANCES);
    pool.total_stacks(INSTANCES);
    pool.max_component_instance_size(1 << 20);
    pool
}

/// All imports that components may have: WASI 0.2 (Rust's standard library uses it), WASI 0.3 with
/// HTTP, and Spin's variables.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<InstanceData>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    variables::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// Ends epochs as time passes, for as long as the engine exists. A thread, because a component that
/// computes may hold all threads of the asynchronous runtime.
pub(crate) fn tick(engine: &Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    let ticking = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(EPOCH);
        }
    };
    std::thread::Builder::new()
        .name("epochs".to_owned())
        .spawn(ticking)
        .map(drop)
}
