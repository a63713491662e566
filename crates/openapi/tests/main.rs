//! Tests that keep the description honest: each compares it with what is really accepted or answered.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by it"
)]

#[path = "main/answers.rs"]
mod answers;
#[path = "main/problems.rs"]
mod problems;
#[path = "main/requests.rs"]
mod requests;
#[path = "main/routes.rs"]
mod routes;
#[path = "main/snapshot.rs"]
mod snapshot;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use boon::{Compiler, Schemas};
use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&openapi::document().unwrap()).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn source(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Names of the properties of a schema.
fn properties(document: &Value, schema: &str) -> BTreeSet<String> {
    let properties = &document["components"]["schemas"][schema]["properties"];
    properties.as_object().unwrap().keys().cloned().collect()
}

/// Why a value is not what a schema of the document says; `None` when it is.
fn fault(document: &Value, pointer: &str, value: &Value) -> Option<String> {
    const URL: &str = "http://description/openapi.json";
    let mut compiler = Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource(URL, document.clone()).unwrap();
    let mut schemas = Schemas::new();
    let schema = compiler
        .compile(&format!("{URL}#{pointer}"), &mut schemas)
        .unwrap();
    let result = schemas.validate(value, schema);
    result.err().map(|error| format!("{error:#}"))
}
