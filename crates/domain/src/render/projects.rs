//! The AppProjects: what the Applications of a cluster may install where. Nothing of a cluster may go anywhere but
//! to that cluster; what goes to the management cluster is in the tenant's own project, which allows nothing but
//! Argo CD's objects and Cluster resources.

use serde_json::{Value, json};

use crate::Settings;
use crate::render::names;
use crate::render::objects::{CASCADE, CLUSTER_LABEL, SYNC_WAVE};

/// There before the Applications that need it, and until they are gone: without their project they could not
/// uninstall anything. Applications have the waves -1 and 0.
const WAVE: &str = "-2";

/// The project of a cluster's components.
pub fn of_cluster(settings: &Settings, cluster: &str, name: &str) -> Value {
    let description = format!("components of cluster {cluster}");
    let destinations = json!([{"name": cluster, "namespace": "*"}]);
    // Charts come from where the catalog says.
    let mut project = project(settings, name, &description, "*", &destinations);
    if let Some(Value::Object(metadata)) = project.get_mut("metadata") {
        metadata.insert("labels".to_owned(), json!({CLUSTER_LABEL: cluster}));
    }
    project
}

/// The project of what ApplicationSets put into every worker. A leading `!` denies: it holds for every cluster but
/// the management cluster.
pub fn of_workers(settings: &Settings) -> Value {
    let name = names::workers_project(&settings.tenant);
    let description = format!("workers of tenant {}", settings.tenant);
    let elsewhere = format!("!{}", names::IN_CLUSTER);
    let destinations = json!([{"server": elsewhere, "namespace": "*"}]);
    let repository = &settings.repository_url;
    project(settings, &name, &description, repository, &destinations)
}

fn project(
    settings: &Settings,
    name: &str,
    description: &str,
    source: &str,
    destinations: &Value,
) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {
            "name": name,
            "namespace": settings.argocd_namespace,
            "annotations": {SYNC_WAVE: WAVE},
            "finalizers": [CASCADE],
        },
        "spec": {
            "description": description,
            "sourceRepos": [source],
            "destinations": destinations,
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
            "namespaceResourceWhitelist": [{"group": "*", "kind": "*"}],
        },
    })
}
