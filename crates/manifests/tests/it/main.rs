//! What the files look like, and what holds for all of them.

mod build;
mod determinism;
mod fixtures;
mod hostile;
mod objects;
mod reference;
mod repository;
mod sequences;
mod shared;
mod snapshots;
