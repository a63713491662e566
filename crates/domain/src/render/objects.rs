//! Builders of the objects that occur everywhere.

use crate::Settings;
use crate::catalog::Chart;
use serde_json::{Value, json};

use crate::names::{self, SERVER_SIDE_DIFF};

pub use crate::names::CLUSTER_LABEL;

/// The finalizer by which deleting an Application uninstalls what it has installed, and a project stays as
/// long as Applications refer to it.
pub const CASCADE: &str = "resources-finalizer.argocd.argoproj.io";

/// In which order Argo CD applies the objects of one Application; it deletes them in the reverse order.
pub const SYNC_WAVE: &str = "argocd.argoproj.io/sync-wave";

/// The annotations of every Application.
pub fn application_annotations(wave: Option<&str>) -> Value {
    json!({SERVER_SIDE_DIFF.0: SERVER_SIDE_DIFF.1, SYNC_WAVE: wave})
}

/// An Argo CD Application.
pub struct Application {
    pub name: String,
    /// The cluster that it belongs to.
    pub cluster: String,
    pub project: String,
    /// One, or several whose objects are applied together.
    pub sources: Vec<Value>,
    pub destination: Value,
    pub ignore_differences: Option<Value>,
    pub wave: Option<&'static str>,
}

impl Application {
    pub fn to_value(&self, settings: &Settings) -> Value {
        let (source, sources) = match self.sources.as_slice() {
            [source] => (Some(source), None),
            sources => (None, Some(sources)),
        };
        json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {
                "name": self.name,
                "namespace": settings.argocd_namespace,
                "labels": {CLUSTER_LABEL: self.cluster},
                "annotations": application_annotations(self.wave),
                "finalizers": [CASCADE],
            },
            "spec": {
                "project": self.project,
                "source": source,
                "sources": sources,
                "destination": self.destination,
                "ignoreDifferences": self.ignore_differences,
                "syncPolicy": sync_policy(&self.destination),
            },
        })
    }
}

/// How every Application is tried again: without end, since it may need what another one installs first, such as CRDs; and each
/// time with the newest revision, or a commit that can't be applied would be tried for ever after the next one has mended it.
#[must_use]
pub fn retry() -> Value {
    json!({
        "limit": -1,
        "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"},
        "refresh": true,
    })
}

/// How every Application follows the repository.
///
/// `allowEmpty`: the last object of a folder goes with the last cluster that needed it, and Argo CD would
/// otherwise refuse to prune it for ever.
///
/// What Argo CD ignores of an object stays as it is, but not in the management cluster. The objects there are Applications, of which
/// it ignores the status: Argo CD 3.2 applies the status that it has read together with the manifest, a sync that has ended is
/// `Running` for ever, and no later comparison succeeds (CHANGELOG.md has the releases).
pub fn sync_policy(destination: &Value) -> Value {
    let is_registered = destination.get("name").is_some();
    // Server-side apply: some CRDs exceed the size of the annotation that client-side apply keeps.
    let options = [
        Some("CreateNamespace=true"),
        is_registered.then_some("RespectIgnoreDifferences=true"),
        Some("ServerSideApply=true"),
        Some("SkipDryRunOnMissingResource=true"),
    ];
    let options: Vec<&str> = options.into_iter().flatten().collect();
    json!({
        "automated": {"prune": true, "selfHeal": true, "allowEmpty": true},
        "retry": retry(),
        "syncOptions": options,
    })
}

/// A folder of the repository.
pub fn git_source(settings: &Settings, path: &str) -> Value {
    json!({
        "repoURL": settings.repository_url,
        "targetRevision": settings.target_revision,
        "path": path,
    })
}

/// A Helm chart. What the catalog says of its values goes before what rendering says.
pub fn chart_source(chart: &Chart, release: &str, values: Option<Value>) -> Value {
    let values = match (values, &chart.values) {
        (Some(mut values), Some(over)) => {
            merge(&mut values, over);
            Some(values)
        }
        (values, over) => values.or_else(|| over.clone()),
    };
    json!({
        "repoURL": chart.repository,
        "chart": chart.chart,
        "targetRevision": chart.version,
        "helm": {"releaseName": release, "valuesObject": values},
    })
}

/// Mappings are merged, everything else is replaced.
fn merge(values: &mut Value, over: &Value) {
    match (values, over) {
        (Value::Object(values), Value::Object(over)) => {
            for (key, over) in over {
                merge(values.entry(key.clone()).or_insert(Value::Null), over);
            }
        }
        (values, over) => values.clone_from(over),
    }
}

/// A registered cluster.
pub fn to_cluster(cluster: &str, namespace: &str) -> Value {
    json!({"name": cluster, "namespace": namespace})
}

/// The management cluster, where Applications themselves live.
pub fn to_management(settings: &Settings) -> Value {
    json!({"server": names::IN_CLUSTER, "namespace": settings.argocd_namespace})
}

/// A kustomization of these files.
pub fn kustomization(resources: &[String]) -> Value {
    json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    })
}

/// A Secret with the tenant's certificates, if any. They are public: nothing in it is secret.
pub fn certificates(name: &str, namespace: &str, file: &str, settings: &Settings) -> Option<Value> {
    let certificates = set(&settings.ca_bundle)?;
    Some(json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "Opaque",
        "data": {file: base64(certificates)},
    }))
}

/// A setting that is not empty.
pub fn set(setting: &str) -> Option<&str> {
    (!setting.is_empty()).then_some(setting)
}

/// Base64 as Kubernetes has it: standard alphabet, padded.
pub fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// Text for a place where Go templates are expanded, so that it comes out as it is.
pub fn literal(text: &str) -> String {
    text.replace("{{", r#"{{"{{"}}"#)
}

/// An Ingress rule that sends a path of a host to a Service.
pub fn ingress_rule(host: &str, path: &str, service: &str, port: &Value) -> Value {
    let backend = json!({"service": {"name": service, "port": port}});
    let path = json!({"path": path, "pathType": "ImplementationSpecific", "backend": backend});
    json!({"host": host, "http": {"paths": [path]}})
}

#[cfg(test)]
mod tests {
    use super::{literal, merge};
    use serde_json::json;

    #[test]
    fn mappings_are_merged_and_lists_replaced() {
        let mut values = json!({"a": {"b": 1, "c": [1]}, "d": null});
        merge(
            &mut values,
            &json!({"a": {"c": [2], "e": 3}, "d": {"f": 4}}),
        );
        assert_eq!(
            values,
            json!({"a": {"b": 1, "c": [2], "e": 3}, "d": {"f": 4}})
        );
    }

    #[test]
    fn braces_are_no_template() {
        assert_eq!(literal("a{{.name}}b"), r#"a{{"{{"}}.name}}b"#);
        assert_eq!(literal("https://a/{b}"), "https://a/{b}");
    }
}
