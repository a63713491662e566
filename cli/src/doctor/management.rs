//! The management cluster, by a context of the user's: Argo CD with its controllers, and the definitions.

use serde_json::Value;

use super::Checks;
use crate::cluster::ClusterClient;

/// Argo CD's workloads, and what does not happen without them.
const WORKLOADS: [(&str, &str, &str); 4] = [
    (
        "statefulsets",
        "argocd-application-controller",
        "nothing is installed",
    ),
    (
        "deployments",
        "argocd-applicationset-controller",
        "no Application is made",
    ),
    ("deployments", "argocd-repo-server", "no manifest is read"),
    ("deployments", "argocd-server", "nobody can look"),
];

/// Definitions, and where they come from.
const DEFINITIONS: [(&str, &str); 4] = [
    ("applications.argoproj.io", "install Argo CD"),
    (
        "applicationsets.argoproj.io",
        "install Argo CD with its ApplicationSet controller",
    ),
    ("appprojects.argoproj.io", "install Argo CD"),
    (
        "clusters.nautes.resource.nautes.io",
        "kubectl apply -f deploy/crds/clusters.nautes.resource.nautes.io.yaml",
    ),
];

/// Checks Argo CD in this namespace.
pub(crate) async fn check(cluster: &ClusterClient, namespace: &str) -> Checks {
    let mut checks = Checks::of("management cluster");
    match super::cluster::version(cluster).await {
        Ok(version) => checks.ok(format!("it answers: Kubernetes {}", version.text)),
        Err(error) => {
            checks.failure(error.to_string(), "check the context and the way there");
            return checks;
        }
    }
    for (kind, name, otherwise) in WORKLOADS {
        let path = format!("/apis/apps/v1/namespaces/{namespace}/{kind}/{name}");
        match cluster.find(&path).await {
            Ok(Some(workload)) => check_workload(&mut checks, name, otherwise, &workload),
            Ok(None) => checks.failure(
                format!("there is no {name} in the namespace {namespace}: {otherwise}"),
                "install Argo CD, or name its namespace with --argocd-namespace",
            ),
            Err(error) => checks.warning(error.to_string(), "use a context that may read it"),
        }
    }
    for (name, hint) in DEFINITIONS {
        let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}");
        match cluster.find(&path).await {
            Ok(Some(_)) => checks.ok(format!("{name} is defined")),
            Ok(None) => checks.failure(format!("{name} is not defined"), hint),
            Err(error) => checks.warning(error.to_string(), "use a context that may read it"),
        }
    }
    checks
}

fn check_workload(checks: &mut Checks, name: &str, otherwise: &str, workload: &Value) {
    let number = |pointer: &str| {
        workload
            .pointer(pointer)
            .and_then(Value::as_u64)
            .unwrap_or(0)
    };
    let image = workload
        .pointer("/spec/template/spec/containers/0/image")
        .and_then(Value::as_str);
    let version = image
        .and_then(version_of_image)
        .unwrap_or("version not known");
    match number("/status/readyReplicas") {
        0 => checks.failure(
            format!("{name} is not ready: {otherwise}"),
            format!("kubectl describe it: {version}"),
        ),
        _ => checks.ok(format!("{name} is ready ({version})")),
    }
}

/// The tag of an image, without a digest.
fn version_of_image(image: &str) -> Option<&str> {
    let image = image.split('@').next()?;
    let (_, tag) = image.rsplit('/').next()?.split_once(':')?;
    Some(tag)
}

#[cfg(test)]
mod tests {
    use super::version_of_image;

    #[test]
    fn the_tag_is_the_version() {
        assert_eq!(
            version_of_image("quay.io/argoproj/argocd:v3.5.1"),
            Some("v3.5.1")
        );
        assert_eq!(
            version_of_image("localhost:5000/argocd:v3@sha256:0"),
            Some("v3")
        );
        assert_eq!(version_of_image("localhost:5000/argocd"), None);
    }
}
