//! `spin.toml` is what Spin itself takes for a manifest: checked against Spin's own JSON schema
//! (tests/schemas says which).

use build::workspace;
use serde_json::{Value, json};

/// Returns the objection of the schema to a manifest; none means that it is one.
fn objection(manifest: &Value) -> Option<String> {
    const URL: &str = "http://schemas/spin-manifest-v2.json";
    let path = workspace().join("tests/schemas/spin-manifest-v2.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource(URL, schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let schema = compiler.compile(URL, &mut schemas).unwrap();
    let result = schemas.validate(manifest, schema);
    result.err().map(|error| format!("{error:#}"))
}

fn manifest(path: &str) -> Value {
    let text = std::fs::read_to_string(workspace().join(path)).unwrap();
    toml::from_str(&text).unwrap()
}

#[test]
fn the_manifests_follow_spins_schema() {
    for path in ["spin.toml", "deploy/spin/direct.toml"] {
        assert_eq!(objection(&manifest(path)), None, "{path}");
    }
}

#[test]
fn the_schema_notices_what_spin_would_not_take() {
    for (pointer, key, value) in [
        ("", "aplication", json!({})),
        ("/component/validate", "sauce", json!("validate.wasm")),
        (
            "/component/gateway",
            "allowed_outbound_hosts",
            json!("https://a"),
        ),
        (
            "/component/save-cluster/dependencies",
            "a:b/c",
            json!({"component": 1}),
        ),
        ("/trigger/http/0", "route", json!({"private": "yes"})),
    ] {
        let mut broken = manifest("spin.toml");
        let at = broken
            .pointer_mut(pointer)
            .unwrap()
            .as_object_mut()
            .unwrap();
        at.insert(key.to_owned(), value);
        assert!(objection(&broken).is_some(), "{pointer}/{key}");
    }
}
