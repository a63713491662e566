//! What a dependency may reach.
//!
//! A dependency has no rights of its own: unless it inherits them, it sees an empty environment and
//! no files, as under Spin. Spin lets calls of any other capability (network, variables, stores)
//! trap or fail when they happen; here a component that imports one is refused when the application
//! starts, which nobody can overlook. What Rust's standard library brings along stays: standard
//! streams, clocks, randomness, `wasi:io`.

use super::name::Name;
use super::{ComposeError, imports, plug};
use crate::manifest::Inherit;

/// Takes away from a dependency what it does not inherit.
///
/// # Errors
/// [`ComposeError::Denied`] for a capability that can't be taken away quietly.
pub fn deny(component: &[u8], inherit: &Inherit) -> Result<Vec<u8>, ComposeError> {
    let mut adapter = String::new();
    for (n, import) in imports(component)?.into_iter().enumerate() {
        let set = set_of(&import);
        if *inherit == Inherit::Everything || set.is_some_and(|set| inherits(inherit, set)) {
            continue;
        }
        match set {
            Some("environment") => adapter.push_str(&empty_environment(&import, n)),
            Some("files") => adapter.push_str(&no_directories(&import, n)),
            None if is_basic(&import) => {}
            _ => return Err(ComposeError::Denied(import)),
        }
    }
    if adapter.is_empty() {
        return Ok(component.to_vec());
    }
    let adapter = wat::parse_str(format!("(component {NOTHING} {adapter})"));
    plug(
        component,
        &[&adapter.map_err(|error| ComposeError::Wiring(error.into()))?],
    )
}

fn inherits(inherit: &Inherit, set: &str) -> bool {
    match inherit {
        Inherit::Nothing => false,
        Inherit::Everything => true,
        Inherit::Sets(sets) => sets.iter().any(|inherited| inherited == set),
    }
}

/// The set of `inherit_configuration` that an import belongs to.
fn set_of(import: &str) -> Option<&'static str> {
    let Name {
        package, interface, ..
    } = Name::parse(import);
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
        Name::parse(import).package,
        "wasi:cli" | "wasi:clocks" | "wasi:filesystem" | "wasi:io" | "wasi:random"
    )
}

/// What every function of the adapter is: it returns the address of zeros, which is an empty list
/// as well as an absent string.
const NOTHING: &str = r#"
    (core module $module
      (memory (export "memory") 1)
      (func (export "nothing") (result i32) i32.const 0))
    (core instance $core (instantiate $module))
    (alias core export $core "nothing" (core func $nothing))
    (alias core export $core "memory" (core memory $memory))"#;

/// `wasi:cli/environment` of any version, with nothing in it. A component may import several
/// versions, hence the number in the names.
fn empty_environment(import: &str, n: usize) -> String {
    format!(
        r#"
    (func $pairs{n} (result (list (tuple string string)))
      (canon lift (core func $nothing) (memory $memory)))
    (func $strings{n} (result (list string)) (canon lift (core func $nothing) (memory $memory)))
    (func $string{n} (result (option string)) (canon lift (core func $nothing) (memory $memory)))
    (instance $environment{n}
      (export "get-environment" (func $pairs{n}))
      (export "get-arguments" (func $strings{n}))
      (export "initial-cwd" (func $string{n}))
      (export "get-initial-cwd" (func $string{n})))
    (export "{import}" (instance $environment{n}))"#
    )
}

/// `wasi:filesystem/preopens` of any version, without a directory.
fn no_directories(import: &str, n: usize) -> String {
    let types = import.replace("/preopens", "/types");
    format!(
        r#"
    (import "{types}" (instance $types{n} (export "descriptor" (type (sub resource)))))
    (alias export $types{n} "descriptor" (type $descriptor{n}))
    (func $directories{n} (result (list (tuple (own $descriptor{n}) string)))
      (canon lift (core func $nothing) (memory $memory)))
    (instance $preopens{n} (export "get-directories" (func $directories{n})))
    (export "{import}" (instance $preopens{n}))"#
    )
}
