//! The stand-in's own client: the same checks as for requests, without HTTP.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::object;
use crate::resource::{GroupResource, ObjectKey, Resource, split_api_version};
use crate::status::ApiError;
use crate::store::{State, Store};
use crate::write::{self, DeleteOptions, FieldValidation, Patch, Propagation, WriteRequest};

/// Group and plural.
pub type Kind = (&'static str, &'static str);

pub const APPLICATIONS: Kind = ("argoproj.io", "applications");
pub const APPLICATION_SETS: Kind = ("argoproj.io", "applicationsets");
pub const PROJECTS: Kind = ("argoproj.io", "appprojects");
pub const SECRETS: Kind = ("", "secrets");

/// Field manager of every write.
const MANAGER: &str = "argocd-stand-in";

/// The objects, seen by the stand-in.
#[derive(Debug, Clone)]
pub struct Objects {
    store: Store,
}

impl Objects {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// All of a kind in Argo CD's namespace.
    pub fn list(&self, kind: Kind) -> Vec<Arc<Value>> {
        self.store
            .read(|state| state.list(&id(kind), super::NAMESPACE))
    }

    /// One in Argo CD's namespace.
    pub fn get(&self, kind: Kind, name: &str) -> Option<Arc<Value>> {
        self.store
            .read(|state| state.get(&id(kind), &ObjectKey::new(super::NAMESPACE, name)))
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
    pub fn apply(&self, manifest: &Value) -> Result<(), ApiError> {
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
                tracing::warn!(name = object::name(object), %error, "the Argo CD stand-in cannot write")
            }
        }
    }

    /// Changes the status through its subresource.
    pub fn merge_status(&self, kind: Kind, name: &str, status: Value) {
        let changed = self.store.write(|state| {
            let resource = state
                .registry()
                .stored(&id(kind))
                .ok_or_else(ApiError::page_not_found)?;
            let mut request = request(resource, super::NAMESPACE, name);
            request.subresource = "status".into();
            write::patch(state, &request, &Patch::Merge(json!({ "status": status })))
        });
        if let Err(error) = changed.map(drop) {
            tracing::debug!(name, %error, "the Argo CD stand-in cannot write a status");
        }
    }

    fn patch_with(&self, about: &Value, patch: &Patch) -> Result<(), ApiError> {
        self.store.write(|state| {
            let resource = resource_of(state, about)?;
            let key = key_of(&resource, about);
            let request = request(resource, &key.namespace, &key.name);
            write::patch(state, &request, patch).map(drop)
        })
    }

    /// Deletes an object; dependents follow.
    pub fn delete(&self, object: &Value, propagation: Propagation) {
        let options = DeleteOptions {
            propagation: Some(propagation),
            ..DeleteOptions::default()
        };
        let deleted = self.store.write(|state| {
            let resource = resource_of(state, object)?;
            let key = key_of(&resource, object);
            write::delete(
                state,
                &request(resource, &key.namespace, &key.name),
                &options,
            )
        });
        if let Err(error) = deleted.map(drop) {
            tracing::debug!(name = object::name(object), %error, "the Argo CD stand-in cannot delete");
        }
    }
}

fn id((group, plural): Kind) -> GroupResource {
    GroupResource::new(group, plural)
}

fn resource_of(state: &State, manifest: &Value) -> Result<Arc<Resource>, ApiError> {
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
        ApiError { code: 422, ..ApiError::bad_request(text) }
    })
}

fn key_of(resource: &Resource, manifest: &Value) -> ObjectKey {
    let namespace = if resource.namespaced {
        object::namespace(manifest)
    } else {
        ""
    };
    ObjectKey::new(namespace, object::name(manifest))
}

fn request(resource: Arc<Resource>, namespace: &str, name: &str) -> WriteRequest {
    WriteRequest {
        resource,
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        subresource: String::new(),
        manager: MANAGER.into(),
        dry_run: false,
        field_validation: FieldValidation::Ignore,
        now: object::now(),
    }
}

/// The merge patch that makes `live` exactly `wanted`: what is no longer wanted is set to null.
pub fn replacement(live: Option<&Value>, wanted: Option<&Value>) -> Value {
    let (Some(Value::Object(live)), Some(Value::Object(wanted))) = (live, wanted) else {
        return wanted.cloned().unwrap_or_default();
    };
    let gone = live
        .keys()
        .filter(|name| !wanted.contains_key(*name))
        .map(|name| (name.clone(), Value::Null));
    let kept = wanted
        .iter()
        .map(|(name, field)| (name.clone(), replacement(live.get(name), Some(field))));
    Value::Object(gone.chain(kept).collect())
}
