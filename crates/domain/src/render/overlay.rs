//! A folder with a kustomization.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::render::{RenderError, Tree};

/// The files of a kustomization.
#[derive(Default)]
pub struct Overlay {
    /// Remote resources, in order.
    pub remote: Vec<String>,
    /// The namespace that everything is moved to.
    pub namespace: Option<String>,
    /// Objects by file name; a file without objects is left out.
    pub resources: BTreeMap<&'static str, Vec<Value>>,
    /// Patches by file name.
    pub patches: BTreeMap<&'static str, Value>,
    /// Further patches, as the kustomization holds them.
    pub inline: Vec<Value>,
}

impl Overlay {
    /// Writes the folder.
    pub fn write(mut self, folder: &str, tree: &mut Tree) -> Result<(), RenderError> {
        self.resources.retain(|_, objects| !objects.is_empty());
        let local = self.resources.keys().map(|file| (*file).to_owned());
        let resources: Vec<String> = self.remote.iter().cloned().chain(local).collect();
        let patches = self.patches.iter();
        let patches = patches.map(|(file, object)| by_name(file, object));
        let patches: Vec<Value> = patches.chain(self.inline).collect();
        let patches = (!patches.is_empty()).then_some(patches);
        let root = json!({
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "namespace": self.namespace,
            "resources": resources,
            "patches": patches,
        });
        tree.put(format!("{folder}/kustomization.yaml"), &[root])?;
        for (file, objects) in &self.resources {
            tree.put(format!("{folder}/{file}"), objects)?;
        }
        for (file, object) in self.patches {
            tree.put(format!("{folder}/{file}"), &[object])?;
        }
        Ok(())
    }
}

/// With a target the patch is skipped where a release has no such object; without, the build fails.
fn by_name(file: &str, object: &Value) -> Value {
    let kind = object.get("kind");
    let name = object.pointer("/metadata/name");
    json!({"path": file, "target": {"kind": kind, "name": name}})
}
