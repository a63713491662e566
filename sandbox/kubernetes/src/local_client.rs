//! A client without HTTP, for what plays a controller beside the server.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::object;
use crate::resource::{ApiResource, GroupResource, ObjectKey, split_api_version};
use crate::status::StatusError;
use crate::store::{ObjectStore, StoreState};
use crate::write::{self, DeleteOptions, DeletionPropagation, Patch, WriteRequest};

/// Group and plural.
pub type Kind = (&'static str, &'static str);

/// A client for controllers in this process: its writes are checked as those of requests, its reads cost
/// nothing. Clones share the objects.
#[derive(Debug, Clone)]
pub struct LocalClient {
    store: ObjectStore,
    manager: &'static str,
    namespace: &'static str,
}

impl LocalClient {
    /// Writes as this field manager, in this namespace where a kind is named.
    pub fn new(store: ObjectStore, manager: &'static str, namespace: &'static str) -> Self {
        Self {
            store,
            manager,
            namespace,
        }
    }

    /// All of a kind in the namespace.
    pub fn list(&self, kind: Kind) -> Vec<Arc<Value>> {
        self.store
            .read(|state| state.list(&id(kind), self.namespace))
    }

    /// One in the namespace.
    pub fn get(&self, kind: Kind, name: &str) -> Option<Arc<Value>> {
        let key = ObjectKey::new(self.namespace, name);
        self.store.read(|state| state.get(&id(kind), &key))
    }

    /// The live object that a manifest describes.
    pub fn live(&self, manifest: &Value) -> Option<Arc<Value>> {
        self.store.read(|state| {
            let resource = resource_of(state, manifest).ok()?;
            state.get(&resource.id, &key_of(&resource, manifest))
        })
    }

    /// Every object, of any kind, that matches.
    pub fn find(&self, matches: impl Fn(&Value) -> bool) -> Vec<Arc<Value>> {
        self.store.read(|state| {
            state
                .all()
                .map(|(_, _, object)| object)
                .filter(|object| matches(object))
                .cloned()
                .collect()
        })
    }

    /// Applies a manifest, taking over what others own.
    pub fn apply(&self, manifest: &Value) -> Result<(), StatusError> {
        let patch = Patch::Apply {
            config: manifest.clone(),
            force: true,
        };
        self.patch_with(manifest, &patch)
    }

    /// Changes an object by a merge patch. An object that is gone needs no change.
    pub fn merge(&self, object: &Value, patch: Value) {
        match self.patch_with(object, &Patch::Merge(patch)) {
            Ok(()) => {}
            Err(error) if error.code == 404 => {}
            Err(error) => {
                tracing::warn!(name = object::name(object), %error, "a controller cannot write")
            }
        }
    }

    /// Changes the status through its subresource.
    pub fn merge_status(&self, kind: Kind, name: &str, status: Value) {
        let changed = self.store.write(|state| {
            let resource = state
                .registry()
                .stored(&id(kind))
                .ok_or_else(StatusError::page_not_found)?;
            let mut request = WriteRequest::new(resource, self.namespace, name, self.manager);
            request.subresource = "status".into();
            write::patch(state, &request, &Patch::Merge(json!({ "status": status })))
        });
        if let Err(error) = changed.map(drop) {
            tracing::debug!(name, %error, "a controller cannot write a status");
        }
    }

    fn patch_with(&self, about: &Value, patch: &Patch) -> Result<(), StatusError> {
        self.store.write(|state| {
            let resource = resource_of(state, about)?;
            let key = key_of(&resource, about);
            let request = WriteRequest::new(resource, &key.namespace, &key.name, self.manager);
            write::patch(state, &request, patch).map(drop)
        })
    }

    /// Deletes an object; dependents follow.
    pub fn delete(&self, object: &Value, propagation: DeletionPropagation) {
        let options = DeleteOptions {
            propagation: Some(propagation),
            ..DeleteOptions::default()
        };
        let deleted = self.store.write(|state| {
            let resource = resource_of(state, object)?;
            let key = key_of(&resource, object);
            let request = WriteRequest::new(resource, &key.namespace, &key.name, self.manager);
            write::delete(state, &request, &options)
        });
        if let Err(error) = deleted.map(drop) {
            tracing::debug!(name = object::name(object), %error, "a controller cannot delete");
        }
    }
}

fn id((group, plural): Kind) -> GroupResource {
    GroupResource::new(group, plural)
}

fn resource_of(state: &StoreState, manifest: &Value) -> Result<Arc<ApiResource>, StatusError> {
    let (api_version, kind) = (
        object::text(manifest, "/apiVersion"),
        object::text(manifest, "/kind"),
    );
    let (group, version) = split_api_version(api_version);
    let resource = state
        .registry()
        .of_kind(group, kind)
        .filter(|resource| resource.version == version);
    resource.ok_or_else(|| {
        let text = format!("the server could not find the requested resource: no matches for kind {kind:?} in version {api_version:?}");
        StatusError { code: 422, ..StatusError::bad_request(text) }
    })
}

fn key_of(resource: &ApiResource, manifest: &Value) -> ObjectKey {
    let namespace = if resource.namespaced {
        object::namespace(manifest)
    } else {
        ""
    };
    ObjectKey::new(namespace, object::name(manifest))
}
