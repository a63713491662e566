//! The server over HTTP, with an ordinary client and the `git` program.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in helpers of tests too, a wrong assumption is a failed test"
)]

mod branches;
mod commits;
mod commits_errors;
mod concurrency;
mod conditions;
mod faults;
mod files;
mod git_http;
mod graphql;
mod guards;
mod identity;
mod merge_requests;
mod people;
mod projects;
mod server;
mod support;
mod tree;
