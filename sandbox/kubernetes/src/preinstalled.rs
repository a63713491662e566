//! What a new server holds: namespaces and the definitions of the kinds this project works with.

use serde_json::{Value, json};

use crate::builtin;
use crate::object;
use crate::registry::definitions;
use crate::resource::{GroupResource, ObjectKey};
use crate::store::{State, Store};
use crate::write::{FieldValidation, WriteRequest, create};

mod catalog;

const NAMESPACES: [&str; 5] = ["default", "kube-system", "kube-public", "argocd", "nautes"];

/// Creates what is missing.
pub fn install(store: &Store, cluster_crds: bool) -> Result<(), String> {
    let mut library = builtin::library()?;
    library.read(include_str!("preinstalled/argo.types"))?;
    library.read(include_str!("preinstalled/nautes.types"))?;
    let mut objects: Vec<Value> = NAMESPACES.iter().map(|name| namespace(name)).collect();
    for definition in catalog::all()
        .iter()
        .filter(|definition| definition.always || cluster_crds)
    {
        objects.push(definition.to_object(&library)?);
    }
    store.write(|state| {
        objects
            .into_iter()
            .try_for_each(|object| install_one(state, object))
    })
}

fn namespace(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } })
}

fn install_one(state: &mut State, object: Value) -> Result<(), String> {
    let id = if object::text(&object, "/kind") == "Namespace" {
        GroupResource::new("", "namespaces")
    } else {
        definitions()
    };
    if state
        .get(&id, &ObjectKey::new("", object::name(&object)))
        .is_some()
    {
        return Ok(());
    }
    let resource = state
        .registry()
        .stored(&id)
        .ok_or("the built-in kinds are incomplete")?;
    let request = WriteRequest {
        resource,
        namespace: String::new(),
        name: String::new(),
        subresource: String::new(),
        manager: "sandbox".into(),
        dry_run: false,
        field_validation: FieldValidation::Strict,
        now: object::now(),
    };
    create(state, &request, object)
        .map(|_| ())
        .map_err(|error| error.message)
}
