//! Argo CD's objects of many registered clusters: thirteen Applications of each, and the Cluster resources.

use serde_json::{Value, json};
use tests::Tenant;

use crate::population;

/// Of one deployment cluster.
const APPLICATIONS: usize = 13;

/// Puts them into the management cluster.
pub fn install(tenant: &Tenant, clusters: usize, resource_file: impl Fn(usize) -> String) {
    let store = tenant.kubernetes.store();
    for number in 0..clusters - 1 {
        let name = population::name(number);
        for component in 0..APPLICATIONS {
            store.put("argoproj.io", "applications", application(&name, component));
        }
        let resource = cluster(&name, &resource_file(number));
        store.put("nautes.resource.nautes.io", "clusters", resource);
    }
}

fn application(cluster: &str, component: usize) -> Value {
    let name = format!("{cluster}-component-{component:02}");
    let resources = (0..5).map(|number| {
        json!({"group": "apps", "version": "v1", "kind": "Deployment", "namespace": "component", "name": format!("workload-{number}"),
            "status": "Synced", "health": {"status": "Healthy"}})
    });
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "labels": {"cluster.nautes.io/name": cluster}},
        "spec": {
            "project": "tenant1-workers",
            "destination": {"name": cluster, "namespace": "component"},
            "source": {"repoURL": "https://charts.example.com", "chart": "component", "targetRevision": "1.2.3"},
        },
        "status": {
            "sync": {"status": "Synced", "revision": "1.2.3"},
            "health": {"status": "Healthy"},
            "resources": resources.collect::<Vec<_>>(),
        },
    })
}

fn cluster(name: &str, file: &str) -> Value {
    json!({
        "apiVersion": "nautes.resource.nautes.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {
            "name": name,
            "namespace": "nautes",
            "labels": {"cluster.nautes.io/name": name},
            "annotations": {"clusters.nautes.io/resource-file": file},
        },
        "spec": {},
    })
}
