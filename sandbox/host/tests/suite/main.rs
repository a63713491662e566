//! The host under real components: see `../fixtures` for what they do.
#![cfg(test)]

mod adapter;
mod answers;
mod chaining;
mod composition;
mod failures;
mod manifests;
mod origin;
mod outgoing;
mod reuse;
mod server;
mod support;
mod tls;
mod variables;
