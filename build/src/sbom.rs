//! Software bill of materials of a file of a release, in CycloneDX 1.6, from what cargo knows. The same sources give
//! the same bytes: no serial number, no date.

use crate::cargo::{BuiltComponent, program};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The packages of the workspace and theirs, as cargo resolves them for one target.
pub struct PackageGraph {
    metadata: Value,
    lock: toml::Table,
}

impl PackageGraph {
    /// Asks cargo.
    ///
    /// # Errors
    /// Cargo fails, or `Cargo.lock` can't be read.
    pub fn read(root: &Path, target: &str) -> anyhow::Result<Self> {
        let output = program("CARGO", "cargo")
            .args(["metadata", "--format-version", "1", "--locked"])
            .args(["--filter-platform", target])
            .current_dir(root)
            .output()
            .context("cannot run cargo")?;
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "cargo metadata failed: {said}");
        let lock = std::fs::read_to_string(root.join("Cargo.lock")).context("Cargo.lock")?;
        Ok(Self {
            metadata: serde_json::from_slice(&output.stdout)?,
            lock: lock.parse()?,
        })
    }

    /// The bill of something that is made of packages of the workspace.
    #[must_use]
    pub fn bill(&self, packages: &[&str], composed: &BuiltComponent, sha256: &str) -> Value {
        let roots: BTreeSet<&str> = packages.iter().copied().collect();
        let linked = self.linked(&roots);
        let checksums = self.checksums();
        let libraries: Vec<Value> = linked
            .values()
            .map(|package| library(package, &checksums))
            .collect();
        let version = linked
            .values()
            .find(|package| at(package, "source").is_null())
            .map(|package| at(package, "version").clone());
        json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"component": {
                "type": "application",
                "bom-ref": composed.component,
                "name": composed.component,
                "version": version,
                "hashes": [{"alg": "SHA-256", "content": sha256}],
            }},
            "components": libraries,
        })
    }

    /// Packages that end up in a component, by id: no tests, no build scripts, no macros.
    fn linked(&self, roots: &BTreeSet<&str>) -> BTreeMap<&str, &Value> {
        let packages: BTreeMap<&str, &Value> = array(at(&self.metadata, "packages"))
            .filter_map(|package| Some((at(package, "id").as_str()?, package)))
            .collect();
        let nodes: BTreeMap<&str, &Value> = array(at(at(&self.metadata, "resolve"), "nodes"))
            .filter_map(|node| Some((at(node, "id").as_str()?, node)))
            .collect();
        let is_root = |package: &Value| {
            at(package, "name")
                .as_str()
                .is_some_and(|it| roots.contains(it))
        };
        let mut open: Vec<&str> = packages
            .iter()
            .filter(|(_, package)| at(package, "source").is_null() && is_root(package))
            .map(|(id, _)| *id)
            .collect();
        let mut linked = BTreeMap::new();
        while let Some(id) = open.pop() {
            let Some(package) = packages.get(id).filter(|package| !is_macro(package)) else {
                continue;
            };
            if linked.insert(id, *package).is_some() {
                continue;
            }
            let dependencies = nodes
                .get(id)
                .into_iter()
                .flat_map(|node| array(at(node, "deps")));
            let normal = dependencies
                .filter(|it| array(at(it, "dep_kinds")).any(|kind| at(kind, "kind").is_null()));
            open.extend(normal.filter_map(|it| at(it, "pkg").as_str()));
        }
        linked
    }

    /// Name and version → SHA-256 of what the registry delivered.
    fn checksums(&self) -> BTreeMap<(&str, &str), &str> {
        let packages = self.lock.get("package").and_then(toml::Value::as_array);
        packages
            .into_iter()
            .flatten()
            .filter_map(|package| {
                let name = package.get("name")?.as_str()?;
                let version = package.get("version")?.as_str()?;
                Some(((name, version), package.get("checksum")?.as_str()?))
            })
            .collect()
    }
}

fn is_macro(package: &Value) -> bool {
    array(at(package, "targets"))
        .any(|target| array(at(target, "kind")).any(|kind| kind == "proc-macro"))
}

fn library(package: &Value, checksums: &BTreeMap<(&str, &str), &str>) -> Value {
    let text = |name: &str| at(package, name).as_str().unwrap_or_default();
    let (name, version) = (text("name"), text("version"));
    let purl = format!("pkg:cargo/{name}@{version}");
    let mut library = json!({
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
    });
    if let Some(license) = at(package, "license").as_str() {
        // The form of old crates: `MIT/Apache-2.0`.
        let expression = license.replace('/', " OR ");
        add(
            &mut library,
            "licenses",
            json!([{"expression": expression}]),
        );
    }
    if let Some(checksum) = checksums.get(&(name, version)) {
        add(
            &mut library,
            "hashes",
            json!([{"alg": "SHA-256", "content": checksum}]),
        );
    }
    library
}

/// The member of an object; null where there is none.
fn at<'a>(object: &'a Value, member: &str) -> &'a Value {
    object.get(member).unwrap_or(&Value::Null)
}

fn add(object: &mut Value, member: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(member.to_owned(), value);
    }
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
