//! The AppProjects: what the Applications of a cluster may install where. Nothing of a cluster may go anywhere but
//! to that cluster; what goes to the management cluster is in the tenant's own project, which allows nothing but
//! Argo CD's objects and Cluster resources.

use serde_json::{Value, json};

use crate::Settings;
use crate::render::names;
use crate::render::objects::{CASCADE, CLUSTER_LABEL, SYNC_WAVE};

/// The wave of a project that lies beside what needs it.
const WAVE: &str = "-2";

/// The project of a cluster's components: there before these, or the Application that makes them, and gone after them. Its
/// finalizer alone does not keep it: Argo CD counts the Applications that it knows of, and those that were made in the same
/// second, by an install that is taken back while it begins, are none of these. They can't be uninstalled without it.
pub fn of_cluster(settings: &Settings, cluster: &str, name: &str) -> Value {
    let description = format!("components of cluster {cluster}");
    let destinations = json!([{"name": cluster, "namespace": "*"}]);
    // Charts come from where the catalog says.
    let mut project = first(project(settings, name, &description, "*", &destinations));
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
    first(project(
        settings,
        &name,
        &description,
        repository,
        &destinations,
    ))
}

/// A project with the wave of what is there before everything beside it, and gone after that.
fn first(mut project: Value) -> Value {
    if let Some(Value::Object(metadata)) = project.get_mut("metadata") {
        metadata.insert("annotations".to_owned(), json!({SYNC_WAVE: WAVE}));
    }
    project
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
