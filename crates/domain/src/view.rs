//! A cluster as the API shows it.

use serde_json::{Map, Value, json};

use crate::Cluster;
use crate::resource::{component, put};

/// The answer to `GetCluster`, and an item of `ListClusters`.
///
/// Like the original's, every field is there: an absent string is `""`. In `components_list` only the
/// components are there that a request can choose, so that an answer can be sent again.
#[must_use]
pub fn view(cluster: &Cluster) -> Value {
    let components: Map<String, Value> = cluster
        .components
        .iter()
        .filter(|(category, _)| category.is_requestable())
        .map(|(category, it)| (category.snake_case().to_owned(), component(it)))
        .collect();
    let worker_type = cluster.worker_type.map(crate::WorkerType::as_str);
    let mut view = Map::new();
    put(&mut view, "name", &cluster.name);
    put(&mut view, "cluster_kind", &cluster.cluster_kind);
    put(&mut view, "cluster_type", cluster.cluster_type.as_str());
    put(&mut view, "usage", cluster.usage.as_str());
    put(
        &mut view,
        "host_cluster",
        cluster.host_cluster.as_deref().unwrap_or_default(),
    );
    put(&mut view, "primary_domain", &cluster.primary_domain);
    put(&mut view, "worker_type", worker_type.unwrap_or_default());
    put(&mut view, "api_server", &cluster.api_server);
    view.insert("components_list".to_owned(), Value::Object(components));
    view.insert(
        "reserved_namespaces_allowed_products".to_owned(),
        json!(cluster.reserved_namespaces_allowed_products),
    );
    view.insert(
        "product_allowed_cluster_resources".to_owned(),
        json!(cluster.product_allowed_cluster_resources),
    );
    Value::Object(view)
}
