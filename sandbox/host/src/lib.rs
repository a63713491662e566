//! Runs the application that a Spin manifest describes, in this process.
//!
//! The host reads `spin.toml`, composes dependencies into components ([`compose`]), serves the
//! components over HTTP with instance reuse, and gives them what Spin gives them: variables,
//! outgoing requests to allowed hosts, service chaining. [`build`] makes the components first.
//!
//! ```no_run
//! # async fn run() -> anyhow::Result<()> {
//! let options = sandbox_host::HostOptions::new("spin.toml", "127.0.0.1:3000".parse()?);
//! let host = sandbox_host::ComponentHost::start(options).await?;
//! println!("listening on {}", host.url());
//! host.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod compiler;
mod host;
mod log;
mod options;
mod outbound;
mod problem;
mod runtime;
mod server;

pub use ::build::{cargo as build, compose, manifest};
pub use compiler::ComponentCompiler;
pub use host::ComponentHost;
pub use log::{LogLine, LogSink, LogSource};
pub use manifest::SpinManifest;
pub use options::{HostOptions, InstanceReuse};
