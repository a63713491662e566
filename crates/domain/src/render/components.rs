//! Installing components. The catalog says where each comes from; what is special about one (its values, the
//! objects beside it) is in the file of its name. A component without such a file is installed as it comes.

mod argo_events;
mod argocd;
mod cert_manager;
mod external_secrets;
mod hnc;
mod oauth2_proxy;
mod tekton;
mod traefik;
mod vault;

use std::collections::BTreeMap;

use crate::catalog::{Chart, Source};
use crate::{Category, Component};
use serde_json::{Value, json};

use crate::render::context::Context;
use crate::render::objects::{Application, chart_source, git_source, kustomization, to_cluster};
use crate::render::overlay::Overlay;
use crate::render::{RenderError, Tree, names, secrets};

pub use argocd::without as without_argocd;

/// Peculiarities of a component.
#[derive(Default)]
pub struct Special {
    /// Values of its chart.
    values: Option<Value>,
    /// Objects beside it, patches of it.
    overlay: Option<Overlay>,
    /// The overlay's folder where it is not called as the component.
    folder: Option<&'static str>,
    /// Fields that change by themselves in the cluster.
    ignore_differences: Option<Value>,
    /// True where an ApplicationSet generates the component's Application.
    generated: bool,
}

/// The Applications of a cluster's components, by file name.
#[derive(Default)]
pub struct Installed(BTreeMap<String, Value>);

impl Installed {
    pub fn add(&mut self, file: &str, object: Value) {
        self.0.insert(file.to_owned(), object);
    }

    /// Writes the folder that the cluster's root Application points at.
    pub fn write(self, folder: &str, tree: &mut Tree) -> Result<(), RenderError> {
        let files: Vec<String> = self.0.keys().cloned().collect();
        tree.put(
            format!("{folder}/kustomization.yaml"),
            &[kustomization(&files)],
        )?;
        for (file, object) in self.0 {
            tree.put(format!("{folder}/{file}"), &[object])?;
        }
        Ok(())
    }
}

fn special(context: &Context<'_>, component: &Component) -> Result<Special, RenderError> {
    match component.name.as_str() {
        "argo-events" => Ok(argo_events::special(context, component)),
        "argocd" => argocd::special(context, component),
        "cert-manager" => Ok(cert_manager::special()),
        "external-secrets" => Ok(external_secrets::special(context, component)),
        "hnc" => Ok(hnc::special(context, component)),
        "oauth2-proxy" => Ok(oauth2_proxy::special(context, component)),
        "tekton" => Ok(tekton::special(context, component)),
        "traefik" => traefik::special(context, component),
        "vault" => Ok(vault::special(context)),
        _ => Ok(Special::default()),
    }
}

/// Writes what a component consists of; its Application goes to `installed`.
///
/// What stands beside a chart is a second source of the same Application: it is applied after the chart's
/// CustomResourceDefinitions, and where it has a sync wave also after the chart runs.
pub fn install(
    context: &Context<'_>,
    component: &Component,
    installed: &mut Installed,
    tree: &mut Tree,
) -> Result<(), RenderError> {
    let entry = context.entry(component)?;
    let mut special = special(context, component)?;
    let name = &component.name;
    let folder = special.folder.unwrap_or(name);
    let folder = format!("{}/{folder}/overlays/production", context.folder());
    let mut overlay = special.overlay.take();
    if entry.category == Category::SecretSync && secrets::from_vault(context) {
        secrets::add(context, component, overlay.get_or_insert_default());
    }
    let mut sources = Vec::new();
    match &entry.source {
        Source::Nothing => return Ok(()),
        Source::Helm(chart) => {
            sources.push(chart_of(context, name, chart, special.values.take()));
        }
        Source::Manifests { urls, images } => {
            let overlay = overlay.get_or_insert_default();
            overlay.remote.clone_from(urls);
            overlay.images.clone_from(images);
            special.ignore_differences = Some(dropped_fields(special.ignore_differences));
        }
    }
    if let Some(overlay) = overlay {
        overlay.write(&folder, tree)?;
        if sources.is_empty() || !special.generated {
            sources.push(git_source(context.settings, &folder));
        }
    }
    if matches!(entry.source, Source::Helm(_)) || !special.generated {
        let application = application(context, component, sources, special);
        installed.add(&format!("{name}-app.yaml"), application);
    }
    Ok(())
}

/// Definitions of upstream's manifests carry `preserveUnknownFields: false`, which the API server drops: Argo CD up
/// to 3.5 finds them different for ever.
fn dropped_fields(others: Option<Value>) -> Value {
    let dropped = json!({
        "group": "apiextensions.k8s.io",
        "kind": "CustomResourceDefinition",
        "jsonPointers": ["/spec/preserveUnknownFields"],
    });
    let others = others
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    others.cloned().chain([dropped]).collect()
}

/// The release of a chart.
pub fn release(context: &Context<'_>, component: &str) -> String {
    names::release(&context.cluster.name, context.cluster.usage, component)
}

fn chart_of(context: &Context<'_>, component: &str, chart: &Chart, values: Option<Value>) -> Value {
    chart_source(chart, &release(context, component), values)
}

fn application(
    context: &Context<'_>,
    component: &Component,
    sources: Vec<Value>,
    special: Special,
) -> Value {
    let application = Application {
        name: names::application(&context.cluster.name, &component.name),
        cluster: context.cluster.name.clone(),
        project: context.project(),
        sources,
        destination: to_cluster(&context.cluster.name, &component.namespace),
        ignore_differences: special.ignore_differences,
        // No component waits for another: Argo CD begins each wave seconds after the one before, and does not look whether
        // an Application is healthy. What fetches secrets lets its own objects go before its controller by their waves.
        wave: None,
    };
    application.to_value(context.settings)
}
