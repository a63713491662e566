//! Every kustomization builds, remote resources replaced by an empty file, and `kubectl`, which is written in Go,
//! reads the same objects out of it as stand in the files.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::fixtures::{five, settings};
use crate::hostile;
use crate::objects::documents;
use crate::repository::Repository;

fn has_kubectl() -> bool {
    let found = Command::new("kubectl")
        .args(["version", "--client"])
        .output()
        .is_ok();
    if !found {
        eprintln!("SKIPPED: there is no kubectl to build kustomizations with");
    }
    found
}

/// Writes the files, with remote resources replaced.
fn check_out(repository: &Repository, root: &Path) -> Vec<String> {
    std::fs::write(root.join("empty.yaml"), "").unwrap();
    let mut folders = Vec::new();
    for path in repository.files.keys() {
        let file = root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let mut text = repository.text(path).to_owned();
        if let Some(folder) = path.strip_suffix("/kustomization.yaml") {
            folders.push(folder.to_owned());
            let local = text.lines().filter(|line| !line.starts_with("- https://"));
            let mut local: Vec<&str> = local.collect();
            let remote = local.len() < text.lines().count();
            let at = local.iter().position(|line| *line == "resources:");
            if let Some(at) = at.filter(|_| remote) {
                std::fs::write(file.with_file_name("empty.yaml"), "").unwrap();
                local.insert(at + 1, "- empty.yaml");
            }
            text = local.join("\n") + "\n";
        }
        std::fs::write(file, text).unwrap();
    }
    folders
}

fn build(folder: &Path) -> Vec<Value> {
    let output = Command::new("kubectl")
        .arg("kustomize")
        .arg(folder)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {error}", folder.display());
    let text = String::from_utf8(output.stdout).unwrap();
    if text.is_empty() {
        Vec::new()
    } else {
        documents(&text)
    }
}

fn identified(objects: Vec<Value>) -> BTreeMap<String, Value> {
    let key = |object: &Value| format!("{} {}", object["kind"], object["metadata"]["name"]);
    objects
        .into_iter()
        .map(|object| (key(&object), object))
        .collect()
}

fn builds(repository: &Repository) {
    let root = tempfile::tempdir().unwrap();
    for folder in check_out(repository, root.path()) {
        let built = identified(build(&root.path().join(&folder)));
        let kustomization = documents(repository.text(&format!("{folder}/kustomization.yaml")));
        let listed = kustomization[0]["resources"].as_array().unwrap();
        let local = listed
            .iter()
            .filter_map(Value::as_str)
            .filter(|file| !file.starts_with("https://"));
        let texts = local.map(|file| repository.text(&format!("{folder}/{file}")));
        let mut written = identified(texts.flat_map(documents).collect());
        if let Some(namespace) = kustomization[0].get("namespace") {
            for object in written
                .values_mut()
                .filter(|object| object["metadata"].get("namespace").is_some())
            {
                object["metadata"]["namespace"] = namespace.clone();
            }
        }
        assert_eq!(built, written, "{folder}");
    }
}

#[test]
fn every_kustomization_builds() {
    if has_kubectl() {
        builds(&Repository::of(settings(), &five()));
    }
}

#[test]
fn go_reads_treacherous_names_as_they_are_meant() {
    if has_kubectl() {
        builds(&hostile::repository());
    }
}

#[test]
fn an_empty_list_builds() {
    let mut repository = Repository::of(settings(), &five()[..1]);
    repository.delete("cluster-host");
    if has_kubectl() {
        builds(&repository);
    }
}
