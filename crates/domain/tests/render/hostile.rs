//! Values that are legal but look like something else can't change structure or type.

use std::collections::BTreeMap;

use base64::Engine as _;
use domain::WorkerType::{Deployment, Pipeline};
use domain::{ClusterResource, Settings};
use serde_json::Value;

use crate::fixtures::{cluster, settings};
use crate::objects::documents;
use crate::repository::Repository;

/// Names of clusters and namespaces that are DNS labels, and booleans or numbers to some.
const NAMES: [&str; 6] = ["yes", "on", "1e3", "null", "0x1f", "2001-01-01"];

/// Texts that may stand in a setting or a product's name.
const TEXTS: [&str; 8] = [
    "{{.name}}{{x}}",
    "a: b",
    "it's \"so\" #1",
    "- ü 集群",
    "%s &amp; <b>",
    "!!bool on",
    "a\n---\nb: c",
    " padded\t",
];

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\r\n\tMII+B/z=~~~\n---\nkind: Secret\n";

fn hostile_settings() -> Settings {
    Settings {
        repository_url: format!("https://gitlab.example.com/{}", TEXTS[0]),
        target_revision: "1e3".into(),
        git_url: "https://on:1/".into(),
        oidc_issuer_url: format!("https://dex/{}", TEXTS.join("")),
        oidc_client_id: "on".into(),
        vault_url: TEXTS[2].into(),
        ca_bundle: CERTIFICATE.into(),
        ..settings()
    }
}

fn clusters(names: [&str; 6]) -> Vec<domain::Cluster> {
    let [host, a, b, c, d, namespace] = names;
    let mut clusters = vec![
        cluster(host, "https://10.0.0.1:6443", None, None),
        cluster(a, "https://10.0.0.2:6443", Some(Deployment), None),
        cluster(b, "https://10.0.0.3:6443", Some(Pipeline), None),
        cluster(c, "https://10.0.0.1:30001", Some(Deployment), Some(host)),
        cluster(d, "https://10.0.0.1:30002", Some(Pipeline), Some(host)),
    ];
    for cluster in &mut clusters {
        for component in cluster.components.values_mut() {
            if component.name != "tekton" && component.name != "hnc" {
                component.namespace = namespace.to_owned();
            }
        }
    }
    clusters
}

/// Everything that can be called something treacherous is.
pub fn repository() -> Repository {
    let mut clusters = clusters(NAMES);
    for cluster in &mut clusters {
        let products = TEXTS.map(str::to_owned).to_vec();
        let resource = ClusterResource {
            kind: "on".into(),
            group: "a: b".into(),
        };
        cluster.reserved_namespaces_allowed_products = NAMES
            .iter()
            .map(|name| (name.to_string(), products.clone()))
            .collect();
        cluster.product_allowed_cluster_resources = TEXTS
            .iter()
            .map(|text| (text.to_string(), vec![resource.clone()]))
            .collect();
    }
    Repository::of(hostile_settings(), &clusters)
}

fn harmless() -> Repository {
    let mut repository = Repository::new(Settings {
        git_url: "https://on:1/".into(),
        ..settings()
    });
    for cluster in &mut clusters(["n0", "n1", "n2", "n3", "n4", "n5"]) {
        let products = vec!["p".to_owned(); TEXTS.len()];
        let resource = ClusterResource {
            kind: "k".into(),
            group: "g".into(),
        };
        cluster.reserved_namespaces_allowed_products = (0..NAMES.len())
            .map(|n| (format!("n{n}"), products.clone()))
            .collect();
        cluster.product_allowed_cluster_resources = (0..TEXTS.len())
            .map(|n| (format!("p{n}"), vec![resource.clone()]))
            .collect();
        repository.save(cluster);
    }
    repository
}

/// The types of a value, without the names that were given.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let given = |key: &str| NAMES.contains(&key) || TEXTS.contains(&key) || key.len() == 2;
            let mut members: Vec<String> = map
                .iter()
                .map(|(key, value)| {
                    format!("{}:{}", if given(key) { "*" } else { key }, shape(value))
                })
                .collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(shape).collect::<Vec<_>>().join(",")
        ),
        Value::String(_) => "s".into(),
        other => other.to_string(),
    }
}

fn shapes(repository: &Repository) -> BTreeMap<String, usize> {
    let mut shapes = BTreeMap::new();
    for path in repository.files.keys() {
        let documents = documents(repository.text(path));
        let shape = documents.iter().map(shape).collect::<Vec<_>>().join("---");
        let file = path.rsplit('/').next().unwrap();
        let file = if path.starts_with("nautes/") {
            ""
        } else {
            file
        };
        // Ports differ with the cluster, the rest must not.
        *shapes.entry(format!("{file} {shape}")).or_default() += 1;
    }
    shapes
}

#[test]
fn structure_and_types_do_not_depend_on_what_things_are_called() {
    let (hostile, harmless) = (shapes(&repository()), shapes(&harmless()));
    for (shape, count) in &harmless {
        assert_eq!(hostile.get(shape), Some(count), "{shape}");
    }
    assert_eq!(hostile.len(), harmless.len());
}

#[test]
fn certificates_come_through_unchanged() {
    let repository = repository();
    let folder = "runtimes/1e3-runtime";
    let read = |path: &str| documents(repository.text(&format!("{folder}/{path}")));
    let map = read("argoevents/overlays/production/cm-ca-certificates.yaml");
    assert_eq!(map[0]["data"]["ca.crt"], CERTIFICATE);
    let config = read("initial/overlays/production/cm-nautes.yaml");
    let config = documents(config[0]["data"]["config"].as_str().unwrap());
    assert_eq!(config[0]["secret"]["vault"]["CABundle"], CERTIFICATE);
    let secret = read("oauth2-proxy/overlays/production/secret-ipd-ca.yaml");
    let encoded = base64::engine::general_purpose::STANDARD.encode(CERTIFICATE);
    assert_eq!(secret[0]["data"]["ca.crt"], encoded);
    assert!(encoded.contains('+'), "{encoded}");
}

#[test]
fn settings_are_no_templates() {
    let repository = repository();
    let set = documents(repository.text("tenant/production/runtime-appset.yaml"));
    let source = &set[0]["spec"]["template"]["spec"]["source"];
    assert_eq!(
        source["repoURL"],
        r#"https://gitlab.example.com/{{"{{"}}.name}}{{"{{"}}x}}"#
    );
    assert_eq!(source["path"], "runtimes/{{.name}}-runtime");
}
