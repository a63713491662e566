//! The folder of a host: `host-clusters/{name}`.

use crate::Component;
use serde_json::{Value, json};

use crate::render::components::{self, Installed};
use crate::render::context::Context;
use crate::render::{RenderError, Tree, appsets, projects, runtime, secrets, vcluster};

/// Everything of the host, and everything of its virtual clusters that depends on it.
pub fn write(context: &Context<'_>, tree: &mut Tree) -> Result<(), RenderError> {
    components(context, tree)?;
    for cluster in &context.virtual_clusters {
        let guest = context.guest(cluster);
        vcluster::write(&guest, tree)?;
        runtime::write(&guest, tree)?;
    }
    tree.own(context.folder());
    Ok(())
}

/// Updates the part of the host that depends on its virtual clusters, after one of them has changed.
pub fn update(context: &Context<'_>, tree: &mut Tree) -> Result<(), RenderError> {
    let mut part = Tree::default();
    components(context, &mut part)?;
    let folder = context.folder();
    for path in part.files.keys() {
        let below = path
            .strip_prefix(&folder)
            .and_then(|path| path.strip_prefix('/'));
        if let Some((name, _)) = below.and_then(|below| below.split_once('/')) {
            tree.own(format!("{folder}/{name}"));
        }
    }
    tree.files.extend(part.files);
    Ok(())
}

fn components(context: &Context<'_>, tree: &mut Tree) -> Result<(), RenderError> {
    let mut installed = Installed::default();
    let (settings, host) = (context.settings, &context.cluster.name);
    let project = projects::of_cluster(settings, host, &context.project());
    installed.add("host-project.yaml", project);
    for component in context.installed() {
        components::install(context, component, &mut installed, tree)?;
    }
    if secrets::from_vault(context) {
        secret_sync(context, &mut installed, tree)?;
    }
    if !context.virtual_clusters.is_empty() {
        installed.add("vcluster-appset.yaml", virtual_clusters(context));
    }
    installed.write(&format!("{}/production", context.folder()), tree)
}

/// A host has no component that synchronises secrets, but its OAuth2 proxy needs some.
fn secret_sync(
    context: &Context<'_>,
    installed: &mut Installed,
    tree: &mut Tree,
) -> Result<(), RenderError> {
    let entry = context.catalog.default_for(crate::Category::SecretSync);
    let Some(entry) = entry else {
        return Ok(());
    };
    let component = Component {
        name: entry.name.clone(),
        namespace: entry.namespace.clone(),
        additions: std::collections::BTreeMap::new(),
    };
    components::install(context, &component, installed, tree)
}

fn virtual_clusters(context: &Context<'_>) -> Value {
    let host = &context.cluster.name;
    let names = context.virtual_clusters.iter().map(|cluster| &cluster.name);
    let elements: Vec<Value> = names.map(|name| json!({"cluster": name})).collect();
    appsets::over_virtual_clusters(context.settings, host, &elements)
}
