//! Tests of the rendered files: how they look, and what holds for all of them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and so may its helpers"
)]

mod build;
mod catalog;
mod determinism;
mod fixtures;
mod hostile;
mod installs;
mod list;
mod names;
mod objects;
mod projects;
mod reference;
mod repository;
mod schemas;
mod sequences;
mod shared;
mod snapshots;
mod states;
