//! Controllers that run beside the server and act on its objects.

use std::fmt;
use std::pin::Pin;

use crate::store::Store;

/// A controller, such as Argo CD's stand-in.
pub trait Controller: fmt::Debug + Send + Sync {
    /// Works until dropped, which happens when the server stops.
    fn run(&self, store: Store) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}
