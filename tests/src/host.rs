//! Host that runs the functions under test: the sandbox's host, or `wasmtime serve` with the application in one
//! component. `NAUTES_TEST_HOST=wasmtime-serve` chooses the second.

mod sandbox;
mod wasmtime_serve;

pub use sandbox::{sandbox, sandbox_with};
pub use wasmtime_serve::WasmtimeServe;

use crate::log::Log;

/// Running functions. They stop when this is dropped.
pub enum Host {
    /// `spin.toml` under the sandbox's host.
    Sandbox(sandbox_host::ComponentHost),
    /// `nautes-clusters.wasm` under `wasmtime serve`.
    WasmtimeServe(WasmtimeServe),
}

/// A variable of the application and its value.
pub type Variable<'a> = (&'a str, &'a str);

impl Host {
    /// Starts the host that the environment chooses. The components are built where they are not up
    /// to date.
    ///
    /// # Panics
    /// When the host is not known or does not start.
    pub async fn start(variables: &[Variable<'_>], log: &Log) -> Self {
        if is_sandbox() {
            Self::Sandbox(sandbox::start(variables, log).await)
        } else {
            let component = build::self_contained::APPLICATION;
            Self::WasmtimeServe(WasmtimeServe::start(component, variables, log).await)
        }
    }

    /// Where the application answers, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::Sandbox(host) => host.url(),
            Self::WasmtimeServe(host) => host.url(),
        }
    }

    /// Log lines, each with its component's name in front.
    pub(crate) fn named_lines(&self, text: &str) -> String {
        match self {
            Self::Sandbox(_) => text.to_owned(),
            Self::WasmtimeServe(_) => wasmtime_serve::named_lines(text),
        }
    }

    /// The sandbox's host, for what only it has.
    ///
    /// # Panics
    /// Under another one; ask [`is_sandbox`] first.
    #[must_use]
    pub fn sandbox(&self) -> &sandbox_host::ComponentHost {
        match self {
            Self::Sandbox(host) => host,
            Self::WasmtimeServe(_) => panic!("this needs the sandbox's host"),
        }
    }
}

/// Tells whether the tests run under the sandbox's host.
///
/// # Panics
/// When the environment asks for a host that is not known.
#[must_use]
pub fn is_sandbox() -> bool {
    match std::env::var("NAUTES_TEST_HOST").as_deref() {
        Err(_) | Ok("" | "sandbox") => true,
        Ok("wasmtime-serve") => false,
        Ok(other) => panic!("NAUTES_TEST_HOST is {other}, not sandbox or wasmtime-serve"),
    }
}

/// Tells whether to skip a test that is about what the sandbox's host alone has; says why.
#[must_use]
pub fn skipped(why: &str) -> bool {
    let skipped = !is_sandbox();
    if skipped {
        eprintln!("skipped under wasmtime serve: {why}");
    }
    skipped
}
