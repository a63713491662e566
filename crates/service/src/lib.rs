//! The use cases: save, delete and read clusters, and what goes with them: settings, routing, problems.
//!
//! Generic over IO ([`runtime`]), so that the same code runs in the components, under test and in
//! benchmarks.

pub mod change;
mod delete;
pub mod delivery;
mod diff;
mod dry_run;
pub mod function_prefix;
pub mod gateway;
pub mod incoming;
mod known_callers;
mod leftovers;
mod list;
pub mod log;
pub mod management;
pub mod operation;
pub mod paths;
pub mod problem;
mod proposals;
mod read;
pub mod ready;
pub mod repository;
pub mod request_log;
pub mod response;
pub mod runtime;
mod save;
pub mod settings;
pub mod snapshot;
mod sync;
mod timed;
pub mod timing;
pub mod trace;
pub mod view;
pub mod watch;

pub use delete::{Deleted, delete};
pub use known_callers::KnownCallers;
pub use list::{ClusterStream, list};
pub use read::read;
pub use save::{Saved, save};
pub use watch::{Seats, Watch, watch};
