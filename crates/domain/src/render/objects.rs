//! Builders of the objects that occur everywhere.

use crate::Settings;
use crate::catalog::Chart;
use serde_json::{Value, json};

use crate::render::names;

/// The finalizer by which deleting an Application uninstalls what it has installed, and a project stays as
/// long as Applications refer to it.
pub const CASCADE: &str = "resources-finalizer.argocd.argoproj.io";

/// An Argo CD Application.
pub struct Application {
    pub name: String,
    pub project: String,
    pub source: Value,
    pub destination: Value,
    pub ignore_differences: Option<Value>,
}

impl Application {
    pub fn to_value(&self, settings: &Settings) -> Value {
        json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {
                "name": self.name,
                "namespace": settings.argocd_namespace,
                "finalizers": [CASCADE],
            },
            "spec": {
                "project": self.project,
                "source": self.source,
                "destination": self.destination,
                "ignoreDifferences": self.ignore_differences,
                "syncPolicy": sync_policy(),
            },
        })
    }
}

/// How every Application follows the repository. An Application may need what another one installs first, such
/// as CRDs: it is tried again until that is there, each time with the newest revision.
pub fn sync_policy() -> Value {
    json!({
        "automated": {"prune": true, "selfHeal": true},
        "retry": {
            "limit": -1,
            "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"},
            "refresh": true,
        },
        // Server-side apply: some CRDs exceed the size of the annotation that client-side apply keeps.
        "syncOptions": [
            "CreateNamespace=true",
            "RespectIgnoreDifferences=true",
            "ServerSideApply=true",
            "SkipDryRunOnMissingResource=true",
        ],
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

/// A Helm chart.
pub fn chart_source(chart: &Chart, release: &str, values: Option<Value>) -> Value {
    json!({
        "repoURL": chart.repository,
        "chart": chart.chart,
        "targetRevision": chart.version,
        "helm": {"releaseName": release, "valuesObject": values},
    })
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
    use super::literal;

    #[test]
    fn braces_are_no_template() {
        assert_eq!(literal("a{{.name}}b"), r#"a{{"{{"}}.name}}b"#);
        assert_eq!(literal("https://a/{b}"), "https://a/{b}");
    }
}
