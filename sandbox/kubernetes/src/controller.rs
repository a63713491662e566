//! Controllers that run beside the server and act on its objects.

use std::fmt;
use std::pin::Pin;

use crate::store::ObjectStore;

/// A controller, such as Argo CD's stand-in.
pub trait Controller: fmt::Debug + Send + Sync {
    /// Works until dropped, which happens when the server stops.
    fn run(&self, store: ObjectStore) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}
