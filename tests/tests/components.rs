//! The components themselves: how large they are, and what they could reach.

use sandbox::options::workspace;
use sandbox_host::{Manifest, compose};

/// One MiB: a small component starts fast and travels cheaply.
const MAX_SIZE: u64 = 1024 * 1024;

fn built() -> Vec<sandbox_host::build::Built> {
    let manifest = Manifest::load(&workspace().join("spin.toml")).unwrap();
    sandbox_host::build::components(workspace(), &manifest, &mut |line| eprintln!("{line}"))
        .unwrap()
}

/// Interfaces that a component imports, without versions; types of our own are no capability.
fn imports(component: &str) -> Vec<String> {
    let built = built();
    let built = built
        .iter()
        .find(|built| built.component == component)
        .unwrap();
    let bytes = std::fs::read(&built.path).unwrap();
    let mut imports: Vec<String> = compose::imports(&bytes)
        .unwrap()
        .into_iter()
        .map(|import| import.split('@').next().unwrap_or_default().to_owned())
        .filter(|import| import != "nautes:clusters/types")
        .collect();
    imports.sort();
    imports
}

#[test]
fn every_component_is_smaller_than_one_mebibyte() {
    let built = built();
    assert_eq!(built.len(), 6);
    for component in built {
        assert!(
            component.size < MAX_SIZE,
            "{} has {} bytes",
            component.component,
            component.size
        );
    }
}

#[test]
fn library_components_import_nothing_but_what_rusts_standard_library_brings() {
    for component in ["validate", "render-resource"] {
        for import in imports(component) {
            let allowed = import.starts_with("wasi:cli/") || import.starts_with("wasi:io/");
            assert!(allowed, "{component} imports {import}");
        }
    }
}

#[test]
fn functions_import_what_their_work_needs_and_nothing_else() {
    let common = [
        "wasi:cli/",
        "wasi:io/",
        "wasi:clocks/",
        "wasi:random/",
        "wasi:http/",
    ];
    let registrar = [
        "spin:variables/variables",
        "nautes:clusters/cluster-validation",
        "nautes:clusters/resource-rendering",
    ];
    for (component, own) in [
        ("gateway", &[][..]),
        ("read-clusters", &registrar[..1]),
        ("save-cluster", &registrar[..]),
        ("delete-cluster", &registrar[..]),
    ] {
        let imports = imports(component);
        for import in &imports {
            let allowed = common.iter().any(|prefix| import.starts_with(prefix))
                || own.contains(&import.as_str());
            assert!(allowed, "{component} imports {import}");
        }
        for import in own {
            assert!(
                imports.iter().any(|it| it == import),
                "{component} does not import {import}"
            );
        }
    }
}
