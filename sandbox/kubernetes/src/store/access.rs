//! Direct access for tests: no authentication, no validation.

use serde_json::{Value, json};

use super::ObjectStore;
use crate::object;
use crate::resource::{GroupResource, ObjectKey};
use crate::write::new_uid;

impl ObjectStore {
    /// The object, as stored.
    pub fn get(&self, group: &str, resource: &str, namespace: &str, name: &str) -> Option<Value> {
        let id = GroupResource::new(group, resource);
        self.read(|state| {
            state
                .get(&id, &ObjectKey::new(namespace, name))
                .map(|object| object.as_ref().clone())
        })
    }

    /// Objects of a resource; an empty namespace means all.
    pub fn list(&self, group: &str, resource: &str, namespace: &str) -> Vec<Value> {
        let id = GroupResource::new(group, resource);
        self.read(|state| {
            state
                .list(&id, namespace)
                .iter()
                .map(|object| object.as_ref().clone())
                .collect()
        })
    }

    /// Stores the object as it is, replacing what has its name; a missing uid or creation time is filled in.
    pub fn put(&self, group: &str, resource: &str, mut object: Value) -> Value {
        let metadata = object::metadata_mut(&mut object);
        metadata.entry("uid").or_insert_with(|| new_uid().into());
        metadata
            .entry("creationTimestamp")
            .or_insert_with(|| object::now().into());
        let id = GroupResource::new(group, resource);
        self.write(|state| state.put(&id, object).as_ref().clone())
    }

    /// Changes one object as one step; false where there is none.
    pub fn modify(
        &self,
        group: &str,
        resource: &str,
        namespace: &str,
        name: &str,
        change: impl FnOnce(&mut Value),
    ) -> bool {
        let id = GroupResource::new(group, resource);
        self.write(|state| {
            let Some(live) = state.get(&id, &ObjectKey::new(namespace, name)) else {
                return false;
            };
            let mut new = live.as_ref().clone();
            change(&mut new);
            if new != *live {
                state.put(&id, new);
            }
            true
        })
    }

    /// Takes the object out at once, whatever its finalizers; false where there is none.
    pub fn remove(&self, group: &str, resource: &str, namespace: &str, name: &str) -> bool {
        let id = GroupResource::new(group, resource);
        self.write(|state| {
            state
                .remove(&id, &ObjectKey::new(namespace, name))
                .is_some()
        })
    }

    /// Forgets the history, so that older watches and continue tokens expire.
    pub fn compact(&self) {
        self.write(super::StoreState::compact);
    }

    /// The whole content, sorted: `{"resource.group": {"namespace/name": object}}`.
    pub fn dump(&self) -> Value {
        let mut dump = json!({});
        self.read(|state| {
            for (id, key, object) in state.all() {
                let name = if key.namespace.is_empty() {
                    key.name.clone()
                } else {
                    format!("{}/{}", key.namespace, key.name)
                };
                object::child_mut(&mut dump, &id.to_string()).insert(name, object.as_ref().clone());
            }
        });
        dump
    }
}
