//! What is read from the repository, what is shown, and what is told before a check.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cluster::resource::ResourceError;
use cluster::selector::Selector;
use cluster::{
    Category, Cluster, ClusterResource, ClusterType, Component, File, References, Rejection,
    SaveRequest, Usage, WorkerType, claim, inspect, resource, survey, view,
};
use serde_json::json;

fn component(name: &str, additions: &[(&str, &str)]) -> Component {
    let additions = additions
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Component {
        name: name.to_owned(),
        namespace: format!("{name}-system"),
        additions: additions.collect(),
    }
}

fn virtual_worker() -> Cluster {
    Cluster {
        name: "v-1".to_owned(),
        api_server: "https://8.217.50.114:31456".to_owned(),
        cluster_kind: "kubernetes".to_owned(),
        cluster_type: ClusterType::Virtual,
        usage: Usage::Worker,
        worker_type: Some(WorkerType::Pipeline),
        host_cluster: Some("host-1".to_owned()),
        primary_domain: "8.217.50.114.nip.io".to_owned(),
        https_node_port: Some(31500),
        components: BTreeMap::from([
            (
                Category::MultiTenant,
                component("hnc", &[("b", "on"), ("a", "{{x}}")]),
            ),
            (
                Category::Deployment,
                component("argocd", &[("host", "cd.example.com")]),
            ),
            (Category::SecretManagement, component("vault", &[])),
            (Category::OauthProxy, component("oauth2-proxy", &[])),
        ]),
        reserved_namespaces_allowed_products: BTreeMap::from([(
            "argocd".to_owned(),
            vec!["b".to_owned(), "a".to_owned()],
        )]),
        product_allowed_cluster_resources: BTreeMap::from([(
            "yes".to_owned(),
            vec![ClusterResource {
                kind: "ClusterRole".to_owned(),
                group: "rbac.authorization.k8s.io".to_owned(),
            }],
        )]),
    }
}

fn host() -> Cluster {
    Cluster {
        name: "host-1".to_owned(),
        api_server: "https://8.217.50.114:6443".to_owned(),
        cluster_type: ClusterType::Physical,
        usage: Usage::Host,
        worker_type: None,
        host_cluster: None,
        https_node_port: None,
        components: BTreeMap::new(),
        reserved_namespaces_allowed_products: BTreeMap::new(),
        product_allowed_cluster_resources: BTreeMap::new(),
        ..virtual_worker()
    }
}

const RESOURCE_FILE: &str = r#"apiVersion: nautes.resource.nautes.io/v1alpha1
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
fn a_url_that_only_the_original_takes_is_kept() {
    let text = RESOURCE_FILE.replace("https://8.217.50.114:31456", "http://a.example.com:1");
    let cluster = resource::from_yaml(text.as_bytes()).unwrap();
    assert_eq!(cluster.api_server, "http://a.example.com:1");
}

#[test]
fn what_is_no_resource_file_is_refused() {
    use ResourceError::{Encoding, Field, Kind, Yaml};
    assert_eq!(resource::from_yaml(b"\xff"), Err(Encoding));
    let syntax = resource::from_yaml(b"a: [");
    assert!(matches!(syntax, Err(Yaml(_))), "{syntax:?}");
    let without = |line: &str| RESOURCE_FILE.replace(line, "");
    let with = |from: &str, to: &str| RESOURCE_FILE.replace(from, to);
    for (text, error) in [
        (String::new(), Kind),
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

#[test]
fn a_claim_names_its_cluster() {
    let cluster = virtual_worker();
    let path = claim::path(&cluster.api_server);
    let folder = "nautes/overlays/production/api-servers";
    assert_eq!(
        path,
        format!("{folder}/cluster-8.217.50.114-3236946220.yaml")
    );
    let text = claim::to_yaml(&cluster);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "# Keeps a second cluster from being registered with this API server.",
            "apiServer: \"https://8.217.50.114:31456\"",
            "cluster: \"v-1\"",
        ]
    );
    assert_eq!(claim::owner(text.as_bytes()), Some("v-1".to_owned()));
    for other in ["", "cluster: ../x", "cluster: [", "- cluster: a"] {
        assert_eq!(claim::owner(other.as_bytes()), None, "{other}");
    }
    assert_eq!(claim::owner(b"\xff"), None);
}

#[test]
fn a_view_has_every_field() {
    assert_eq!(
        view(&virtual_worker()),
        json!({
            "name": "v-1",
            "cluster_kind": "kubernetes",
            "cluster_type": "virtual",
            "usage": "worker",
            "host_cluster": "host-1",
            "primary_domain": "8.217.50.114.nip.io",
            "worker_type": "pipeline",
            "api_server": "https://8.217.50.114:31456",
            "components_list": {
                "multi_tenant": {"name": "hnc", "namespace": "hnc-system", "additions": {"a": "{{x}}", "b": "on"}},
                "deployment": {"name": "argocd", "namespace": "argocd-system", "additions": {"host": "cd.example.com"}},
            },
            "reserved_namespaces_allowed_products": {"argocd": ["b", "a"]},
            "product_allowed_cluster_resources": {
                "yes": [{"kind": "ClusterRole", "group": "rbac.authorization.k8s.io"}],
            },
        })
    );
    let host = view(&host());
    assert_eq!(
        (&host["host_cluster"], &host["worker_type"]),
        (&json!(""), &json!(""))
    );
    assert_eq!(host["reserved_namespaces_allowed_products"], json!({}));
}

#[test]
fn selectors_select() {
    let (worker, host) = (virtual_worker(), host());
    for (text, selects_worker, selects_host) in [
        ("", true, true),
        ("cluster_type=virtual", true, false),
        ("usage=host", false, true),
        ("worker_type=pipeline", true, false),
        ("worker_type=", false, true),
        ("cluster_name=v-", true, false),
        ("cluster_name=1", true, true),
        ("cluster_name=1,usage=host", false, true),
        (" usage = worker , cluster_type=virtual,", true, false),
        ("usage=worker,cluster_type=physical", false, false),
        ("usage=none", false, false),
    ] {
        let selector = Selector::parse(text).unwrap();
        assert_eq!(selector.matches(&worker), selects_worker, "{text}");
        assert_eq!(selector.matches(&host), selects_host, "{text}");
    }
}

#[test]
fn unknown_selectors_are_refused_all_at_once() {
    let violations = Selector::parse("host_cluster=a,usage,usage=host,Usage=host").unwrap_err();
    let messages: Vec<&str> = violations.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "clusters can't be selected by `host_cluster`",
            "`usage` is not of the form key=value",
            "clusters can't be selected by `Usage`",
        ]
    );
    for violation in violations {
        assert_eq!(violation.field, "/field_selector");
        assert!(
            violation
                .hint
                .unwrap()
                .contains("cluster_name, cluster_type, usage, worker_type")
        );
    }
}

#[test]
fn a_survey_tells_only_what_is_valid() {
    let of = |body: &str| {
        survey(&SaveRequest {
            body: body.as_bytes().to_vec(),
            ..SaveRequest::default()
        })
    };
    assert_eq!(of("{}"), Ok(References::default()));
    assert_eq!(
        of(r#"{"host_cluster": "../x", "api_server": "http://a", "usage": "x", "kubeconfig": ""}"#),
        Ok(References::default())
    );
    assert_eq!(
        of(
            r#"{"hostCluster": "h", "api_server": "https://A:443/", "usage": "host", "kubeconfig": "x"}"#
        ),
        Ok(References {
            host_cluster: Some("h".to_owned()),
            api_server: Some("https://a".to_owned()),
            usage: Some(Usage::Host),
            has_kubeconfig: true,
        })
    );
}

#[test]
fn a_resource_file_tells_its_references() {
    let file = |text: &str| File {
        path: resource::path("v-1"),
        content: text.as_bytes().to_vec(),
    };
    assert_eq!(
        inspect(&file(RESOURCE_FILE)),
        Ok(References {
            host_cluster: Some("host-1".to_owned()),
            api_server: Some("https://8.217.50.114:31456".to_owned()),
            usage: Some(Usage::Worker),
            has_kubeconfig: false,
        })
    );
    let message = "nautes/overlays/production/clusters/v-1.yaml is not a Cluster of nautes.resource.nautes.io";
    assert_eq!(
        inspect(&file("a: b")),
        Err(Rejection::Other(message.to_owned()))
    );
}
