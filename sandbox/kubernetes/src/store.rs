//! All objects, in memory: revisions, the history that watches read, and the file they are kept in.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

mod access;
mod history;
mod persistence;
mod state;

pub use history::{ChangeKind, ChangesSince, ObjectChange};
pub use persistence::PersistenceError;
pub(crate) use persistence::write_private;
pub use state::StoreState;

/// The objects of one server. Clones share them.
#[derive(Debug, Clone)]
pub struct ObjectStore {
    shared: Arc<SharedStore>,
}

#[derive(Debug)]
struct SharedStore {
    state: Mutex<StoreState>,
    revision: watch::Sender<u64>,
    file: PathBuf,
}

impl ObjectStore {
    /// Reads the file, or starts empty where there is none.
    pub fn open(file: PathBuf) -> Result<Self, PersistenceError> {
        let state = persistence::load(&file)?;
        let revision = watch::Sender::new(state.revision());
        Ok(Self {
            shared: Arc::new(SharedStore {
                state: Mutex::new(state),
                revision,
                file,
            }),
        })
    }

    fn lock(&self) -> MutexGuard<'_, StoreState> {
        // A panic elsewhere leaves complete objects behind: every change is one map insertion.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the state; nobody writes meanwhile.
    pub fn read<R>(&self, look: impl FnOnce(&StoreState) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the state as one step, lets the garbage collector follow, and wakes the watches.
    pub fn write<R>(&self, change: impl FnOnce(&mut StoreState) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        crate::collector::collect(&mut state);
        let revision = state.revision();
        drop(state);
        self.shared
            .revision
            .send_if_modified(|known| std::mem::replace(known, revision) != revision);
        result
    }

    /// Tells when there is a newer revision.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.revision.subscribe()
    }

    /// Writes the file now.
    pub fn save(&self) -> Result<(), PersistenceError> {
        let content = self.read(persistence::encode);
        persistence::write(&self.shared.file, &content)
    }
}
