//! A local Kubernetes API server for development and tests: real enough for `kubectl` 1.30 and later.
//!
//! Objects live in memory and are kept in a file. Discovery, server-side apply with field managers, watches,
//! finalizers, garbage collection, access rules and error answers behave as the API server's. There are no
//! controllers but those that deletion needs, no admission webhooks and no CEL rules.

mod access;
mod api;
mod argo_stand_in;
mod builtin;
mod calls;
mod collector;
mod control;
mod data_dir;
mod discovery;
mod faults;
mod fields;
mod kinds;
mod kubernetes;
mod managed_fields;
mod object;
mod options;
mod patch;
mod preinstalled;
mod protobuf;
mod registry;
mod resource;
mod schema;
mod server;
mod state;
mod status;
mod store;
mod table;
mod typed;
mod validation;
mod write;

pub use argo_stand_in::{Argo, Behaviour};
pub use calls::Call;
pub use data_dir::DataError;
pub use faults::{Fault, FaultAction, Faults};
pub use kubernetes::{Kubernetes, StartError};
pub use options::{ADMIN, ArgoStandIn, Identity, Options, Rule};
pub use store::{PersistenceError, Store};
