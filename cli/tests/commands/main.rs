//! The command line as people and programs use it: against the whole sandbox, in pipes and on a terminal.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and so may its helpers"
)]

mod adding;
mod applying;
mod completing;
mod delivering;
mod doctoring;
mod documents;
mod failing;
mod gateways;
mod interrupting;
mod leaving;
mod listing;
mod logins;
mod reaching;
mod real_cluster;
mod removing;
mod secrets;
mod settings;
mod support;
mod terminal;
mod waiting;
