//! Every kustomization builds, and `kubectl`, which is written in Go, reads the same objects out of it as stand in the
//! files. Remote resources are replaced by stand-ins of what is patched in them, so that every patch has its target.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::objects::documents;
use crate::repository::Repository;
use crate::states;

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

/// The objects that stand in for a remote resource.
struct StandIns(Value);

impl StandIns {
    fn load() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/remote.yaml");
        let text = std::fs::read_to_string(path).unwrap();
        Self(domain::yaml::from_str(&text).unwrap())
    }

    fn of(&self, url: &str) -> Vec<Value> {
        let is_version = |part: &str| part.starts_with('v') && part.contains('.');
        let parts = url.split('/');
        let parts = parts.map(|part| if is_version(part) { "*" } else { part });
        let key = parts.collect::<Vec<_>>().join("/");
        let objects = self.0.get(&key).and_then(Value::as_array);
        let objects = objects.unwrap_or_else(|| panic!("remote.yaml has no stand-in for {key}"));
        objects.clone()
    }
}

/// A folder with a kustomization: its files, remote resources replaced.
struct Folder {
    kustomization: Value,
    files: BTreeMap<String, Vec<Value>>,
}

impl Folder {
    fn read(repository: &Repository, folder: &str, stand_ins: &StandIns) -> Self {
        let path = format!("{folder}/kustomization.yaml");
        let mut kustomization = documents(repository.text(&path)).remove(0);
        let mut files = BTreeMap::new();
        for resource in kustomization["resources"].as_array_mut().unwrap() {
            let name = resource.as_str().unwrap().to_owned();
            let objects = if name.starts_with("https://") {
                *resource = format!("remote-{}.yaml", files.len()).into();
                stand_ins.of(&name)
            } else {
                documents(repository.text(&format!("{folder}/{name}")))
            };
            files.insert(resource.as_str().unwrap().to_owned(), objects);
        }
        for patch in patches(&kustomization) {
            if let Some(name) = patch["path"].as_str() {
                let objects = documents(repository.text(&format!("{folder}/{name}")));
                files.insert(name.to_owned(), objects);
            }
        }
        Self {
            kustomization,
            files,
        }
    }

    fn write(&self, to: &Path) {
        let put = |name: &str, objects: &[Value]| {
            let texts = objects.iter().map(Value::to_string);
            let text = texts.collect::<Vec<_>>().join("\n---\n");
            std::fs::write(to.join(name), text).unwrap();
        };
        put(
            "kustomization.yaml",
            std::slice::from_ref(&self.kustomization),
        );
        for (name, objects) in &self.files {
            put(name, objects);
        }
    }

    /// The objects by kind and name, in the kustomization's namespace.
    fn written(&self) -> BTreeMap<String, Value> {
        let resources = self.kustomization["resources"].as_array().unwrap();
        let files = resources.iter().filter_map(Value::as_str);
        identified(files.flat_map(|file| self.files[file].clone()))
    }
}

fn patches(kustomization: &Value) -> &[Value] {
    let patches = kustomization.get("patches").and_then(Value::as_array);
    patches.map_or(&[], Vec::as_slice)
}

fn build(folder: &Path, name: &str) -> BTreeMap<String, Value> {
    let output = Command::new("kubectl")
        .arg("kustomize")
        .arg(folder)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {error}");
    assert_eq!(error, "", "{name}");
    let text = String::from_utf8(output.stdout).unwrap();
    let objects = if text.is_empty() {
        Vec::new()
    } else {
        documents(&text)
    };
    identified(objects)
}

fn identified(objects: impl IntoIterator<Item = Value>) -> BTreeMap<String, Value> {
    let key = |object: &Value| format!("{} {}", object["kind"], object["metadata"]["name"]);
    let objects = objects.into_iter();
    objects.map(|object| (key(&object), object)).collect()
}

/// Tells whether everything in `part` is in `whole`; objects in lists are found by their names.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part.iter().all(|(key, part)| {
            let whole = whole.get(key);
            whole.is_some_and(|whole| contains(whole, part))
        }),
        (Value::Array(whole), Value::Array(part)) => part
            .iter()
            .all(|part| whole.iter().any(|whole| contains(whole, part))),
        _ => whole == part,
    }
}

fn compare(
    name: &str,
    folder: &Folder,
    mut built: BTreeMap<String, Value>,
    mut written: BTreeMap<String, Value>,
) {
    for patch in patches(&folder.kustomization) {
        let target = &patch["target"];
        let is_target = |object: &Value| {
            let named = target.get("name");
            object["kind"] == target["kind"]
                && named.is_none_or(|name| object["metadata"]["name"] == *name)
        };
        let targets: Vec<&mut Value> = built
            .values_mut()
            .filter(|object| is_target(object))
            .collect();
        assert!(!targets.is_empty(), "{name}: nothing is patched by {patch}");
        for object in targets {
            if let Some(file) = patch["path"].as_str() {
                assert!(contains(object, &folder.files[file][0]), "{name}: {file}");
            } else {
                let operations = domain::yaml::from_str(patch["patch"].as_str().unwrap()).unwrap();
                for operation in operations.as_array().unwrap() {
                    let path = operation["path"].as_str().unwrap();
                    let Some(list) = path.strip_suffix("/-") else {
                        assert_eq!(object.pointer(path), operation.get("value"), "{name}");
                        continue;
                    };
                    let list = object.pointer(list).and_then(Value::as_array).unwrap();
                    assert!(list.contains(&operation["value"]), "{name}: {operation}");
                }
            }
        }
        built.retain(|_, object| !is_target(object));
        written.retain(|_, object| !is_target(object));
    }
    written.retain(|_, object| !is_local(object));
    compare_replaced(name, &folder.kustomization, &mut built, &mut written);
    if let Some(namespace) = folder.kustomization.get("namespace") {
        // Kustomize moves these; that they are where they should be in the first place is asserted elsewhere.
        for object in written.values_mut().chain(built.values_mut()) {
            object["metadata"]["namespace"] = namespace.clone();
        }
    }
    assert_eq!(built, written, "{name}");
}

/// Kustomize copies from such an object, and leaves it out.
fn is_local(object: &Value) -> bool {
    let annotations = &object["metadata"]["annotations"];
    annotations["config.kubernetes.io/local-config"] == "true"
}

/// Every element of a list has the replaced value; nothing else of the object is different.
fn compare_replaced(
    name: &str,
    kustomization: &Value,
    built: &mut BTreeMap<String, Value>,
    written: &mut BTreeMap<String, Value>,
) {
    let replacements = kustomization.get("replacements").and_then(Value::as_array);
    for target in replacements
        .into_iter()
        .flatten()
        .flat_map(|one| one["targets"].as_array().unwrap())
    {
        assert_eq!(
            target["fieldPaths"][0], "webhooks.*.failurePolicy",
            "{name}"
        );
        let is_target = |object: &&mut Value| object["kind"] == target["select"]["kind"];
        let mut replaced = 0;
        for object in written.values_mut().filter(is_target) {
            for webhook in object["webhooks"].as_array_mut().unwrap() {
                webhook["failurePolicy"] = "Ignore".into();
                replaced += 1;
            }
        }
        assert!(replaced > 0, "{name}: {target}");
        assert!(
            built
                .values_mut()
                .any(|object| object["kind"] == target["select"]["kind"]),
            "{name}"
        );
    }
}

#[test]
fn every_kustomization_builds_in_every_state() {
    if !has_kubectl() {
        return;
    }
    let stand_ins = StandIns::load();
    let mut seen = BTreeSet::new();
    for (state, repository) in states::all() {
        for path in repository.files.keys() {
            let Some(name) = path.strip_suffix("/kustomization.yaml") else {
                continue;
            };
            let folder = Folder::read(&repository, name, &stand_ins);
            // Many states share most of their folders.
            if !seen.insert(format!("{} {:?}", folder.kustomization, folder.files)) {
                continue;
            }
            let place = tempfile::tempdir().unwrap();
            folder.write(place.path());
            let name = format!("{state}: {name}");
            let built = build(place.path(), &name);
            compare(&name, &folder, built, folder.written());
        }
    }
    assert!(seen.len() > 60, "{}", seen.len());
}
