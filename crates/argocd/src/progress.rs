//! How far an uninstall is.

use domain::{Cluster, Settings};
use serde_json::Value;

use crate::names;
use crate::objects::NAME_LABEL;
use crate::status::ClusterApplications;
use crate::text::clean;
use kubernetes::kind::Target;

/// Something of a deleted cluster that is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemainingObject {
    /// The object that is left.
    pub target: Target,
    /// Message of what the object waits for, where that is known.
    pub message: Option<String>,
}

impl std::fmt::Display for RemainingObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}: {message}", self.target),
            None => self.target.fmt(f),
        }
    }
}

/// Lists what is left of a cluster, given the Secrets (metadata is enough) and Applications of Argo CD's namespace.
/// Empty when the uninstall has finished.
#[must_use]
pub fn remaining(
    cluster: &Cluster,
    secrets: &[Value],
    applications: &[Value],
    settings: &Settings,
) -> Vec<RemainingObject> {
    let secret = names::secret(cluster, settings);
    let namespace = &settings.argocd_namespace;
    let secrets = secrets
        .iter()
        .filter(|object| is_of(cluster, object) || name(object) == secret.name)
        .map(|object| RemainingObject {
            target: secret.kind.target(namespace, name(object)),
            message: None,
        });
    let applications = ClusterApplications::of(cluster, applications);
    let applications = applications.iter().map(|application| RemainingObject {
        target: kubernetes::Kind::APPLICATION.target(namespace, application.name()),
        message: application.deletion_error().map(clean),
    });
    applications.chain(secrets).collect()
}

fn name(object: &Value) -> &str {
    let name = object.pointer("/metadata/name").and_then(Value::as_str);
    name.unwrap_or_default()
}

fn is_of(cluster: &Cluster, secret: &Value) -> bool {
    let labels = secret.pointer("/metadata/labels");
    let label = labels.and_then(|labels| labels.get(NAME_LABEL));
    label.and_then(Value::as_str) == Some(&cluster.name)
}

#[cfg(test)]
mod tests;
