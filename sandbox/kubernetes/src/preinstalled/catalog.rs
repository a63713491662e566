//! The definitions a new server holds.

use serde_json::{Value, json};

use crate::schema::{TypeLibrary, to_json};

/// A definition in short.
pub struct Definition {
    group: &'static str,
    plural: &'static str,
    kind: &'static str,
    schema: &'static str,
    short: &'static [&'static str],
    /// It has `/status`; Argo CD's Application has not.
    status: bool,
    /// Column headings and their paths; `+`: only with `-o wide`.
    columns: &'static [(&'static str, &'static str)],
    /// Installed whatever the options say.
    pub always: bool,
}

const AGE: (&str, &str) = ("Age", ".metadata.creationTimestamp");

/// Argo CD's kinds and Nautes'.
pub fn all() -> [Definition; 7] {
    let argo = |plural, kind, short, status, columns| Definition {
        group: "argoproj.io",
        plural,
        kind,
        schema: kind,
        short,
        status,
        columns,
        always: true,
    };
    let nautes = |plural, kind, schema, short, columns| Definition {
        group: "nautes.resource.nautes.io",
        plural,
        kind,
        schema,
        short,
        status: true,
        columns,
        always: false,
    };
    [
        argo(
            "applications",
            "Application",
            &["app", "apps"],
            false,
            &APPLICATION,
        ),
        argo(
            "applicationsets",
            "ApplicationSet",
            &["appset", "appsets"],
            true,
            &[],
        ),
        argo(
            "appprojects",
            "AppProject",
            &["appproj", "appprojs"],
            false,
            &[],
        ),
        nautes("clusters", "Cluster", "NautesCluster", &[], &CLUSTER),
        nautes(
            "deploymentruntimes",
            "DeploymentRuntime",
            "DeploymentRuntime",
            &["dr"],
            &DEPLOYMENT_RUNTIME,
        ),
        nautes(
            "projectpipelineruntimes",
            "ProjectPipelineRuntime",
            "ProjectPipelineRuntime",
            &["ppr"],
            &PIPELINE_RUNTIME,
        ),
        nautes(
            "environments",
            "Environment",
            "Environment",
            &[],
            &ENVIRONMENT,
        ),
    ]
}

const APPLICATION: [(&str, &str); 4] = [
    ("Sync Status", ".status.sync.status"),
    ("Health Status", ".status.health.status"),
    ("+Revision", ".status.sync.revision"),
    ("+Project", ".spec.project"),
];
const CLUSTER: [(&str, &str); 4] = [
    ("API SERVER", ".spec.apiServer"),
    ("USAGE", ".spec.usage"),
    ("HOST", ".spec.hostCluster"),
    AGE,
];
const DEPLOYMENT_RUNTIME: [(&str, &str); 2] = [
    ("Destination", ".spec.destination.environment"),
    ("CodeRepo", ".spec.manifestSource.codeRepo"),
];
const PIPELINE_RUNTIME: [(&str, &str); 2] = [
    ("Project", ".spec.project"),
    ("Source", ".spec.pipelineSource"),
];
const ENVIRONMENT: [(&str, &str); 3] = [
    ("PRODUCTRESOURCENAME", ".spec.product"),
    ("CLUSTER", ".spec.cluster"),
    ("ENVTYPE", ".spec.envType"),
];

impl Definition {
    /// As a CustomResourceDefinition.
    pub fn to_object(&self, library: &TypeLibrary) -> Result<Value, String> {
        let schema = to_json(library.get(self.schema)?.as_ref());
        let columns: Vec<Value> = self
            .columns
            .iter()
            .map(|(name, path)| column(name, path))
            .collect();
        let mut version = json!({
            "name": "v1alpha1", "served": true, "storage": true,
            "schema": { "openAPIV3Schema": schema },
            "subresources": if self.status { json!({ "status": {} }) } else { json!({}) },
        });
        if !columns.is_empty() {
            crate::object::set_field(
                &mut version,
                "additionalPrinterColumns",
                Some(Value::Array(columns)),
            );
        }
        Ok(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": { "name": format!("{}.{}", self.plural, self.group) },
            "spec": {
                "group": self.group, "scope": "Namespaced", "versions": [version],
                "names": { "plural": self.plural, "kind": self.kind, "shortNames": self.short },
            },
        }))
    }
}

fn column(name: &str, path: &str) -> Value {
    let kind = if path == AGE.1 { "date" } else { "string" };
    let priority = i32::from(name.starts_with('+'));
    json!({ "name": name.trim_start_matches('+'), "type": kind, "jsonPath": path, "priority": priority })
}
