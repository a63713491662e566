//! The Kubernetes REST API, without IO.
//!
//! Requests are values: every method of [`ClusterApi`] returns an [`http::Request`] with an absolute URI and
//! all headers. Answers are read by pure functions.
//!
//! Own code, because `kube-core` with `k8s-openapi` adds 478 KiB to a component for one request, and its
//! URIs lack the server.

pub mod api;
pub mod error;
pub mod kind;
pub mod parse;
pub mod text;
pub mod token;
pub mod watch;

pub use api::{ApiServerUrlError, ClusterApi, FIELD_MANAGER};
pub use error::{Error, FieldConflict, InvalidField, Verb, WriteConflict};
pub use kind::{Kind, Target};
pub use parse::{parse, parse_list};
pub use token::{BearerToken, BearerTokenError};
pub use watch::{WatchEvent, WatchEventKind, WatchReader};
