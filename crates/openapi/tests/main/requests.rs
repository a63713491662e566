//! The body of a save.

use std::collections::BTreeSet;

use domain::{Category, Neighbours, Rejection, SaveRequest, Settings};
use regex_lite::Regex;
use serde_json::{Map, Value, json};

use crate::{document, fault, properties, root, source};

#[test]
fn the_fields_are_those_that_are_read() {
    let fields = source("crates/domain/src/fields.rs");
    let list = Regex::new(r"(?s)const REQUEST: \[&str; \d+\] = \[(.*?)\];").unwrap();
    let list = &list.captures(&fields).unwrap()[1];
    let names = Regex::new(r#""(\w+)""#).unwrap();
    let read: BTreeSet<String> = names
        .captures_iter(list)
        .map(|name| name[1].to_owned())
        .collect();
    assert_eq!(properties(&document(), "SaveClusterRequest"), read);
}

#[test]
fn every_field_that_a_rule_is_about_is_described() {
    let document = document();
    for rule in &domain::rules::RULES {
        let parts: Vec<&str> = rule.field.split('.').collect();
        let schema = match parts.as_slice() {
            ["cluster_name"] => continue,
            [_] => "SaveClusterRequest",
            ["vcluster", _] => "VirtualCluster",
            ["components_list", _] => "ComponentsList",
            other => panic!("{other:?} is not described"),
        };
        let field = *parts.last().unwrap();
        assert!(
            properties(&document, schema).contains(field),
            "{}",
            rule.field
        );
    }
}

#[test]
fn the_components_are_those_that_can_be_chosen() {
    let chosen = Category::ALL.into_iter().filter(|it| it.is_requestable());
    let chosen: BTreeSet<String> = chosen.map(|it| it.snake_case().to_owned()).collect();
    assert_eq!(properties(&document(), "ComponentsList"), chosen);
}

#[test]
fn a_manifest_has_the_same_fields_in_the_other_case() {
    let document = document();
    for (snake, camel) in [
        ("SaveClusterRequest", "ClusterSpec"),
        ("VirtualCluster", "ClusterSpecVcluster"),
        ("Traefik", "ClusterSpecTraefik"),
        ("ComponentsList", "ClusterSpecComponentsList"),
    ] {
        let expected: BTreeSet<String> = properties(&document, snake)
            .iter()
            .map(|name| camel_case(name))
            .collect();
        assert_eq!(properties(&document, camel), expected);
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |name, word| {
        name + &word[..1].to_uppercase() + &word[1..]
    })
}

/// Every request of the guides.
fn guides() -> Vec<(String, Value)> {
    let mut guides = Vec::new();
    for version in std::fs::read_dir(root().join("tests/cases/requests")).unwrap() {
        let version = version.unwrap();
        for file in std::fs::read_dir(version.path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let name = format!("{}-{name}", version.file_name().to_str().unwrap());
            let body = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            guides.push((name, body));
        }
    }
    guides
}

#[test]
fn every_request_of_the_guides_is_valid_and_an_example() {
    let document = document();
    let guides = guides();
    for (name, body) in &guides {
        assert_eq!(fault(&document, REQUEST, body), None, "{name}");
    }
    let examples = &examples(&document, "application/json");
    // Behind the number that keeps them in order.
    let shown: BTreeSet<&str> = examples.keys().map(|key| &key[3..]).collect();
    let names: BTreeSet<&str> = guides.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(shown, names);
}

/// A page that tries requests out fills its form with it.
#[test]
fn the_first_example_is_of_the_newest_guide_and_is_accepted_as_it_is() {
    let text = openapi::document().unwrap();
    let document = document();
    let examples = examples(&document, "application/json");
    // As the document's text has them: a reader of JSON may sort.
    let place = |key: &String| text.find(&format!("{key:?}: {{")).unwrap();
    let first = examples.keys().min_by_key(|key| place(key)).unwrap();
    assert_eq!(first, "01-v0.4-physical-worker-deployment");
    let violations = violations(&examples[first]["value"]);
    assert!(violations.is_empty(), "{violations:?}");
}

const REQUEST: &str = "/components/schemas/SaveClusterRequest";
const MANIFEST: &str = "/components/schemas/ClusterManifest";

fn examples(document: &Value, media_type: &str) -> Map<String, Value> {
    let content =
        &document["paths"]["/api/v1/clusters/{cluster_name}"]["post"]["requestBody"]["content"];
    content[media_type]["examples"].as_object().unwrap().clone()
}

#[test]
fn the_examples_are_what_their_schemas_say() {
    let document = document();
    for (name, example) in examples(&document, "application/json") {
        assert_eq!(fault(&document, REQUEST, &example["value"]), None, "{name}");
    }
    for (name, example) in examples(&document, "application/yaml") {
        assert_eq!(
            fault(&document, MANIFEST, &example["value"]),
            None,
            "{name}"
        );
    }
}

#[test]
fn what_the_schema_refuses_is_refused() {
    let document = document();
    let (_, valid) = guides()
        .into_iter()
        .find(|(name, _)| name == "v0.4-cluster-host")
        .unwrap();
    for (field, value) in [
        ("api_server", Value::Null),
        ("api_server", json!(6443)),
        ("cluster_kind", json!("openshift")),
        ("cluster_type", json!("virtuall")),
        ("cluster_type", json!("")),
        ("usage", Value::Null),
        ("worker_type", json!(1)),
        ("host_cluster", json!(["a"])),
        ("vcluster", json!("31456")),
        ("vcluster", json!({"https_node_port": 1.5})),
        ("components_list", json!([])),
        (
            "components_list",
            json!({"gateway": {"additions": {"httpNodePort": true}}}),
        ),
        ("reserved_namespaces_allowed_products", json!({"a": "b"})),
        (
            "product_allowed_cluster_resources",
            json!({"a": [{"kind": "", "group": "g"}]}),
        ),
        (
            "product_allowed_cluster_resources",
            json!({"a": [{"kind": "ClusterRole"}]}),
        ),
    ] {
        let mut body = valid.clone();
        body[field] = value.clone();
        assert!(
            fault(&document, REQUEST, &body).is_some(),
            "{field}: {value}"
        );
        let violations = violations(&body);
        assert!(
            violations
                .iter()
                .any(|at| at.starts_with(&format!("/{field}"))),
            "{field}: {value}: {violations:?}"
        );
    }
}

#[test]
fn null_and_empty_words_are_absent_for_both() {
    let document = document();
    let (_, valid) = guides()
        .into_iter()
        .find(|(name, _)| name == "v0.4-cluster-host")
        .unwrap();
    let mut body = valid.clone();
    for field in properties(&document, "SaveClusterRequest") {
        if valid.get(&field).is_none() {
            body[&field] = Value::Null;
        }
    }
    for field in ["host_cluster", "argocd_host", "name"] {
        body[field] = json!("");
    }
    assert_eq!(fault(&document, REQUEST, &body), None);
    assert_eq!(violations(&body), violations(&valid));
}

/// The fields that break a rule.
fn violations(body: &Value) -> Vec<String> {
    let request = SaveRequest {
        name: "cluster-host".into(),
        content_type: None,
        body: serde_json::to_vec(body).unwrap(),
    };
    match domain::check(&request, &Neighbours::default(), &Settings::default()) {
        Err(Rejection::ValidationFailed(violations)) => violations
            .into_iter()
            .map(|violation| violation.field)
            .collect(),
        Ok(_) => Vec::new(),
        Err(other) => panic!("{other}"),
    }
}
