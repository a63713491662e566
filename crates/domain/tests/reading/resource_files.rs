//! Resource files, written and read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use domain::resource::ResourceError;
use domain::{Category, Cluster, Component, WorkerType, resource};
use serde_json::json;

use crate::{host, virtual_worker};

pub const RESOURCE_FILE: &str = r#"apiVersion: nautes.resource.nautes.io/v1alpha1
kind: Cluster
metadata:
  annotations:
    clusters.nautes.io/https-node-port: "31500"
  name: v-1
  namespace: nautes
spec:
  apiServer: https://8.217.50.114:31456
  clusterKind: kubernetes
  clusterType: virtual
  componentsList:
    deployment:
      additions:
        host: cd.example.com
      name: argocd
      namespace: argocd-system
    multiTenant:
      additions:
        a: "{{x}}"
        b: "on"
      name: hnc
      namespace: hnc-system
    oauthProxy:
      name: oauth2-proxy
      namespace: oauth2-proxy-system
    secretManagement:
      name: vault
      namespace: vault-system
  hostCluster: host-1
  primaryDomain: 8.217.50.114.nip.io
  productAllowedClusterResources:
    "yes":
    - group: rbac.authorization.k8s.io
      kind: ClusterRole
  reservedNamespacesAllowedProducts:
    argocd:
    - b
    - a
  usage: worker
  workerType: pipeline
"#;

#[test]
fn a_resource_file_holds_the_whole_cluster() {
    let cluster = virtual_worker();
    let text = resource::to_yaml(&cluster, "nautes").unwrap();
    let words = |text: &str| {
        text.replace('\'', "\"")
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(words(&text), words(RESOURCE_FILE));
    assert_eq!(resource::from_yaml(RESOURCE_FILE.as_bytes()), Ok(cluster));
    assert_eq!(
        resource::path("v-1"),
        "nautes/overlays/production/clusters/v-1.yaml"
    );
}

#[test]
fn absent_optionals_are_left_out_of_a_resource_file() {
    let value = resource::to_value(&host(), "ns");
    assert_eq!(
        value,
        json!({
            "apiVersion": "nautes.resource.nautes.io/v1alpha1",
            "kind": "Cluster",
            "metadata": {"name": "host-1", "namespace": "ns"},
            "spec": {
                "apiServer": "https://8.217.50.114:6443",
                "clusterKind": "kubernetes",
                "clusterType": "physical",
                "componentsList": {},
                "primaryDomain": "8.217.50.114.nip.io",
                "usage": "host",
            },
        })
    );
}

#[test]
fn resource_files_of_version_0_3_are_understood() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registered/host-old.yaml");
    let cluster = resource::from_yaml(&fs::read(file).unwrap()).unwrap();
    let component = |name: &str| Component {
        name: name.to_owned(),
        namespace: name.to_owned(),
        additions: BTreeMap::new(),
    };
    let expected = Cluster {
        name: "host-old".to_owned(),
        api_server: "https://host-old.example.com:6443".to_owned(),
        primary_domain: "host-old.example.com".to_owned(),
        components: BTreeMap::from([
            (Category::Gateway, component("traefik")),
            (Category::SecretManagement, component("vault")),
        ]),
        ..host()
    };
    assert_eq!(cluster, expected);
}

#[test]
fn what_older_resource_files_leave_out_has_its_default() {
    let text = RESOURCE_FILE
        .replace("    clusters.nautes.io/https-node-port: \"31500\"\n", "")
        .replace("  annotations:\n", "")
        .replace("  workerType: pipeline\n", "")
        .replace("  clusterKind: kubernetes\n", "")
        .replace("  primaryDomain: 8.217.50.114.nip.io\n", "")
        .replace("https://8.217.50.114", "https://api.example.com");
    let cluster = resource::from_yaml(text.as_bytes()).unwrap();
    assert_eq!(cluster.https_node_port, Some(31456));
    assert_eq!(cluster.worker_type, Some(WorkerType::Deployment));
    assert_eq!(cluster.cluster_kind, "kubernetes");
    assert_eq!(cluster.primary_domain, "api.example.com");
}

#[test]
fn a_url_by_http_which_only_the_original_takes_is_kept() {
    let text = RESOURCE_FILE.replace("https://8.217.50.114:31456", "http://a.example.com:1");
    let cluster = resource::from_yaml(text.as_bytes()).unwrap();
    assert_eq!(cluster.api_server, "http://a.example.com:1");
}

#[test]
fn what_is_no_resource_file_is_refused() {
    use ResourceError::{Encoding, Field, Kind, Placeholder, Yaml};
    assert_eq!(resource::from_yaml(b"\xff"), Err(Encoding));
    let syntax = resource::from_yaml(b"a: [");
    assert!(matches!(syntax, Err(Yaml(_))), "{syntax:?}");
    let without = |line: &str| RESOURCE_FILE.replace(line, "");
    let with = |from: &str, to: &str| RESOURCE_FILE.replace(from, to);
    for (text, error) in [
        (
            String::new(),
            Placeholder("is empty, as a submodule in its place would look as well"),
        ),
        ("a: b\n".to_owned(), Kind),
        (with("kind: Cluster\n", "kind: Product\n"), Kind),
        (with("nautes.resource.nautes.io/", "example.com/"), Kind),
        (without("  name: v-1\n"), Field("metadata.name")),
        (with("name: v-1", "name: ../v"), Field("metadata.name")),
        (
            without("  apiServer: https://8.217.50.114:31456\n"),
            Field("spec.apiServer"),
        ),
        (
            with("clusterType: virtual", "clusterType: real"),
            Field("spec.clusterType"),
        ),
        (without("  usage: worker\n"), Field("spec.usage")),
        (
            with("hostCluster: ", "hostCluster: ../"),
            Field("spec.hostCluster"),
        ),
        (
            with("apiServer: https://", "apiServer: https://u:p@"),
            Field("spec.apiServer"),
        ),
        (
            with(":31456\n", ":31456/?access_token=t\n"),
            Field("spec.apiServer"),
        ),
        (
            with("https://8.217.50.114:", "https://2130706433:"),
            Field("spec.apiServer"),
        ),
        (
            with("https://8.217.50.114:", "http://u:p@8.217.50.114:"),
            Field("spec.apiServer"),
        ),
        (
            with("https://8.217.50.114:31456", "a token"),
            Field("spec.apiServer"),
        ),
        (
            with("clusterKind: kubernetes", "clusterKind: other"),
            Field("spec.clusterKind"),
        ),
        (
            with("primaryDomain: 8.", "primaryDomain: https://8."),
            Field("spec.primaryDomain"),
        ),
        (with("usage: worker", "usage: host"), Field("spec.usage")),
        (
            with("\"31500\"", "\"29999\""),
            Field(resource::HTTPS_NODE_PORT),
        ),
        (
            with("host: cd.example.com", "host: \"a\\u2028b\""),
            Field("spec.componentsList"),
        ),
        (
            with("host: cd.example.com", "\"a\\tb\": c"),
            Field("spec.componentsList"),
        ),
        (
            with(
                "host: cd.example.com",
                &format!("host: {}", "x".repeat(4097)),
            ),
            Field("spec.componentsList"),
        ),
        (
            with("    argocd:\n    - b", "    Argo_CD:\n    - b"),
            Field("spec.reservedNamespacesAllowedProducts"),
        ),
        (
            with("    - b\n", "    - \"b\\u0085\"\n"),
            Field("spec.reservedNamespacesAllowedProducts"),
        ),
        (
            with("    \"yes\":\n", "    \"a product\":\n"),
            Field("spec.productAllowedClusterResources"),
        ),
        (
            with("kind: ClusterRole\n", "kind: clusterroles\n"),
            Field("spec.productAllowedClusterResources"),
        ),
        (
            with("group: rbac.", "group: RBAC."),
            Field("spec.productAllowedClusterResources"),
        ),
        (
            with("hostCluster: host-1", "hostCluster: v-1"),
            Field("spec.hostCluster"),
        ),
        (
            without("  hostCluster: host-1\n"),
            Field("spec.hostCluster"),
        ),
        (
            with("clusterType: virtual", "clusterType: physical"),
            Field("spec.hostCluster"),
        ),
        (
            with("      name: argocd\n", "      name: ../argocd\n"),
            Field("spec.componentsList"),
        ),
        (
            with(
                "      namespace: vault-system\n",
                "      namespace: --all\n",
            ),
            Field("spec.componentsList"),
        ),
        (
            with("workerType: pipeline", "workerType: x"),
            Field("spec.workerType"),
        ),
        (with("\"31500\"", "high"), Field(resource::HTTPS_NODE_PORT)),
        (with("\"31500\"", "31500"), Field(resource::HTTPS_NODE_PORT)),
        (
            without("      name: argocd\n"),
            Field("spec.componentsList"),
        ),
        (
            without("      namespace: vault-system\n"),
            Field("spec.componentsList"),
        ),
        (
            with("    - b\n", "    - {}\n"),
            Field("spec.reservedNamespacesAllowedProducts"),
        ),
        (
            with("      kind: ClusterRole\n", ""),
            Field("spec.productAllowedClusterResources"),
        ),
    ] {
        assert_eq!(resource::from_yaml(text.as_bytes()), Err(error), "{text}");
    }
}
