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

/// Version, cluster, body.
pub(crate) const GUIDES: &[(&str, &str, &str)] = guides! {
    "v0.4": "cluster-host" "physical-worker-deployment" "physical-worker-pipeline" "virtual-worker-deployment"
        "virtual-worker-pipeline";
    "v0.3.9": "cluster-host" "physical-worker-deployment" "physical-worker-pipeline" "virtual-worker-deployment"
        "virtual-worker-pipeline";
    "v0.2": "cluster-host-demo" "cluster-physical-demo" "cluster-virtual-demo";
};

/// Characters of a kubeconfig that are shown.
const SHOWN: usize = 40;

/// Each request, its kubeconfig shortened.
pub(crate) fn requests() -> Vec<(String, Example)> {
    GUIDES
        .iter()
        .map(|(version, name, body)| {
            let summary = format!("{name}, as in the guide of {version}");
            let example = ExampleBuilder::new()
                .summary(summary)
                .value(shortened(body));
            (format!("{version}-{name}"), example.build())
        })
        .collect()
}

fn shortened(body: &str) -> Option<Value> {
    let mut body: Value = serde_json::from_str(body).ok()?;
    if let Some(Value::String(text)) = body.get_mut("kubeconfig") {
        *text = text.chars().take(SHOWN).collect::<String>() + "…";
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
