//! The ApplicationSets of a tenant, which turn hosts and workers into Applications.

use crate::Settings;
use serde_json::{Value, json};

use crate::render::objects::{literal, sync_policy};
use crate::render::{RenderError, Tree, names};

/// The label of an Argo CD cluster Secret that says what the cluster is for.
const USAGE: &str = "cluster.nautes.io/usage";

/// The ApplicationSets over the workers: name, the folder below the runtime's, the namespace in the worker.
/// The first one holds Applications, which live in the management cluster.
fn of_workers(settings: &Settings) -> [(&'static str, &'static str, Option<String>); 3] {
    [
        ("runtime", "", None),
        (
            "runtime-argocd",
            "/argocd/overlays/production",
            Some("argocd".to_owned()),
        ),
        (
            "runtime-initial",
            "/initial/overlays/production",
            Some(settings.nautes_namespace.clone()),
        ),
    ]
}

/// The ApplicationSets over the workers.
pub fn runtimes(settings: &Settings, tree: &mut Tree) -> Result<(), RenderError> {
    let generator = json!({"clusters": {"selector": {"matchLabels": {USAGE: "worker"}}}});
    for (name, folder, namespace) in of_workers(settings) {
        let path = format!("{}{folder}", names::runtime_folder("{{.name}}"));
        let destination = match namespace {
            Some(namespace) => json!({"name": "{{.name}}", "namespace": namespace}),
            None => management(settings),
        };
        let template = template(
            settings,
            &format!("{{{{.name}}}}-{name}"),
            &path,
            &destination,
        );
        let set = application_set(settings, &format!("{name}-appset"), &generator, &template);
        tree.put(file(name), &[set])?;
    }
    Ok(())
}

/// No worker is left.
pub fn no_runtimes(tree: &mut Tree) {
    for name in ["runtime", "runtime-argocd", "runtime-initial"] {
        tree.absent.insert(file(name));
    }
}

fn file(name: &str) -> String {
    format!("tenant/production/{name}-appset.yaml")
}

/// An ApplicationSet over a list of clusters, each a folder of Applications.
pub fn over_list(settings: &Settings, name: &str, elements: &[Value], path: &str) -> Value {
    let generator = json!({"list": {"elements": elements}});
    let destination = management(settings);
    let template = template(settings, "{{.cluster}}", path, &destination);
    application_set(settings, name, &generator, &template)
}

fn management(settings: &Settings) -> Value {
    json!({"server": names::IN_CLUSTER, "namespace": settings.argocd_namespace})
}

/// Only the parameters of the generators are expanded; settings come out as they are.
fn template(settings: &Settings, name: &str, path: &str, destination: &Value) -> Value {
    json!({
        "metadata": {"name": name},
        "spec": {
            "project": settings.tenant,
            "source": {
                "repoURL": literal(&settings.repository_url),
                "targetRevision": literal(&settings.target_revision),
                "path": path,
            },
            "destination": destination,
            "syncPolicy": sync_policy(),
        },
    })
}

fn application_set(settings: &Settings, name: &str, generator: &Value, template: &Value) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": name, "namespace": settings.argocd_namespace},
        "spec": {
            "goTemplate": true,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [generator],
            "template": template,
        },
    })
}
