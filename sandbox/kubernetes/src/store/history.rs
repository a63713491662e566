//! Recent changes, for watches.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

use crate::resource::{GroupResource, ObjectKey};

/// Changes kept; a watch that falls further behind is told to start over.
const CAPACITY: usize = 10_000;

/// Kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// A new object.
    Added,
    /// New content.
    Modified,
    /// Removal.
    Deleted,
}

/// Change of an object.
#[derive(Debug, Clone)]
pub struct ObjectChange {
    /// Revision of the change.
    pub revision: u64,
    /// Group and plural of the object.
    pub resource: GroupResource,
    /// Namespace and name of the object.
    pub key: ObjectKey,
    /// Kind of the change.
    pub kind: ChangeKind,
    /// The object afterwards; its last state if it is gone.
    pub object: Arc<Value>,
    /// The object before.
    pub previous: Option<Arc<Value>>,
}

/// Answer to "what changed after this revision".
#[derive(Debug, Clone)]
pub enum ChangesSince {
    /// These changes, oldest first.
    Changes(Vec<ObjectChange>),
    /// The revision is older than the history.
    Expired {
        /// The oldest revision that can be asked for.
        oldest: u64,
    },
}

#[derive(Debug)]
pub(super) struct ChangeHistory {
    changes: VecDeque<ObjectChange>,
    oldest: u64,
}

impl ChangeHistory {
    pub(super) fn starting_at(revision: u64) -> Self {
        Self {
            changes: VecDeque::new(),
            oldest: revision,
        }
    }

    pub(super) fn push(&mut self, change: ObjectChange) {
        self.changes.push_back(change);
        while self.changes.len() > CAPACITY {
            if let Some(dropped) = self.changes.pop_front() {
                self.oldest = dropped.revision;
            }
        }
    }

    pub(super) fn since(&self, revision: u64) -> ChangesSince {
        if revision < self.oldest {
            return ChangesSince::Expired {
                oldest: self.oldest,
            };
        }
        let start = self
            .changes
            .partition_point(|change| change.revision <= revision);
        ChangesSince::Changes(self.changes.iter().skip(start).cloned().collect())
    }
}
