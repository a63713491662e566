//! The bill of materials names what is linked, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use build::cargo::BuiltComponent;
use build::sbom::PackageGraph;
use build::{self_contained, workspace};
use serde_json::Value;

fn bill(function: &str) -> Value {
    let recipes = self_contained::RECIPES.iter();
    let recipe = recipes.clone().find(|it| it.function == function).unwrap();
    let composed = BuiltComponent {
        component: function.to_owned(),
        path: "x.wasm".into(),
        size: 1,
    };
    let roots: Vec<&str> = recipe
        .plugs
        .iter()
        .chain([&recipe.function])
        .copied()
        .collect();
    let packages = PackageGraph::read(workspace(), build::cargo::TARGET).unwrap();
    packages.bill(&roots, &composed, "abc")
}

fn named<'a>(bill: &'a Value, name: &str) -> Option<&'a Value> {
    let components = bill["components"].as_array().unwrap();
    components
        .iter()
        .find(|component| component["name"] == name)
}

#[test]
fn it_names_what_is_linked_with_licence_and_checksum() {
    let bill = bill("nautes-clusters");
    assert_eq!(bill["metadata"]["component"]["hashes"][0]["content"], "abc");
    // Ours, of a library that is composed in, and of the registry.
    for name in [
        "nautes-clusters",
        "validate",
        "env-variables",
        "granit-parser",
        "serde_json",
    ] {
        assert!(named(&bill, name).is_some(), "{name}");
    }
    let library = named(&bill, "serde_json").unwrap();
    assert_eq!(library["licenses"][0]["expression"], "MIT OR Apache-2.0");
    assert_eq!(library["hashes"][0]["content"].as_str().unwrap().len(), 64);
}

#[test]
fn it_leaves_out_tests_macros_and_other_functions() {
    let bill = bill("read-clusters");
    for name in [
        "wasmtime",
        "proptest",
        "insta",
        "serde_derive",
        "save-cluster",
        "validate",
    ] {
        assert!(named(&bill, name).is_none(), "{name}");
    }
}
