//! The management cluster over the Kubernetes REST API, without IO.
//!
//! Requests are values: every method of [`Api`] returns an [`http::Request`] with an absolute URI and
//! all headers. Answers are read by pure functions. [`objects`] says what an install consists of,
//! [`plan`] in which order it is put into the management cluster and taken out again, and [`status`]
//! what has become of it.
//!
//! Own code, because `kube-core` with `k8s-openapi` adds 478 KiB to a component for one request, its
//! URIs lack the server, and the generated types for Argo CD lose the fields that matter here.
//! [`serde_json::Value`] is enough for a dozen kinds of objects.

pub mod api;
pub mod dependants;
pub mod error;
pub mod kind;
pub mod names;
pub mod objects;
pub mod parse;
pub mod plan;
pub mod progress;
pub mod status;
pub mod token;

mod text;
mod time;

#[cfg(test)]
mod fixtures;

pub use api::{Api, FIELD_MANAGER, UrlError};
pub use error::{Cause, Conflict, Error, FieldConflict, Verb};
pub use kind::{Kind, Target};
pub use parse::{parse, parse_list};
pub use plan::{Change, Step};
pub use status::{Phase, Status};
pub use token::{Token, TokenError};
