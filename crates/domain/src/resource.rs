//! The resource file of a cluster: `nautes.resource.nautes.io/v1alpha1` `Cluster`.

use gather::Gather as _;
use serde_json::{Map, Value, json};

use crate::yaml::{self, YamlError};
use crate::{Cluster, Component, names};

mod read;

pub use read::{ResourceError, from_file, from_value, from_yaml};

/// The folder of all resource files.
pub const FOLDER: &str = "nautes/overlays/production/clusters";

/// Where a virtual cluster's NodePort is kept: the original's resource has no field for it.
pub const HTTPS_NODE_PORT: &str = "clusters.nautes.io/https-node-port";

/// API group and version of the resource.
pub const API_VERSION: &str = "nautes.resource.nautes.io/v1alpha1";

/// Where the resource file of a cluster lies.
#[must_use]
pub fn path(name: &str) -> String {
    format!("{FOLDER}/{name}.yaml")
}

/// The resource as a Kubernetes object.
#[must_use]
pub fn to_value(cluster: &Cluster, namespace: &str) -> Value {
    let mut metadata = Map::new();
    put(&mut metadata, "name", &cluster.name);
    put(&mut metadata, "namespace", namespace);
    let mut annotations = Map::new();
    if let Some(fingerprint) = &cluster.credentials {
        put(&mut annotations, names::CREDENTIALS, fingerprint);
    }
    if let Some(port) = cluster.https_node_port {
        put(&mut annotations, HTTPS_NODE_PORT, &port.to_string());
    }
    if !annotations.is_empty() {
        metadata.insert("annotations".to_owned(), Value::Object(annotations));
    }
    json!({
        "apiVersion": API_VERSION,
        "kind": "Cluster",
        "metadata": metadata,
        "spec": spec(cluster),
    })
}

/// The resource file.
///
/// # Errors
/// When the emitter fails, which no cluster is known to cause.
pub fn to_yaml(cluster: &Cluster, namespace: &str) -> Result<String, YamlError> {
    yaml::to_string(&to_value(cluster, namespace))
}

fn spec(cluster: &Cluster) -> Value {
    let mut spec = Map::new();
    put(&mut spec, "apiServer", &cluster.api_server);
    put(&mut spec, "clusterType", cluster.cluster_type.as_str());
    put(&mut spec, "clusterKind", &cluster.cluster_kind);
    put(&mut spec, "usage", cluster.usage.as_str());
    put(&mut spec, "primaryDomain", &cluster.primary_domain);
    let components: Map<String, Value> = cluster
        .components
        .iter()
        .map(|(category, it)| (category.camel_case().to_owned(), component(it)))
        .gather();
    spec.insert("componentsList".to_owned(), Value::Object(components));
    if let Some(host) = &cluster.host_cluster {
        put(&mut spec, "hostCluster", host);
    }
    if let Some(worker_type) = cluster.worker_type {
        put(&mut spec, "workerType", worker_type.as_str());
    }
    let namespaces = &cluster.reserved_namespaces_allowed_products;
    if !namespaces.is_empty() {
        let key = "reservedNamespacesAllowedProducts".to_owned();
        spec.insert(key, json!(namespaces));
    }
    let resources = &cluster.product_allowed_cluster_resources;
    if !resources.is_empty() {
        let key = "productAllowedClusterResources".to_owned();
        spec.insert(key, json!(resources));
    }
    Value::Object(spec)
}

/// A component as it stands in the resource file and in answers.
pub(crate) fn component(component: &Component) -> Value {
    let mut value = Map::new();
    put(&mut value, "name", &component.name);
    put(&mut value, "namespace", &component.namespace);
    if !component.additions.is_empty() {
        value.insert("additions".to_owned(), json!(component.additions));
    }
    Value::Object(value)
}

/// Adds a string.
pub(crate) fn put(object: &mut Map<String, Value>, key: &str, value: &str) {
    object.insert(key.to_owned(), Value::from(value));
}
