//! The folder of a worker: `runtimes/{name}-runtime`.

use serde_json::{Value, json};

use crate::render::components::{self, Installed};
use crate::render::context::Context;
use crate::render::objects::{Application, CASCADE, git_source, kustomization, to_management};
use crate::render::{RenderError, Tree, initial, names};

pub fn write(context: &Context<'_>, tree: &mut Tree) -> Result<(), RenderError> {
    let folder = context.folder();
    initial::write(context, tree)?;
    let mut installed = Installed::default();
    for component in context.cluster.components.values() {
        components::install(context, component, &mut installed, tree)?;
    }
    components::without_argocd(context, tree)?;
    installed.write(&format!("{folder}/production"), tree)?;
    let files = [
        ("runtime-app.yaml", root(context)),
        ("runtime-project.yaml", project(context)),
    ];
    let listed: Vec<String> = files.iter().map(|(file, _)| (*file).to_owned()).collect();
    tree.put(
        format!("{folder}/kustomization.yaml"),
        &[kustomization(&listed)],
    )?;
    for (file, object) in files {
        tree.put(format!("{folder}/{file}"), &[object])?;
    }
    tree.own(folder);
    Ok(())
}

/// The Application of the component Applications.
fn root(context: &Context<'_>) -> Value {
    let path = format!("{}/production", context.folder());
    let application = Application {
        name: names::application(&context.cluster.name, "runtime-app"),
        project: context.project(),
        source: git_source(context.settings, &path),
        destination: to_management(context.settings),
        ignore_differences: None,
    };
    application.to_value(context.settings)
}

/// The components may go to this worker, and their Applications to Argo CD's namespace.
fn project(context: &Context<'_>) -> Value {
    let settings = context.settings;
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {
            "name": context.project(),
            "namespace": settings.argocd_namespace,
            // There before the Applications that need it, and until they are gone: without their project
            // they could not uninstall anything.
            "annotations": {"argocd.argoproj.io/sync-wave": "-1"},
            "finalizers": [CASCADE],
        },
        "spec": {
            "description": format!("components of cluster {}", context.cluster.name),
            "sourceRepos": ["*"],
            "destinations": [
                {"server": names::IN_CLUSTER, "namespace": settings.argocd_namespace},
                {"name": context.cluster.name, "namespace": "*"},
            ],
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
            "namespaceResourceWhitelist": [{"group": "*", "kind": "*"}],
        },
    })
}
