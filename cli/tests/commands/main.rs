//! The command line as people and programs use it: against the whole sandbox, in pipes and on a terminal.

mod adding;
mod applying;
mod doctoring;
mod gateways;
mod listing;
mod removing;
mod secrets;
mod settings;
mod support;
mod terminal;
