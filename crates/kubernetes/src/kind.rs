//! The kinds of objects in use.

use serde_json::Value;

/// A kind of object and where the API server keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Empty for the core group.
    pub group: &'static str,
    /// Such as `v1`.
    pub version: &'static str,
    /// As in URLs and RBAC rules.
    pub plural: &'static str,
    /// As in manifests.
    pub kind: &'static str,
}

/// One object. Every kind in use is namespaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Kind of the object.
    pub kind: Kind,
    /// Namespace of the object.
    pub namespace: String,
    /// Name of the object.
    pub name: String,
}

impl Kind {
    /// Argo CD's clusters and their credentials.
    pub const SECRET: Self = Self::new("", "v1", "secrets", "Secret");
    /// Runs once, to its end.
    pub const JOB: Self = Self::new("batch", "v1", "jobs", "Job");
    /// Set of objects that Argo CD keeps in a cluster.
    pub const APPLICATION: Self =
        Self::new("argoproj.io", "v1alpha1", "applications", "Application");
    /// Makes Applications from a list of clusters.
    pub const APPLICATION_SET: Self = Self::new(
        "argoproj.io",
        "v1alpha1",
        "applicationsets",
        "ApplicationSet",
    );
    /// Limits of what Applications may do.
    pub const APP_PROJECT: Self = Self::new("argoproj.io", "v1alpha1", "appprojects", "AppProject");
    /// A registered cluster.
    pub const CLUSTER: Self = Self::nautes("clusters", "Cluster");
    /// A product's environment, in a cluster.
    pub const ENVIRONMENT: Self = Self::nautes("environments", "Environment");
    /// A product's deployments, in an environment.
    pub const DEPLOYMENT_RUNTIME: Self = Self::nautes("deploymentruntimes", "DeploymentRuntime");
    /// A product's pipelines, in an environment.
    pub const PROJECT_PIPELINE_RUNTIME: Self =
        Self::nautes("projectpipelineruntimes", "ProjectPipelineRuntime");

    const ALL: [Self; 9] = [
        Self::SECRET,
        Self::JOB,
        Self::APPLICATION,
        Self::APPLICATION_SET,
        Self::APP_PROJECT,
        Self::CLUSTER,
        Self::ENVIRONMENT,
        Self::DEPLOYMENT_RUNTIME,
        Self::PROJECT_PIPELINE_RUNTIME,
    ];

    const fn new(
        group: &'static str,
        version: &'static str,
        plural: &'static str,
        kind: &'static str,
    ) -> Self {
        Self {
            group,
            version,
            plural,
            kind,
        }
    }

    const fn nautes(plural: &'static str, kind: &'static str) -> Self {
        Self::new("nautes.resource.nautes.io", "v1alpha1", plural, kind)
    }

    /// `group/version`, or the version alone for the core group.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// One object of this kind.
    #[must_use]
    pub fn target(self, namespace: &str, name: &str) -> Target {
        Target {
            kind: self,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }
}

impl Target {
    /// Reads the target from an object; `None` for a kind that is not in use here, or without a name.
    #[must_use]
    pub fn of(object: &Value) -> Option<Self> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let (api_version, kind) = (text("/apiVersion")?, text("/kind")?);
        let kind = Kind::ALL
            .into_iter()
            .find(|known| known.kind == kind && known.api_version() == api_version)?;
        Some(kind.target(text("/metadata/namespace")?, text("/metadata/name")?))
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}/{}", self.kind.kind, self.namespace, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_names_itself() {
        let object = |api_version: &str, kind: &str| json!({"apiVersion": api_version, "kind": kind, "metadata": {"namespace": "n", "name": "x"}});
        for kind in Kind::ALL {
            let object = object(&kind.api_version(), kind.kind);
            assert_eq!(Target::of(&object), Some(kind.target("n", "x")));
        }
        assert_eq!(Target::of(&object("v1", "Job")), None);
        assert_eq!(Target::of(&json!({})), None);
        assert_eq!(
            Kind::SECRET.target("argocd", "a").to_string(),
            "Secret argocd/a"
        );
    }
}
