//! The use cases: save, delete and read clusters, and what goes with them: settings, routing, problems.
//!
//! Generic over IO ([`ports`]), so that the same code runs in the components, under test and in
//! benchmarks.

pub mod answer;
pub mod call;
pub mod change;
mod delete;
pub mod delivery;
mod diff;
pub mod direct;
mod dry_run;
pub mod gateway;
pub mod journal;
pub mod log;
pub mod management;
pub mod operation;
pub mod paths;
pub mod ports;
pub mod problem;
mod read;
mod ready;
pub mod repository;
mod save;
pub mod settings;
pub mod state;
mod sync;
mod timed;
pub mod timing;
pub mod trace;
pub mod watch;

pub use delete::{Deleted, delete};
pub use read::read;
pub use save::{Saved, save};
pub use watch::{Watch, watch};
