//! The whole system on one machine: a WebAssembly host that runs `spin.toml`, a local GitLab and a local
//! Kubernetes API. `cargo run` starts it; the end-to-end tests use it as a library.

pub mod banner;
mod build_progress;
pub mod command;
pub mod options;
mod origin;
pub mod ports;
pub mod ready;
pub mod request_log;
pub mod services;
pub mod start;

pub use options::SandboxOptions;
pub use origin::Origin;
pub use services::LocalServices;
pub use start::RunningSandbox;
