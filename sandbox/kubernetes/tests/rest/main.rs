//! The API server over HTTP, request by request.

mod access;
mod apply;
mod definitions;
mod deletion;
mod discovery;
mod faults;
mod formats;
mod lists;
mod objects;
mod patches;
mod persistence;
mod support;
mod watches;
