//! A folder with a kustomization.

use std::collections::BTreeMap;

use crate::catalog::Image;
use serde_json::{Value, json};

use crate::render::{RenderError, Tree};

/// The files of a kustomization.
#[derive(Default)]
pub struct Overlay {
    /// Remote resources, in order.
    pub remote: Vec<String>,
    /// Images of the remote resources that are taken from elsewhere.
    pub images: Vec<Image>,
    /// The namespace that everything is moved to.
    pub namespace: Option<String>,
    /// Objects by file name; a file without objects is left out.
    pub resources: BTreeMap<&'static str, Vec<Value>>,
    /// Patches by file name.
    pub patches: BTreeMap<&'static str, Value>,
    /// Fields that are set wherever they are, as the kustomization holds them.
    pub replacements: Vec<Value>,
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
        let patches: Vec<Value> = patches.chain(self.inline.iter().cloned()).collect();
        let patches = (!patches.is_empty()).then_some(patches);
        let images: Vec<Value> = self.images.iter().map(replacement).collect();
        let images = (!images.is_empty()).then_some(images);
        let root = json!({
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "namespace": self.namespace,
            "resources": resources,
            "images": images,
            "patches": patches,
            "replacements": (!self.replacements.is_empty()).then_some(&self.replacements),
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

fn replacement(image: &Image) -> Value {
    json!({
        "name": image.name,
        "newName": image.new_name,
        "newTag": image.new_tag,
        "digest": image.digest,
    })
}

/// With a target the patch is skipped where a release has no such object; without, the build fails.
fn by_name(file: &str, object: &Value) -> Value {
    let kind = object.get("kind");
    let name = object.pointer("/metadata/name");
    json!({"path": file, "target": {"kind": kind, "name": name}})
}
