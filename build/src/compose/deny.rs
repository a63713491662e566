//! Limits of what a dependency may reach.
//!
//! A dependency has no rights of its own: unless it inherits them, it sees an empty environment and
//! no files, as under Spin. Spin lets calls of any other capability (network, variables, stores)
//! trap or fail when they happen; here a component that imports one is refused when the application
//! starts, which nobody can overlook. What Rust's standard library brings along stays: standard
//! streams, clocks, randomness, `wasi:io`.

mod adapter;

use adapter::AdapterBuilder;
use wasm_encoder::{ComponentValType, PrimitiveValType};

use super::name::InterfaceName;
use super::{ComposeError, imports, plug};
use crate::manifest::InheritedRights;

/// Takes away from a dependency what it does not inherit.
///
/// # Errors
/// [`ComposeError::Denied`] for a capability that can't be taken away quietly.
pub fn deny(component: &[u8], inherit: &InheritedRights) -> Result<Vec<u8>, ComposeError> {
    let mut adapter = None;
    for import in imports(component)? {
        let set = set_of(&import);
        if *inherit == InheritedRights::Everything || set.is_some_and(|set| inherits(inherit, set))
        {
            continue;
        }
        let without: fn(&mut AdapterBuilder, &str) = match set {
            Some("environment") => empty_environment,
            Some("files") => no_directories,
            None if is_basic(&import) => continue,
            _ => return Err(ComposeError::Denied(import)),
        };
        without(adapter.get_or_insert_with(AdapterBuilder::new), &import);
    }
    match adapter {
        Some(adapter) => plug(component, &[&adapter.finish()]),
        None => Ok(component.to_vec()),
    }
}

fn inherits(inherit: &InheritedRights, set: &str) -> bool {
    match inherit {
        InheritedRights::Nothing => false,
        InheritedRights::Everything => true,
        InheritedRights::Sets(sets) => sets.iter().any(|inherited| inherited == set),
    }
}

/// The set of `inherit_configuration` that an import belongs to.
fn set_of(import: &str) -> Option<&'static str> {
    let InterfaceName {
        package, interface, ..
    } = InterfaceName::parse(import);
    match (package, interface) {
        ("wasi:cli", Some("environment")) => Some("environment"),
        ("wasi:filesystem", Some("preopens")) => Some("files"),
        ("wasi:http" | "wasi:sockets", _) => Some("allowed_outbound_hosts"),
        ("spin:variables" | "wasi:config", _) => Some("variables"),
        _ => None,
    }
}

fn is_basic(import: &str) -> bool {
    matches!(
        InterfaceName::parse(import).package,
        "wasi:cli" | "wasi:clocks" | "wasi:filesystem" | "wasi:io" | "wasi:random"
    )
}

/// `wasi:cli/environment` of any version, with nothing in it.
fn empty_environment(adapter: &mut AdapterBuilder, import: &str) {
    let string = ComponentValType::Primitive(PrimitiveValType::String);
    let pair = adapter.defined(|pair| pair.tuple([string, string]));
    let pairs = adapter.defined(|pairs| pairs.list(ComponentValType::Type(pair)));
    let strings = adapter.defined(|strings| strings.list(string));
    let maybe = adapter.defined(|maybe| maybe.option(string));
    let (pairs, strings, maybe) = (
        adapter.nothing(pairs),
        adapter.nothing(strings),
        adapter.nothing(maybe),
    );
    let exports = [
        ("get-environment", pairs),
        ("get-arguments", strings),
        ("initial-cwd", maybe),
        ("get-initial-cwd", maybe),
    ];
    adapter.export(import, &exports);
}

/// `wasi:filesystem/preopens` of any version, without a directory.
fn no_directories(adapter: &mut AdapterBuilder, import: &str) {
    let types = import.replace("/preopens", "/types");
    let descriptor = adapter.resource(&types, "descriptor");
    let owned = adapter.defined(|owned| owned.own(descriptor));
    let directory = [
        ComponentValType::Type(owned),
        ComponentValType::Primitive(PrimitiveValType::String),
    ];
    let directory = adapter.defined(|it| it.tuple(directory));
    let directories = adapter.defined(|them| them.list(ComponentValType::Type(directory)));
    let directories = adapter.nothing(directories);
    adapter.export(import, &[("get-directories", directories)]);
}
