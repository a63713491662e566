//! Our objects in the management cluster: their names, in which order they are put there and taken out
//! again, and what Argo CD has made of them.
//!
//! Requests and answers are the [`kubernetes`] crate's; nothing here does IO. [`serde_json::Value`] is
//! enough for a dozen kinds of objects: the generated types for Argo CD lose the fields that matter here.

pub mod dependants;
mod fingerprint;
pub mod names;
pub mod objects;
pub mod ownership;
pub mod plan;
pub mod progress;
pub mod status;

mod text;
mod time;

#[cfg(test)]
mod fixtures;

pub use fingerprint::{fingerprint, is_fingerprint_of};
pub use plan::{Change, Step};
