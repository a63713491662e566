//! Every object is what its API takes: known fields of the right type alone, and nothing that is no longer served.
//!
//! `schemas/` holds what the APIs' published schemas say about the objects that are written here, condensed: at every
//! level that is written all scalar fields there are, and of the others those that are used. A new field that is
//! reported as unknown is added there from the page that the file names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Map, Value, json};

use crate::fixtures::{five, settings};
use crate::objects::{documents, is_manifest};
use crate::repository::Repository;
use crate::states;

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    domain::yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// API version and kind.
type Kind = (String, String);

fn kind_of(object: &Value) -> Kind {
    let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
    (text("apiVersion"), text("kind"))
}

struct Known {
    schemas: Schemas,
    by_kind: BTreeMap<Kind, SchemaIndex>,
}

impl Known {
    fn load() -> Self {
        let mut compiler = Compiler::new();
        let mut schemas = Schemas::new();
        let mut kinds = Vec::new();
        for entry in std::fs::read_dir(data("tests/schemas")).unwrap() {
            let path = entry.unwrap().path();
            let url = format!("https://schemas/{}", path.file_name().unwrap().display());
            let schema = read(&path);
            let part = |key: &str| schema.pointer(&format!("/properties/{key}/const"));
            if let (Some(api), Some(kind)) = (part("apiVersion"), part("kind")) {
                let kind = kind_of(&json!({"apiVersion": api, "kind": kind}));
                kinds.push((kind, url.clone()));
            }
            compiler.add_resource(&url, schema).unwrap();
        }
        compiler
            .add_resource("https://schemas/Cluster.yaml", definition())
            .unwrap();
        kinds.push((
            (
                "nautes.resource.nautes.io/v1alpha1".into(),
                "Cluster".into(),
            ),
            "https://schemas/Cluster.yaml".into(),
        ));
        let by_kind = kinds
            .into_iter()
            .map(|(kind, url)| (kind, compiler.compile(&url, &mut schemas).unwrap()))
            .collect();
        Self { schemas, by_kind }
    }

    fn check(&self, object: &Value) -> Result<(), String> {
        let kind = kind_of(object);
        let schema = self.by_kind.get(&kind);
        let schema = *schema.ok_or_else(|| format!("there is no schema for {kind:?}"))?;
        let checked = self.schemas.validate(object, schema);
        checked.map_err(|error| format!("{error}"))
    }
}

/// Of the Cluster resource, as `deploy/` installs it, but without fields that it does not name.
fn definition() -> Value {
    let file = read(&data(
        "../../deploy/crds/clusters.nautes.resource.nautes.io.yaml",
    ));
    let mut schema = file["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone();
    schema["properties"]["metadata"] =
        json!({"$ref": "https://schemas/metadata.yaml#/$defs/namespaced"});
    close(&mut schema);
    schema
}

/// The server prunes unknown fields of such a schema; here they are refused.
fn close(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.values_mut().for_each(close);
        schema.insert("additionalProperties".into(), Value::Bool(false));
    } else if let Some(values) = schema.get_mut("additionalProperties") {
        close(values);
    }
    if let Some(items) = schema.get_mut("items") {
        close(items);
    }
}

fn objects(repository: &Repository) -> impl Iterator<Item = (&String, Value)> {
    let manifests = repository.files.keys().filter(|path| is_manifest(path));
    manifests.flat_map(|path| {
        let read = documents(repository.text(path)).into_iter();
        read.map(move |object| (path, object))
    })
}

#[test]
fn every_object_fits_the_schema_of_its_kind() {
    let known = Known::load();
    let mut seen = BTreeMap::new();
    for (state, repository) in states::all() {
        for (path, object) in objects(&repository) {
            known
                .check(&object)
                .unwrap_or_else(|error| panic!("{state}: {path}: {error}"));
            *seen.entry(kind_of(&object)).or_insert(0) += 1;
        }
    }
    let unused: Vec<&Kind> = known
        .by_kind
        .keys()
        .filter(|kind| !seen.contains_key(*kind))
        .collect();
    assert_eq!(
        unused,
        Vec::<&Kind>::new(),
        "schemas of what nothing renders"
    );
}

/// Maps whose keys are the writer's own.
const FREE: [&str; 10] = [
    "additions",
    "annotations",
    "data",
    "elements",
    "labels",
    "matchLabels",
    "productAllowedClusterResources",
    "reservedNamespacesAllowedProducts",
    "valuesObject",
    "componentsList",
];

/// Where a Service's selector holds labels, others hold fields.
fn is_free(object: &Value, key: &str) -> bool {
    FREE.contains(&key) || (key == "selector" && object.get("ports").is_some())
}

/// The object with one key misspelt, for every key at every level.
fn misspelt(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, inner)| {
                let mut slip: Map<String, Value> = map.clone();
                slip.remove(key);
                slip.insert(format!("{key}x"), inner.clone());
                let within = if is_free(value, key) {
                    Vec::new()
                } else {
                    misspelt(inner)
                };
                let put = |changed: Value| {
                    let mut map = map.clone();
                    map.insert(key.clone(), changed);
                    Value::Object(map)
                };
                std::iter::once(Value::Object(slip)).chain(within.into_iter().map(put))
            })
            .collect(),
        Value::Array(items) => (0..items.len())
            .flat_map(|at| {
                misspelt(&items[at]).into_iter().map(move |changed| {
                    let mut items = items.clone();
                    items[at] = changed;
                    Value::Array(items)
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_misspelt_field_is_caught_at_every_level() {
    let known = Known::load();
    let repository = Repository::of(settings(), &five());
    let mut caught = 0;
    for (path, object) in objects(&repository) {
        for slip in misspelt(&object) {
            assert!(known.check(&slip).is_err(), "{path}: {slip:#}");
            caught += 1;
        }
    }
    assert!(caught > 2500, "{caught}");
}

#[test]
fn wrong_types_and_unknown_kinds_are_caught() {
    let known = Known::load();
    let repository = Repository::of(settings(), &five());
    let path = "runtimes/physical-worker-pipeline-runtime/runtime-app.yaml";
    let application = documents(repository.text(path)).remove(0);
    assert_eq!(known.check(&application), Ok(()));
    for (at, wrong) in [
        ("/apiVersion", json!("argoproj.io/v1beta1")),
        ("/kind", json!("Applikation")),
        ("/metadata/name", json!("Not_a_name")),
        ("/metadata/namespace", json!(true)),
        ("/spec/source/targetRevision", json!(1.5)),
        ("/spec/syncPolicy/automated/prune", json!("true")),
        ("/spec/syncPolicy/syncOptions/0", json!("CreateNamespaces")),
        ("/spec/destination/name", json!("two-destinations")),
    ] {
        let mut object = application.clone();
        let (parent, key) = at.rsplit_once('/').unwrap();
        match object.pointer_mut(parent).unwrap() {
            Value::Object(map) => drop(map.insert(key.into(), wrong)),
            other => other[0] = wrong,
        }
        assert!(known.check(&object).is_err(), "{at}");
    }
}

struct Removed(Value);

impl Removed {
    fn load() -> Self {
        Self(read(&data("tests/removed-apis.yaml")))
    }

    fn find(&self, object: &Value) -> Option<&Value> {
        let (api, kind) = kind_of(object);
        self.0.as_array().unwrap().iter().find(|entry| {
            let of_kind = |kinds: &Value| kinds.as_array().unwrap().contains(&json!(kind));
            entry["api"] == api && entry.get("kinds").is_none_or(of_kind)
        })
    }
}

#[test]
fn nothing_uses_an_api_that_is_no_longer_served() {
    let removed = Removed::load();
    for (state, repository) in states::all() {
        for (path, object) in objects(&repository) {
            assert_eq!(removed.find(&object), None, "{state}: {path}");
            let class = &object["metadata"]["annotations"]["kubernetes.io/ingress.class"];
            assert_eq!(class, &Value::Null, "{state}: {path}");
        }
    }
    let object = |api: &str, kind: &str| json!({"apiVersion": api, "kind": kind});
    for (api, kind) in [
        ("extensions/v1beta1", "Ingress"),
        ("networking.k8s.io/v1beta1", "Ingress"),
        ("rbac.authorization.k8s.io/v1beta1", "ClusterRole"),
        ("traefik.containo.us/v1alpha1", "Middleware"),
    ] {
        assert!(removed.find(&object(api, kind)).is_some(), "{api} {kind}");
    }
    // Came back with another kind.
    let address = object("networking.k8s.io/v1beta1", "IPAddress");
    assert_eq!(removed.find(&address), None);
}
