//! Imports that each component may have, and so what it could reach at most. The table is the one of ARCHITECTURE.md,
//! as data.

use crate::compose::{ComposeError, imports};
use std::collections::BTreeSet;

/// Imports of one component.
#[derive(Clone, Copy, Debug)]
pub struct ImportRow {
    /// Package of the component.
    pub component: &'static str,
    /// Groups of interfaces, without versions. All of them are imported, and nothing else.
    pub imports: &'static [&'static [&'static str]],
}

/// Imports that Rust's standard library brings along: standard streams, the environment, an exit.
const STANDARD: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:io/poll",
    "wasi:io/streams",
];
/// Time limits and certificates, jitter and request ids.
const TIME_AND_CHANCE: &[&str] = &[
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];
const HTTP: &[&str] = &["wasi:http/client", "wasi:http/types"];
const HTTP_TYPES: &[&str] = &["wasi:http/types"];
/// The seed of the standard library's hash maps, which those of HTTP's headers fall back to.
const HASH_SEED: &[&str] = &["wasi:random/insecure-seed"];
const VARIABLES: &[&str] = &["spin:variables/variables"];
const DOMAIN: &[&str] = &[
    "nautes:clusters/cluster-validation",
    "nautes:resources/resource-rendering",
];

const REGISTRAR: &[&[&str]] = &[STANDARD, TIME_AND_CHANCE, HTTP, VARIABLES, DOMAIN];

/// Every component.
pub const ROWS: [ImportRow; 10] = [
    ImportRow {
        component: "api-docs",
        imports: &[STANDARD, HTTP_TYPES, HASH_SEED],
    },
    ImportRow {
        component: "console",
        imports: &[STANDARD, TIME_AND_CHANCE, HTTP, VARIABLES],
    },
    ImportRow {
        component: "delete-cluster",
        imports: REGISTRAR,
    },
    ImportRow {
        component: "env-variables",
        imports: &[STANDARD],
    },
    ImportRow {
        component: "gateway",
        imports: &[STANDARD, TIME_AND_CHANCE, HTTP],
    },
    ImportRow {
        component: "nautes-clusters",
        imports: REGISTRAR,
    },
    ImportRow {
        component: "read-clusters",
        imports: &[STANDARD, TIME_AND_CHANCE, HTTP, VARIABLES],
    },
    ImportRow {
        component: "render-resource",
        imports: &[],
    },
    ImportRow {
        component: "save-cluster",
        imports: REGISTRAR,
    },
    ImportRow {
        component: "validate",
        imports: &[],
    },
];

/// A component that imports something else than its row says.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CapabilityError {
    /// Nobody has said what it may import.
    #[error("{0} has no row in build/src/capabilities.rs")]
    NoRow(String),
    /// More than it may.
    #[error("{component} imports {import}, which its row does not grant")]
    More {
        /// The component.
        component: String,
        /// The interface.
        import: String,
    },
    /// A row that grants what is not used.
    #[error("{component} does not import {import}, which its row grants")]
    Less {
        /// The component.
        component: String,
        /// The interface.
        import: String,
    },
}

/// Interfaces that a component imports, with versions, sorted. Those with nothing but types are left
/// out: they ask for nothing.
///
/// # Errors
/// Not a component.
pub fn of(component: &[u8]) -> Result<Vec<String>, ComposeError> {
    let mut imports = imports(component)?;
    imports.sort();
    Ok(imports)
}

/// Compares a component's imports with its row.
#[must_use]
pub fn judge(component: &str, imports: &[String]) -> Vec<CapabilityError> {
    let Some(row) = ROWS.iter().find(|row| row.component == component) else {
        return vec![CapabilityError::NoRow(component.to_owned())];
    };
    let unversioned = |import: &str| import.split('@').next().unwrap_or_default().to_owned();
    let granted: BTreeSet<&str> = row.imports.iter().copied().flatten().copied().collect();
    let imported: BTreeSet<String> = imports.iter().map(|it| unversioned(it)).collect();
    let more = imported.iter().filter(|it| !granted.contains(it.as_str()));
    let less = granted.iter().filter(|it| !imported.contains(**it));
    more.map(|import| CapabilityError::More {
        component: component.to_owned(),
        import: import.clone(),
    })
    .chain(less.map(|import| CapabilityError::Less {
        component: component.to_owned(),
        import: (*import).to_owned(),
    }))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{CapabilityError, STANDARD, judge};

    fn excess(component: &str, imports: &[&str]) -> Vec<String> {
        let imports: Vec<String> = imports.iter().map(|it| format!("{it}@0.2.6")).collect();
        let excess = judge(component, &imports);
        excess.iter().map(CapabilityError::to_string).collect()
    }

    #[test]
    fn a_row_is_neither_too_narrow_nor_too_wide() {
        assert_eq!(excess("env-variables", STANDARD), [""; 0]);
        assert_eq!(
            excess("env-variables", &STANDARD[1..]),
            ["env-variables does not import wasi:cli/environment, which its row grants"]
        );
    }

    #[test]
    fn a_library_reaches_nothing() {
        assert_eq!(excess("validate", &[]), [""; 0]);
        for import in [
            "wasi:cli/stderr",
            "wasi:clocks/wall-clock",
            "wasi:random/random",
            "wasi:http/client",
            "wasi:filesystem/preopens",
            "wasi:sockets/tcp",
            "spin:variables/variables",
        ] {
            assert_eq!(
                excess("validate", &[import]),
                [format!(
                    "validate imports {import}, which its row does not grant"
                )]
            );
        }
    }

    #[test]
    fn a_component_without_a_row_is_noticed() {
        assert_eq!(
            excess("stranger", &[]),
            ["stranger has no row in build/src/capabilities.rs"]
        );
    }
}
