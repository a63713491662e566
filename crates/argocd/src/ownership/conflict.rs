//! Conflicts of a save with objects of the management cluster.

use kubernetes::kind::Target;

/// An object of the management cluster that a save would have to overwrite, and may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnershipConflict {
    /// The object. Boxed, as errors are small.
    pub target: Box<Target>,
    /// The cluster of ours that it belongs to, where it does.
    pub cluster: Option<String>,
    /// Why it stands against the save.
    pub reason: ConflictReason,
    /// True where `adopt=true` takes the object over.
    pub adoptable: bool,
}

/// Why an object stands against a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictReason {
    /// The object is for the same API server.
    Server,
    /// The object has the same name.
    Name,
    /// The object is being deleted, ours or not: Kubernetes would take what is written to it now.
    Removal,
}
