//! Composition: several components become one, as Spin does it at start.
//!
//! Everything here is a pure function from bytes to bytes, so that the same code produces
//! self-contained components ahead of time.

mod application;
mod deny;
mod name;
mod wire;

pub use application::{ApplicationError, compose_component};
pub use deny::deny;
pub use wire::{PluggedComponent, imports, plug, satisfy};

/// Why components can't be put together.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// Not a WebAssembly component.
    #[error("`{name}` is not a WebAssembly component")]
    NotAComponent {
        /// Name under which the bytes were given.
        name: String,
        /// Why.
        source: anyhow::Error,
    },
    /// A dependency that nothing asks for.
    #[error("`{0}` matches no import of the component")]
    Unmatched(String),
    /// Two dependencies whose names have the same package. Spin registers a dependency under its package alone
    /// (`Composer::register_dependency`), and refuses the second.
    #[error(
        "`{first}` and `{second}` are dependencies of the same package, `{package}`: Spin takes one of each"
    )]
    Repeated {
        /// The package.
        package: String,
        /// A dependency.
        first: String,
        /// Another one.
        second: String,
    },
    /// A dependency that does not have what it was chosen for.
    #[error("`{dependency}` does not export `{export}`")]
    MissingExport {
        /// The dependency.
        dependency: String,
        /// The export that should satisfy the import.
        export: String,
    },
    /// A dependency whose export has another type than the import.
    #[error(
        "`{dependency}` exports `{export}` with another type than the component imports it with"
    )]
    Incompatible {
        /// The dependency.
        dependency: String,
        /// The export.
        export: String,
        /// The first difference.
        source: anyhow::Error,
    },
    /// A dependency that asks for a capability it has not inherited.
    #[error("it imports `{0}`, a capability that it does not inherit")]
    Denied(String),
    /// The parts do not fit for another reason.
    #[error("the components cannot be wired")]
    Wiring(#[source] anyhow::Error),
}
