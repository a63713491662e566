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
    if *inherit == Inherit::Everything {
        return Ok(component.to_vec());
    }
    let mut denied = component.to_vec();
    for import in imports(component)? {
        let set = set_of(&import);
        if set.is_some_and(|set| inherits(inherit, set)) {
            continue;
        }
        match set {
            Some("environment") => denied = plug(&denied, &[&empty_environment(&import)?])?,
            Some("files") => denied = plug(&denied, &[&no_directories(&import)?])?,
            None if is_basic(&import) => {}
            _ => return Err(ComposeError::Denied(import)),
        }
    }
    Ok(denied)
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

/// `wasi:cli/environment` of any version, with nothing in it. The core function returns the address
/// of zeros, which is an empty list as well as an absent string.
fn empty_environment(import: &str) -> Result<Vec<u8>, ComposeError> {
    component(&format!(
        r#"(component
          {NOTHING}
          (func $pairs (result (list (tuple string string))) (canon lift (core func $nothing) (memory $memory)))
          (func $strings (result (list string)) (canon lift (core func $nothing) (memory $memory)))
          (func $string (result (option string)) (canon lift (core func $nothing) (memory $memory)))
          (instance $environment
            (export "get-environment" (func $pairs))
            (export "get-arguments" (func $strings))
            (export "initial-cwd" (func $string))
            (export "get-initial-cwd" (func $string)))
          (export "{import}" (instance $environment)))"#
    ))
}

/// `wasi:filesystem/preopens` of any version, without a directory.
fn no_directories(import: &str) -> Result<Vec<u8>, ComposeError> {
    let types = import.replace("/preopens", "/types");
    component(&format!(
        r#"(component
          (import "{types}" (instance $types (export "descriptor" (type (sub resource)))))
          (alias export $types "descriptor" (type $descriptor))
          {NOTHING}
          (func $directories (result (list (tuple (own $descriptor) string)))
            (canon lift (core func $nothing) (memory $memory)))
          (instance $preopens (export "get-directories" (func $directories)))
          (export "{import}" (instance $preopens)))"#
    ))
}

const NOTHING: &str = r#"
          (core module $module
            (memory (export "memory") 1)
            (func (export "nothing") (result i32) i32.const 0))
          (core instance $core (instantiate $module))
          (alias core export $core "nothing" (core func $nothing))
          (alias core export $core "memory" (core memory $memory))"#;

fn component(text: &str) -> Result<Vec<u8>, ComposeError> {
    wat::parse_str(text).map_err(|error| ComposeError::Wiring(error.into()))
}
