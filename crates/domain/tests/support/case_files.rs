//! Files of `tests/cases`: one a case, whose name is a sentence.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

/// The file of a case.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(format!("{name}.yaml"))
}

/// A case by its name.
pub fn read(name: &str) -> Value {
    let text = fs::read_to_string(path(name)).unwrap();
    let document = domain::yaml::from_str(&text);
    document
        .map_err(|error| format!("{name}: {error}"))
        .unwrap()
}

/// Content type and body of a case's request; `None` where it has none.
pub fn request(case: &Value) -> Option<(&'static str, Vec<u8>)> {
    let text = |key: &str| case["request"][key].as_str();
    for (key, content_type) in [("json", "application/json"), ("yaml", "application/yaml")] {
        if let Some(body) = text(key) {
            return Some((content_type, body.as_bytes().to_vec()));
        }
        // What is no text.
        if let Some(encoded) = text(&format!("{key}_in_base64")) {
            return Some((content_type, BASE64_STANDARD.decode(encoded).unwrap()));
        }
    }
    None
}
