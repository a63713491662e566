//! The management cluster, by a context of the user's: Argo CD with its controllers, and the definitions.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::{Checks, rights};
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

/// Minor versions of Argo CD 3, and the first one of Kubernetes 1, that docs/deploy.md names.
const ARGO_CD: RangeInclusive<u32> = 2..=6;
const KUBERNETES: u32 = 31;

/// The definition of Argo CD's Application, and the fields of ours that not every version of Argo CD 3 has.
const APPLICATION: &str = "applications.argoproj.io";
const APPLICATION_FIELDS: [&str; 2] = ["spec.sources", "spec.syncPolicy.retry.refresh"];

/// Definitions, and where they come from.
const DEFINITIONS: [(&str, &str); 4] = [
    (APPLICATION, "install Argo CD"),
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

/// Checks Argo CD, and the rights of the service.
pub(crate) async fn check(cluster: &ClusterClient, service: &rights::ServiceAccount<'_>) -> Checks {
    let mut checks = Checks::of("management cluster");
    let namespace = service.argocd_namespace;
    match super::cluster::version(cluster).await {
        Ok(version) if version.minor.is_some_and(|minor| minor < KUBERNETES) => checks.warning(
            format!(
                "it answers: Kubernetes {}, which is older than 1.{KUBERNETES}",
                version.text
            ),
            "update it (docs/deploy.md has the versions)",
        ),
        Ok(version) => checks.ok(format!("it answers: Kubernetes {}", version.text)),
        Err(error) => {
            let hint = match error.way_out() {
                "" => "check the context and the way there",
                way_out => way_out,
            };
            checks.failure(error.to_string(), hint);
            return checks;
        }
    }
    for (kind, name, otherwise) in WORKLOADS {
        let path = format!("/apis/apps/v1/namespaces/{namespace}/{kind}/{name}");
        match cluster.find(&path).await {
            Ok(Some(workload)) => check_workload(&mut checks, name, otherwise, &workload),
            // Installs need none.
            Ok(None) if name == "argocd-server" => checks.warning(
                format!("there is no {name} in the namespace {namespace}: {otherwise}"),
                "install it where people are to see Argo CD's own pages",
            ),
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
            Ok(Some(definition)) => check_definition(&mut checks, name, &definition),
            Ok(None) => checks.failure(format!("{name} is not defined"), hint),
            Err(error) => checks.warning(error.to_string(), "use a context that may read it"),
        }
    }
    rights::check(&mut checks, cluster, service).await;
    checks
}

fn check_definition(checks: &mut Checks, name: &str, definition: &Value) {
    let lacks = match name {
        APPLICATION => missing_fields(definition),
        _ => Vec::new(),
    };
    match lacks.as_slice() {
        [] => checks.ok(format!("{name} is defined")),
        lacks => checks.failure(
            format!(
                "{name} has no {}: it is older than Argo CD 3.{}",
                lacks.join(", "),
                ARGO_CD.start()
            ),
            "update Argo CD with its definitions (docs/deploy.md says why)",
        ),
    }
}

/// Fields that Applications need and a definition lacks.
fn missing_fields(definition: &Value) -> Vec<&'static str> {
    let versions = definition
        .pointer("/spec/versions")
        .and_then(Value::as_array);
    let schemas: Vec<&Value> = versions
        .into_iter()
        .flatten()
        .filter_map(|version| version.pointer("/schema/openAPIV3Schema"))
        .collect();
    let has = |schema: &Value, field: &str| {
        let mut steps = field.split('.');
        steps
            .try_fold(schema, |schema, step| schema.get("properties")?.get(step))
            .is_some()
    };
    let fields = APPLICATION_FIELDS.into_iter();
    fields
        .filter(|field| !schemas.iter().any(|schema| has(schema, field)))
        .collect()
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
    let minor = minor_of(version);
    if name == "argocd-application-controller"
        && minor.is_some_and(|minor| !ARGO_CD.contains(&minor))
    {
        checks.warning(
            format!(
                "Argo CD is {version}, and 3.{} to 3.{} are supported",
                ARGO_CD.start(),
                ARGO_CD.end()
            ),
            "install one of these (docs/deploy.md says why)",
        );
    }
    match number("/status/readyReplicas") {
        0 => checks.failure(
            format!("{name} is not ready: {otherwise}"),
            format!("`kubectl describe` says why; its version is {version}"),
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

/// 5 of `v3.5.1`; one beyond the supported ones where the major version is another. `None`: it is no version.
fn minor_of(version: &str) -> Option<u32> {
    let (major, rest) = version.trim_start_matches('v').split_once('.')?;
    let minor = rest.split('.').next()?.parse().ok()?;
    match major.parse().ok()? {
        3 => Some(minor),
        0..3u32 => Some(0),
        _ => Some(ARGO_CD.end() + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn versions_are_those_of_the_page() {
        let page = include_str!("../../../docs/deploy.md");
        let argo = format!("3.{} to 3.{}", ARGO_CD.start(), ARGO_CD.end());
        assert!(page.contains(&format!("| Argo CD in the management cluster | {argo} |")));
        let kubernetes =
            format!("| Kubernetes of the management cluster | 1.{KUBERNETES} and later");
        assert!(page.contains(&kubernetes));
        let is_supported = |version| minor_of(version).map(|minor| ARGO_CD.contains(&minor));
        for (version, supported) in [
            ("v3.6.1", Some(true)),
            ("v3.1.9", Some(false)),
            ("v2.14.0", Some(false)),
            ("v4.0.0", Some(false)),
            ("latest", None),
        ] {
            assert_eq!(is_supported(version), supported, "{version}");
        }
    }

    #[test]
    fn a_definition_of_an_older_argo_cd_is_told_by_its_fields() {
        let current = {
            let retry = json!({"properties": {"limit": {}, "refresh": {"type": "boolean"}}});
            let spec = json!({"properties": {"sources": {}, "syncPolicy": {"properties": {"retry": retry}}}});
            let schema = json!({"openAPIV3Schema": {"properties": {"spec": spec}}});
            json!({"spec": {"versions": [{"name": "v1alpha1", "schema": schema}]}})
        };
        assert_eq!(missing_fields(&current), Vec::<&str>::new());
        let mut older = current.clone();
        let retry = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/syncPolicy/properties/retry/properties";
        older
            .pointer_mut(retry)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove("refresh");
        assert_eq!(missing_fields(&older), ["spec.syncPolicy.retry.refresh"]);
        assert_eq!(missing_fields(&json!({})), APPLICATION_FIELDS);
    }

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
