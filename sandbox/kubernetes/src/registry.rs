//! The resources being served: built-in kinds and those of established CustomResourceDefinitions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::builtin;
use crate::resource::{ApiResource, GroupResource};
use crate::schema::SchemaNode;

mod custom;

pub use custom::{check_schema, resources_of};

/// Group and plural of CustomResourceDefinitions.
pub fn definitions() -> GroupResource {
    GroupResource::new("apiextensions.k8s.io", "customresourcedefinitions")
}

/// Lookup of resources.
#[derive(Debug, Clone)]
pub struct ResourceRegistry {
    builtin: Vec<Arc<ApiResource>>,
    custom: BTreeMap<String, Vec<Arc<ApiResource>>>,
    object_meta: Arc<SchemaNode>,
}

impl ResourceRegistry {
    /// The built-in kinds only.
    pub fn new() -> Result<Self, String> {
        let object_meta = builtin::object_meta()?;
        Ok(Self {
            builtin: builtin::resources()?,
            custom: BTreeMap::new(),
            object_meta,
        })
    }

    /// Serves what the definition says; replaces what it said before.
    pub fn define(&mut self, definition: &Value) {
        let name = definition
            .pointer("/metadata/name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let resources = resources_of(definition, &self.object_meta).unwrap_or_default();
        self.custom.insert(
            name.to_owned(),
            resources.into_iter().map(Arc::new).collect(),
        );
    }

    /// Stops serving what the definition of that name said.
    pub fn undefine(&mut self, name: &str) {
        self.custom.remove(name);
    }

    /// Every resource in every served version.
    pub fn all(&self) -> impl Iterator<Item = &Arc<ApiResource>> {
        self.builtin.iter().chain(self.custom.values().flatten())
    }

    /// The resource of a request path.
    pub fn find(&self, group: &str, version: &str, plural: &str) -> Option<Arc<ApiResource>> {
        self.all()
            .find(|resource| {
                resource.id.group == group
                    && resource.version == version
                    && resource.id.resource == plural
            })
            .cloned()
    }

    /// The resource in the version objects are stored in, or any served one.
    pub fn stored(&self, id: &GroupResource) -> Option<Arc<ApiResource>> {
        let mut served = self.all().filter(|resource| resource.id == *id);
        let first = served.next()?;
        let storage = std::iter::once(first)
            .chain(served)
            .find(|resource| resource.storage);
        Some(storage.unwrap_or(first).clone())
    }

    /// The resource of a group and kind, as references name it.
    pub fn of_kind(&self, group: &str, kind: &str) -> Option<Arc<ApiResource>> {
        let served = self
            .all()
            .find(|resource| resource.id.group == group && resource.kind == kind)?;
        self.stored(&served.id)
    }

    /// Groups and their versions, the preferred version first; core's name is empty.
    pub fn groups(&self) -> BTreeMap<String, Vec<String>> {
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for resource in self.all() {
            groups
                .entry(resource.id.group.clone())
                .or_default()
                .insert(resource.version.clone());
        }
        groups
            .into_iter()
            .map(|(group, versions)| (group, by_priority(versions)))
            .collect()
    }

    /// Resources of one group and version.
    pub fn of_version(&self, group: &str, version: &str) -> Vec<Arc<ApiResource>> {
        self.all()
            .filter(|resource| resource.id.group == group && resource.version == version)
            .cloned()
            .collect()
    }
}

/// Stable before beta before alpha, then the higher number first.
fn by_priority(versions: BTreeSet<String>) -> Vec<String> {
    let mut versions: Vec<String> = versions.into_iter().collect();
    versions.sort_by_key(|version| {
        let digits: String = version
            .chars()
            .skip(1)
            .take_while(char::is_ascii_digit)
            .collect();
        let stage = [("alpha", 2), ("beta", 1)]
            .iter()
            .find(|(name, _)| version.contains(name))
            .map_or(0, |(_, rank)| *rank);
        (
            stage,
            std::cmp::Reverse(digits.parse::<u32>().unwrap_or_default()),
        )
    });
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_versions_come_first() {
        let versions = ["v1alpha1", "v1", "v2beta1", "v2"]
            .map(str::to_owned)
            .into_iter()
            .collect();
        assert_eq!(by_priority(versions), ["v2", "v1", "v2beta1", "v1alpha1"]);
    }
}
