//! A local Kubernetes API server for development and tests: real enough for `kubectl` 1.30 and later.
//!
//! Objects live in memory and are kept in a file. Discovery, server-side apply with field managers, watches,
//! finalizers, garbage collection, access rules and error answers behave as the API server's.
//!
//! What differs from a real cluster, against which the same use cases run in `tests/real`:
//! - Built-in kinds have no schemas: their unknown fields are kept, their defaults are few. Definitions' schemas are
//!   judged by types, required fields, choices and patterns only.
//! - `managedFields` name leaves and list elements, not the structs between.
//! - No controllers but those that deletion and tokens need; those of deletion act at once, as part of the change
//!   they follow. Deployments get no Pods; a Job completes when a test patches its status.
//! - No admission, webhooks, CEL, conversion between versions but that of `apiVersion`; no subresources but `status`
//!   and a service account's `token`. Bodies and answers are JSON; applied configurations may be YAML.

mod access;
mod api;
mod builtin;
mod calls;
mod collector;
mod control;
mod controller;
mod data_dir;
mod discovery;
mod faults;
mod kinds;
mod kubernetes;
mod local_client;
mod managers;
pub mod object;
mod options;
mod patch;
mod preinstalled;
mod registry;
mod resource;
mod schema;
mod server;
mod state;
mod status;
mod store;
mod table;
mod token_controller;
mod validation;
mod write;

pub use api::LabelSelector;
pub use calls::KubernetesCall;
pub use controller::Controller;
pub use data_dir::DataError;
pub use faults::{FaultList, KubernetesFault, KubernetesFaultAction};
pub use kubernetes::{Kubernetes, KubernetesStartError};
pub use local_client::{Kind, LocalClient};
pub use options::{ADMIN, CallerIdentity, KubernetesOptions, PolicyRule};
pub use resource::split_api_version;
pub use status::StatusError;
pub use store::{ObjectStore, PersistenceError};
pub use write::DeletionPropagation;
