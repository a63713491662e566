//! The ApplicationSets of a tenant, which turn hosts and workers into Applications.

use crate::Settings;
use serde_json::{Value, json};

use crate::render::objects::{CLUSTER_LABEL, application_annotations, literal, sync_policy};
use crate::render::{RenderError, Tree, names, projects};

/// The label of an Argo CD cluster Secret that says what the cluster is for.
const USAGE: &str = crate::names::USAGE_LABEL;

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
    let generator = of_usage("worker");
    tree.put(PROJECT_FILE.to_owned(), &[projects::of_workers(settings)])?;
    for (name, folder, namespace) in of_workers(settings) {
        let path = format!("{}{folder}", names::runtime_folder("{{.name}}"));
        let (destination, project) = match namespace {
            Some(namespace) => (
                json!({"name": "{{.name}}", "namespace": namespace}),
                names::workers_project(&settings.tenant),
            ),
            None => (management(settings), settings.tenant.clone()),
        };
        let template = Template {
            cluster: "{{.name}}",
            name: &names::application("{{.name}}", name),
            path: &path,
            project: &project,
            destination: &destination,
        };
        let template = template.to_value(settings);
        let set = application_set(settings, &names::set_over(name), &generator, &template);
        tree.put(file(name), &[set])?;
    }
    Ok(())
}

/// No worker is left.
pub fn no_runtimes(tree: &mut Tree) {
    for name in ["runtime", "runtime-argocd", "runtime-initial"] {
        tree.absent.insert(file(name));
    }
    tree.absent.insert(PROJECT_FILE.to_owned());
}

/// The project of the Applications that ApplicationSets put into the workers. It lies beside the sets, because
/// an ApplicationSet makes no Application of a project that is not there yet.
const PROJECT_FILE: &str = "tenant/production/workers-project.yaml";

fn file(name: &str) -> String {
    format!("tenant/production/{name}-appset.yaml")
}

/// The ApplicationSet over the hosts, each a folder of Applications.
pub fn hosts(settings: &Settings, tree: &mut Tree) -> Result<(), RenderError> {
    let path = format!("{}/production", names::host_folder("{{.name}}"));
    let set = application_set(
        settings,
        names::HOST_SET,
        &of_usage("host"),
        &of_folder(settings, "{{.name}}", &path),
    );
    tree.put(names::HOST_APPLICATION_SET.to_owned(), &[set])
}

/// The generator of every cluster that Argo CD knows with this usage.
fn of_usage(usage: &str) -> Value {
    json!({"clusters": {"selector": {"matchLabels": {USAGE: usage}}}})
}

/// The ApplicationSet over the virtual clusters of a host, which belongs to the host.
pub fn over_virtual_clusters(settings: &Settings, host: &str, elements: &[Value]) -> Value {
    let generator = json!({"list": {"elements": elements}});
    let path = names::vcluster_folder(host, "{{.cluster}}");
    let template = of_folder(settings, "{{.cluster}}", &path);
    let mut set = application_set(settings, &names::vcluster_set(host), &generator, &template);
    if let Some(Value::Object(metadata)) = set.get_mut("metadata") {
        metadata.insert("labels".to_owned(), json!({CLUSTER_LABEL: host}));
    }
    set
}

/// The Application of a cluster's folder of Applications, called as the cluster.
fn of_folder(settings: &Settings, cluster: &str, path: &str) -> Value {
    let template = Template {
        cluster,
        name: cluster,
        path,
        project: &settings.tenant,
        destination: &management(settings),
    };
    template.to_value(settings)
}

fn management(settings: &Settings) -> Value {
    json!({"server": names::IN_CLUSTER, "namespace": settings.argocd_namespace})
}

/// The Applications of an ApplicationSet. Only the parameters of the generators are expanded; settings come out
/// as they are.
struct Template<'a> {
    /// The parameter that names the cluster.
    cluster: &'a str,
    name: &'a str,
    path: &'a str,
    project: &'a str,
    destination: &'a Value,
}

impl Template<'_> {
    fn to_value(&self, settings: &Settings) -> Value {
        json!({
            "metadata": {
                "name": self.name,
                "labels": {CLUSTER_LABEL: self.cluster},
                "annotations": application_annotations(None),
            },
            "spec": {
                "project": self.project,
                "source": {
                    "repoURL": literal(&settings.repository_url),
                    "targetRevision": literal(&settings.target_revision),
                    "path": self.path,
                },
                "destination": self.destination,
                "syncPolicy": sync_policy(self.destination),
            },
        })
    }
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
