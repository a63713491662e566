//! End-to-end tests of the components under the sandbox's host, or another one. One binary: it links the WebAssembly
//! runtime, which takes its time.

mod authorization;
mod command_line;
mod components;
mod console;
mod deploy;
mod fuel;
mod guides;
mod hints;
mod kustomize;
mod lifecycle;
mod manifest;
mod merge_requests;
mod observability;
mod outbound;
mod physical_deployment;
mod refusals;
mod release;
mod secrets;
mod self_contained;
mod watching;
