//! Every request that the guides of the original print registers in a fresh tenant.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by it")]

use std::fs;
use std::path::{Path, PathBuf};

use domain::render::{SharedFiles, render};
use domain::{Category, Checked, File, Neighbours, SaveRequest, Settings, check, resource};

fn requests() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/requests");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .flat_map(|version| fs::read_dir(version.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files
}

fn settings() -> Settings {
    Settings {
        vault_url: "https://vault.example.com".to_owned(),
        tenant: "tenant1".to_owned(),
        nautes_namespace: "nautes".to_owned(),
        repository_url: "https://gitlab.example.com/tenant1/management.git".to_owned(),
        target_revision: "main".to_owned(),
        argocd_namespace: "argocd".to_owned(),
        ..Settings::default()
    }
}

fn save(file: &Path, neighbours: &Neighbours) -> Checked {
    let name = file.file_stem().unwrap().to_str().unwrap();
    let request = SaveRequest {
        name: name.to_owned(),
        content_type: Some("application/json".to_owned()),
        body: fs::read(file).unwrap(),
    };
    match check(&request, neighbours, &settings()) {
        Ok(checked) => checked,
        Err(rejection) => panic!("{}: {rejection:?}", file.display()),
    }
}

fn resource_file(checked: &Checked) -> File {
    let text = resource::to_yaml(&checked.cluster, "nautes").unwrap();
    File {
        path: resource::path(&checked.cluster.name),
        content: text.into_bytes(),
    }
}

/// Warnings about the guides' requests; the certificates of the examples are valid at that time.
const WARNINGS: [(&str, &[&str]); 13] = [
    ("v0.2/cluster-host-demo", &[]),
    ("v0.2/cluster-physical-demo", &[NO_WORKER_TYPE]),
    ("v0.2/cluster-virtual-demo", &[NO_WORKER_TYPE]),
    ("v0.3.9/cluster-host", &[]),
    ("v0.3.9/physical-worker-deployment", &[]),
    ("v0.3.9/physical-worker-pipeline", &[]),
    ("v0.3.9/virtual-worker-deployment", &[]),
    (
        "v0.3.9/virtual-worker-pipeline",
        &["unknown field `/teoken_host` is ignored: did you mean `tekton_host`?"],
    ),
    ("v0.4/cluster-host", &[]),
    ("v0.4/physical-worker-deployment", &[CERT_MANAGER, HNC]),
    (
        "v0.4/physical-worker-pipeline",
        &[CERT_MANAGER, HNC, TEKTON],
    ),
    (
        "v0.4/virtual-worker-deployment",
        &["`gateway` in `components_list` is dropped: a cluster of this kind has none"],
    ),
    (
        "v0.4/virtual-worker-pipeline",
        &["`gateway` is kept, but not installed: the gateway of the host serves a virtual cluster"],
    ),
];

const NO_WORKER_TYPE: &str = "`worker_type` is missing: the cluster becomes a `deployment` runtime";
const CERT_MANAGER: &str = "namespace `cert-manager` in `reserved_namespaces_allowed_products` is no component's of this cluster; it is kept";
const HNC: &str = "namespace `hnc` in `reserved_namespaces_allowed_products` is no component's of this cluster; it is kept";
const TEKTON: &str = "namespace `tekton` in `reserved_namespaces_allowed_products` is no component's of this cluster; it is kept";
const NOW: u64 = 1_800_000_000;

#[test]
fn every_request_of_the_guides_is_accepted() {
    let requests = requests();
    assert_eq!(requests.len(), WARNINGS.len());
    for (file, (name, warnings)) in requests.iter().zip(WARNINGS) {
        assert!(file.ends_with(format!("{name}.json")), "{}", file.display());
        let mut neighbours = Neighbours {
            now: NOW,
            ..Neighbours::default()
        };
        if name.contains("virtual") {
            let version_0_2 = file.parent().unwrap().ends_with("v0.2");
            let host = if version_0_2 {
                "cluster-host-demo.json"
            } else {
                "cluster-host.json"
            };
            let host = save(&file.with_file_name(host), &neighbours);
            neighbours.resource_files.push(resource_file(&host));
        }
        let checked = save(file, &neighbours);
        assert_eq!(checked.warnings, warnings, "{name}");
        assert_eq!(
            checked.credentials.is_some(),
            !name.contains("virtual"),
            "{name}"
        );
    }
}

/// The request names a gateway, which a virtual cluster has none of.
#[test]
fn the_guides_virtual_pipeline_worker_brings_no_gateway_of_its_own() {
    let requests = requests();
    let find = |name: &str| requests.iter().find(|file| file.ends_with(name)).unwrap();
    let mut neighbours = Neighbours {
        now: NOW,
        ..Neighbours::default()
    };
    let host = save(find("v0.4/cluster-host.json"), &neighbours);
    neighbours.resource_files.push(resource_file(&host));
    let worker = save(find("v0.4/virtual-worker-pipeline.json"), &neighbours);
    assert!(worker.cluster.components.contains_key(&Category::Gateway));
    let shared = SharedFiles {
        kustomization: None,
        other_hosts: true,
        other_runtimes: false,
    };
    let tree = render(&worker.cluster, &worker.surroundings, &shared, &settings()).unwrap();
    let runtime: Vec<&str> = tree
        .files
        .keys()
        .filter_map(|path| path.strip_prefix("runtimes/"))
        .collect();
    insta::assert_snapshot!(runtime.join("\n"), @r"
    virtual-worker-pipeline-runtime/argocd/overlays/production/ingress-argocd-server.yaml
    virtual-worker-pipeline-runtime/argocd/overlays/production/kustomization.yaml
    virtual-worker-pipeline-runtime/argocd/overlays/production/patch-argocd-cm.yaml
    virtual-worker-pipeline-runtime/argocd/overlays/production/patch-argocd-cmd-params-cm.yaml
    virtual-worker-pipeline-runtime/argoevents/overlays/production/kustomization.yaml
    virtual-worker-pipeline-runtime/argoevents/overlays/production/rbac-tekton.yaml
    virtual-worker-pipeline-runtime/external-secrets/overlays/production/cluster-secret-store.yaml
    virtual-worker-pipeline-runtime/external-secrets/overlays/production/kustomization.yaml
    virtual-worker-pipeline-runtime/hnc/overlays/production/cm-webhook-policy.yaml
    virtual-worker-pipeline-runtime/hnc/overlays/production/kustomization.yaml
    virtual-worker-pipeline-runtime/initial/overlays/production/cm-nautes.yaml
    virtual-worker-pipeline-runtime/initial/overlays/production/kustomization.yaml
    virtual-worker-pipeline-runtime/initial/overlays/production/rbac-vault.yaml
    virtual-worker-pipeline-runtime/kustomization.yaml
    virtual-worker-pipeline-runtime/production/argo-events-app.yaml
    virtual-worker-pipeline-runtime/production/external-secrets-app.yaml
    virtual-worker-pipeline-runtime/production/hnc-app.yaml
    virtual-worker-pipeline-runtime/production/kustomization.yaml
    virtual-worker-pipeline-runtime/production/tekton-app.yaml
    virtual-worker-pipeline-runtime/production/vault-app.yaml
    virtual-worker-pipeline-runtime/runtime-app.yaml
    virtual-worker-pipeline-runtime/runtime-project.yaml
    virtual-worker-pipeline-runtime/tekton/overlays/production/ingress-tekton-dashboard.yaml
    virtual-worker-pipeline-runtime/tekton/overlays/production/kustomization.yaml
    virtual-worker-pipeline-runtime/tekton/overlays/production/rbac-tekton-dashboard.yaml
    ");
}

/// The two fields that stand twice there have different content.
#[test]
fn the_fields_that_a_guide_has_twice_are_united() {
    let file = requests()
        .into_iter()
        .find(|file| file.ends_with("v0.4/physical-worker-pipeline.json"));
    let neighbours = Neighbours {
        now: NOW,
        ..Neighbours::default()
    };
    let cluster = save(&file.unwrap(), &neighbours).cluster;
    let namespaces: Vec<&str> = cluster
        .reserved_namespaces_allowed_products
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        namespaces,
        [
            "argo-events",
            "argocd",
            "cert-manager",
            "external-secrets",
            "hnc",
            "hnc-system",
            "oauth2-proxy",
            "tekton",
            "tekton-pipelines",
            "traefik",
            "vault",
        ]
    );
    for products in cluster.reserved_namespaces_allowed_products.values() {
        assert_eq!(products, &["demo-quickstart"]);
    }
    let resources = &cluster.product_allowed_cluster_resources["demo-quickstart"];
    let kinds: Vec<&str> = resources.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds, ["ClusterRole", "ClusterRoleBinding"]);
}
