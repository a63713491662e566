//! Initial objects of a new server: namespaces and the definitions of the kinds this project works with.

use serde_json::{Value, json};

use crate::object;
use crate::registry::definitions;
use crate::resource::{GroupResource, ObjectKey};
use crate::store::{ObjectStore, StoreState};
use crate::write::{WriteRequest, create};

const NAMESPACES: [&str; 5] = ["default", "kube-system", "kube-public", "argocd", "nautes"];

/// Argo CD's definitions, condensed.
const ARGO: [&str; 3] = [
    include_str!("../../../tests/crds/applications.argoproj.io.yaml"),
    include_str!("../../../tests/crds/applicationsets.argoproj.io.yaml"),
    include_str!("../../../tests/crds/appprojects.argoproj.io.yaml"),
];

/// Nautes' definitions.
const NAUTES: [&str; 4] = [
    include_str!("../../../deploy/crds/clusters.nautes.resource.nautes.io.yaml"),
    include_str!("../../../tests/crds/deploymentruntimes.nautes.resource.nautes.io.yaml"),
    include_str!("../../../tests/crds/environments.nautes.resource.nautes.io.yaml"),
    include_str!("../../../tests/crds/projectpipelineruntimes.nautes.resource.nautes.io.yaml"),
];

/// Creates what is missing.
pub fn install(store: &ObjectStore, cluster_crds: bool) -> Result<(), String> {
    let mut objects: Vec<Value> = NAMESPACES.iter().map(|name| namespace(name)).collect();
    let nautes = NAUTES.iter().filter(|_| cluster_crds);
    for text in ARGO.iter().chain(nautes) {
        objects.push(serde_saphyr::from_str(text).map_err(|error| error.to_string())?);
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

fn install_one(state: &mut StoreState, object: Value) -> Result<(), String> {
    let id = if object::text(&object, "/kind") == "Namespace" {
        GroupResource::new("", "namespaces")
    } else {
        definitions()
    };
    let key = ObjectKey::new("", object::name(&object));
    if state.get(&id, &key).is_some() {
        return Ok(());
    }
    let resource = state
        .registry()
        .stored(&id)
        .ok_or("the built-in kinds are incomplete")?;
    let request = WriteRequest::new(resource, "", "", "sandbox");
    create(state, &request, object)
        .map(|_| ())
        .map_err(|error| error.message)
}
