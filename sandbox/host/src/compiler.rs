//! The WebAssembly engine, and what it has compiled.

use crate::runtime::{EngineSettings, engine, tick};
use anyhow::Context as _;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wasmtime::Engine;
use wasmtime::component::Component;

/// An engine that keeps what it compiles, by content. Clones share both, so that hosts that are
/// started one after the other with clones of one compiler compile each component once.
#[derive(Clone)]
pub struct ComponentCompiler(Arc<CompilerState>);

struct CompilerState {
    settings: EngineSettings,
    engine: OnceLock<Engine>,
    components: Mutex<HashMap<Vec<u8>, Slot>>,
}

/// Filled by the first who needs the component, while the others wait.
type Slot = Arc<Mutex<Option<Component>>>;

impl Default for ComponentCompiler {
    fn default() -> Self {
        Self::new(EngineSettings {
            pooling: true,
            cache: None,
        })
    }
}

impl ComponentCompiler {
    /// Also keeps what it compiles in a folder, for the next process. The folder is made when it
    /// does not exist; it must be one that nobody else can write to.
    #[must_use]
    pub fn cached(folder: impl Into<PathBuf>) -> Self {
        Self::new(EngineSettings {
            pooling: true,
            cache: Some(folder.into()),
        })
    }

    /// Takes memory for each instance from the system instead of from a pool: slower to
    /// instantiate, without the address space that a pool reserves.
    #[must_use]
    pub fn without_pool() -> Self {
        Self::new(EngineSettings {
            pooling: false,
            cache: None,
        })
    }

    fn new(settings: EngineSettings) -> Self {
        let components = Mutex::new(HashMap::new());
        Self(Arc::new(CompilerState {
            settings,
            engine: OnceLock::new(),
            components,
        }))
    }

    pub(crate) fn engine(&self) -> anyhow::Result<&Engine> {
        if let Some(engine) = self.0.engine.get() {
            return Ok(engine);
        }
        let engine = engine(&self.0.settings)
            .map_err(anyhow::Error::from)
            .context("the WebAssembly engine can't be made")?;
        tick(&engine).context("no thread can be started")?;
        Ok(self.0.engine.get_or_init(|| engine))
    }

    /// Blocks while the component is compiled, here or by another thread.
    pub(crate) fn compile(&self, bytes: &[u8]) -> anyhow::Result<Component> {
        let engine = self.engine()?;
        let slot = Arc::clone(lock(&self.0.components).entry(bytes.to_vec()).or_default());
        let mut slot = lock(&slot);
        if let Some(component) = &*slot {
            return Ok(component.clone());
        }
        let component = Component::new(engine, bytes)?;
        *slot = Some(component.clone());
        Ok(component)
    }
}

/// Locks, also after a panic: what it left behind is whole, as values are put in last.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
