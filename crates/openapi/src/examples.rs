//! The requests of the guides.

use serde_json::Value;
use utoipa::openapi::example::{Example, ExampleBuilder};

macro_rules! guides {
    ($($version:literal: $($name:literal)*;)*) => {
        &[$($((
            $version,
            $name,
            include_str!(concat!("../../../tests/cases/requests/", $version, "/", $name, ".json")),
        ),)*)*]
    };
}

/// Version, cluster, body. A page that tries requests out fills its form with the first.
pub(crate) const GUIDES: &[(&str, &str, &str)] = guides! {
    "v0.4": "physical-worker-deployment" "physical-worker-pipeline" "cluster-host" "virtual-worker-deployment"
        "virtual-worker-pipeline";
    "v0.3.9": "cluster-host" "physical-worker-deployment" "physical-worker-pipeline" "virtual-worker-deployment"
        "virtual-worker-pipeline";
    "v0.2": "cluster-host-demo" "cluster-physical-demo" "cluster-virtual-demo";
};

/// Kubeconfig instead of the guides' own, whose certificates fill a page and have ended: whole, so that the request is taken as it is.
const KUBECONFIG: &str = "apiVersion: v1
kind: Config
current-context: admin
clusters:
- name: worker
  cluster: {server: 'https://8.217.50.114:6443', insecure-skip-tls-verify: true}
contexts:
- name: admin
  context: {cluster: worker, user: admin}
users:
- name: admin
  user: {token: token-of-a-service-account}
";

/// Each request under a key that keeps the order of the guides, for keys are sorted.
pub(crate) fn requests() -> Vec<(String, Example)> {
    GUIDES
        .iter()
        .zip(1..)
        .map(|((version, name, body), place)| {
            let summary = format!("{name}, as in the guide of {version}");
            let example = ExampleBuilder::new().summary(summary).value(whole(body));
            (format!("{place:02}-{version}-{name}"), example.build())
        })
        .collect()
}

fn whole(body: &str) -> Option<Value> {
    let mut body: Value = serde_json::from_str(body).ok()?;
    if let Some(kubeconfig) = body.get_mut("kubeconfig") {
        *kubeconfig = KUBECONFIG.into();
    }
    Some(body)
}

/// The same as a manifest of the command line.
pub(crate) fn manifest() -> Example {
    let value = serde_json::json!({
        "apiVersion": "nautes.resource.nautes.io/v1alpha1",
        "kind": "Cluster",
        "spec": {
            "name": "virtual-worker-deployment",
            "apiServer": "https://8.217.50.114:31456",
            "clusterKind": "kubernetes",
            "clusterType": "virtual",
            "usage": "worker",
            "workerType": "deployment",
            "hostCluster": "cluster-host",
            "primaryDomain": "8.217.50.114.nip.io",
            "vcluster": {"httpsNodePort": "31456"},
        },
    });
    ExampleBuilder::new()
        .summary("virtual-worker-deployment, as a manifest of the command line")
        .value(Some(value))
        .build()
}
