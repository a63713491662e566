//! A local Kubernetes API server for development and tests: real enough for `kubectl` 1.30 and later.
//!
//! Objects live in memory and are kept in a file. Discovery, server-side apply with field managers, watches,
//! finalizers, garbage collection, access rules and error answers behave as the API server's.
//!
//! What differs from a real cluster:
//! - No controllers but those that deletion needs, and these act at once, as part of the change they follow.
//!   Deployments get no Pods; a Job completes when a test patches its status.
//! - No admission webhooks, no CEL rules, no conversion between versions but that of `apiVersion`.
//! - No subresources but `status`; namespaces cannot be finalized by hand.
//! - Protobuf is read, as kubectl sends it, but answers are JSON or YAML.
//! - `managedFields` of built-in kinds name a few empty parents more than Go's, whose structs are never absent.
//!
//! [`Argo`] is a stand-in for Argo CD, switched on by [`Options::argo`]; it installs nothing anywhere.

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
