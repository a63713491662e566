//! A valid request becomes files, a wrong one violations: what `.ci/js-host` tries in JavaScript.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use build::cargo::{everything, output};
use build::workspace;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const NAME: &str = "physical-worker-deployment";

fn guide() -> PathBuf {
    workspace().join(format!("tests/cases/requests/v0.4/{NAME}.json"))
}

fn host(request: &Path, components: &Path) -> Output {
    let mut host = Command::new(env!("CARGO_BIN_EXE_rust-host"));
    host.arg(NAME).arg(request);
    host.arg("--components").arg(components).output().unwrap()
}

fn built() -> PathBuf {
    everything(workspace(), &mut build::cargo::print_lines).unwrap();
    output(workspace())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_valid_request_becomes_files() {
    let output = host(&guide(), &built());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let files = text(&output.stdout);
    let resource = format!("nautes/overlays/production/clusters/{NAME}.yaml");
    assert!(files.lines().any(|line| line == resource), "{files}");
    assert!(files.lines().count() > 20, "{files}");
}

#[test]
fn a_wrong_request_is_told_what_is_wrong() {
    let wrong = std::fs::read_to_string(guide()).unwrap();
    let wrong = wrong.replace("\"worker\"", "\"walker\"");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), wrong).unwrap();
    let output = host(file.path(), &built());
    assert_eq!(
        text(&output.stdout),
        "/usage: `usage` must be `host` or `worker`, not `walker`\n"
    );
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
}

#[test]
fn components_that_are_not_there_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let output = host(&guide(), folder.path());
    let error = text(&output.stderr);
    assert!(error.contains("validate.wasm: is it built?"), "{error}");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}
