//! The objects at one revision.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::history::{ChangeHistory, ChangeKind, ChangesSince, ObjectChange};
use crate::object;
use crate::registry::{ResourceRegistry, definitions};
use crate::resource::{GroupResource, ObjectKey};

type Objects = BTreeMap<ObjectKey, Arc<Value>>;

/// Objects, revision, history and the resources being served.
#[derive(Debug)]
pub struct StoreState {
    revision: u64,
    objects: BTreeMap<GroupResource, Objects>,
    history: ChangeHistory,
    registry: ResourceRegistry,
    needs_collection: bool,
}

impl StoreState {
    pub(super) fn new(revision: u64, registry: ResourceRegistry) -> Self {
        Self {
            revision,
            objects: BTreeMap::new(),
            history: ChangeHistory::starting_at(revision),
            registry,
            needs_collection: true,
        }
    }

    /// Number of the last change; the `resourceVersion` of lists.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Resources being served.
    pub fn registry(&self) -> &ResourceRegistry {
        &self.registry
    }

    /// The object, if there is one.
    pub fn get(&self, resource: &GroupResource, key: &ObjectKey) -> Option<Arc<Value>> {
        self.objects.get(resource)?.get(key).cloned()
    }

    /// Objects of a resource by namespace and name; an empty namespace means all.
    pub fn list(&self, resource: &GroupResource, namespace: &str) -> Vec<Arc<Value>> {
        let all = self.objects.get(resource).into_iter().flatten();
        all.filter(|(key, _)| namespace.is_empty() || key.namespace == namespace)
            .map(|(_, object)| object.clone())
            .collect()
    }

    /// Every object with its resource.
    pub fn all(&self) -> impl Iterator<Item = (&GroupResource, &ObjectKey, &Arc<Value>)> {
        self.objects.iter().flat_map(|(resource, objects)| {
            objects
                .iter()
                .map(move |(key, object)| (resource, key, object))
        })
    }

    /// Stores the object under its metadata's name, as a new revision.
    pub fn put(&mut self, resource: &GroupResource, mut new: Value) -> Arc<Value> {
        self.revision += 1;
        object::metadata_mut(&mut new)
            .insert("resourceVersion".into(), self.revision.to_string().into());
        let new = Arc::new(new);
        let key = object::key(&new);
        let previous = self.restore(resource, new.clone());
        let kind = if previous.is_some() {
            ChangeKind::Modified
        } else {
            ChangeKind::Added
        };
        self.record(resource, key, kind, new.clone(), previous);
        new
    }

    /// Takes the object out; its last state carries the revision of the removal.
    pub fn remove(&mut self, resource: &GroupResource, key: &ObjectKey) -> Option<Arc<Value>> {
        let previous = self.objects.get_mut(resource)?.remove(key)?;
        if *resource == definitions() {
            self.registry.undefine(&key.name);
        }
        self.revision += 1;
        let mut last = previous.as_ref().clone();
        object::metadata_mut(&mut last)
            .insert("resourceVersion".into(), self.revision.to_string().into());
        let last = Arc::new(last);
        self.needs_collection = true;
        self.record(
            resource,
            key.clone(),
            ChangeKind::Deleted,
            last.clone(),
            Some(previous),
        );
        Some(last)
    }

    /// Puts a stored object back as it is, without a new revision; answers what it replaces.
    pub(super) fn restore(
        &mut self,
        resource: &GroupResource,
        object: Arc<Value>,
    ) -> Option<Arc<Value>> {
        if *resource == definitions() {
            self.registry.define(&object);
        }
        let has_owner = object.pointer("/metadata/ownerReferences").is_some();
        self.needs_collection |= has_owner || object::is_deleting(&object);
        self.objects
            .entry(resource.clone())
            .or_default()
            .insert(object::key(&object), object)
    }

    fn record(
        &mut self,
        resource: &GroupResource,
        key: ObjectKey,
        kind: ChangeKind,
        object: Arc<Value>,
        previous: Option<Arc<Value>>,
    ) {
        self.history.push(ObjectChange {
            revision: self.revision,
            resource: resource.clone(),
            key,
            kind,
            object,
            previous,
        });
    }

    /// Changes after a revision.
    pub fn since(&self, revision: u64) -> ChangesSince {
        self.history.since(revision)
    }

    /// Forgets all history, as etcd's compaction does: older watches and continue tokens are `410 Expired`.
    pub fn compact(&mut self) {
        self.history = ChangeHistory::starting_at(self.revision);
    }

    /// True once after changes that the garbage collector must look at.
    pub(crate) fn take_needs_collection(&mut self) -> bool {
        std::mem::take(&mut self.needs_collection)
    }
}
