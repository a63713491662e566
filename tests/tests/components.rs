//! The components themselves: how large they are, and what they could reach.

use build::cargo::{BuiltComponent, LIMIT, everything};
use build::{capabilities, self_contained, workspace};
use std::collections::BTreeSet;
use std::sync::LazyLock;

static BUILT: LazyLock<Vec<BuiltComponent>> =
    LazyLock::new(|| everything(workspace(), &mut build::cargo::print_lines).unwrap());

fn built(component: &str) -> &'static BuiltComponent {
    BUILT.iter().find(|it| it.component == component).unwrap()
}

fn imports(component: &str) -> Vec<String> {
    capabilities::of(&std::fs::read(&built(component).path).unwrap()).unwrap()
}

#[test]
fn every_component_of_the_manifest_is_smaller_than_one_mebibyte() {
    let manifest = sandbox_host::SpinManifest::load(&workspace().join("spin.toml")).unwrap();
    assert_eq!(manifest.component.len(), 8);
    for component in manifest.component.keys() {
        let size = built(component).size;
        assert!(size < LIMIT, "{component} has {size} bytes");
    }
}

#[test]
fn every_component_imports_what_its_row_grants_and_nothing_else() {
    for BuiltComponent { component, .. } in BUILT.iter() {
        assert_eq!(capabilities::judge(component, &imports(component)), []);
    }
    assert_eq!(BUILT.len(), capabilities::ROWS.len());
}

#[test]
fn library_components_import_nothing_at_all() {
    for component in ["validate", "render-resource"] {
        assert_eq!(imports(component), [""; 0], "{component}");
    }
}

#[test]
fn every_component_says_what_it_is_linked_from() {
    for BuiltComponent {
        component, path, ..
    } in BUILT.iter()
    {
        let bytes = std::fs::read(path).unwrap();
        let info = auditable_info::audit_info_from_slice(&bytes, 1 << 20).unwrap();
        let named = |name: &str| info.packages.iter().find(|it| it.name == name);
        assert!(named(component).unwrap().root, "{component}");
        assert!(named("wit-bindgen").is_some(), "{component}");
        // Only some parse JSON; nobody links a host or a macro.
        let parses = !["api-docs", "env-variables", "gateway"].contains(&component.as_str());
        assert!(!parses || named("serde_json").is_some(), "{component}");
        for name in ["wasmtime", "serde_derive", "audit"] {
            assert!(named(name).is_none(), "{component}: {name}");
        }
    }
}

#[test]
fn a_self_contained_component_imports_what_its_function_took_from_wasi() {
    for recipe in self_contained::RECIPES {
        let function = recipe.function;
        let mut expected: BTreeSet<String> = imports(function).into_iter().collect();
        expected.retain(|import| import.starts_with("wasi:"));
        let composed = recipe.compose(&build::cargo::output(workspace())).unwrap();
        let size = composed.len() as u64;
        assert!(size < self_contained::LIMIT, "{function} has {size} bytes");
        let imports: BTreeSet<String> = capabilities::of(&composed).unwrap().into_iter().collect();
        assert_eq!(imports, expected, "{function}");
    }
}
