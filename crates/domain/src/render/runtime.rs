//! The folder of a worker: `runtimes/{name}-runtime`.

use serde_json::Value;

use crate::render::components::{self, Installed};
use crate::render::context::Context;
use crate::render::objects::{Application, git_source, kustomization, to_management};
use crate::render::{RenderError, Tree, initial, names, projects};

pub fn write(context: &Context<'_>, tree: &mut Tree) -> Result<(), RenderError> {
    let folder = context.folder();
    initial::write(context, tree)?;
    let mut installed = Installed::default();
    for component in context.installed() {
        components::install(context, component, &mut installed, tree)?;
    }
    components::without_argocd(context, tree)?;
    installed.write(&format!("{folder}/production"), tree)?;
    let files = [
        ("runtime-app.yaml", root(context)),
        (
            "runtime-project.yaml",
            projects::of_cluster(context.settings, &context.cluster.name, &context.project()),
        ),
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
        name: names::runtime_root(&context.cluster.name),
        cluster: context.cluster.name.clone(),
        project: context.settings.tenant.clone(),
        sources: vec![git_source(context.settings, &path)],
        destination: to_management(context.settings),
        ignore_differences: None,
        wave: None,
    };
    application.to_value(context.settings)
}
