//! Paths, methods and parameters.

use std::collections::BTreeSet;

use http::Method;
use regex_lite::Regex;
use serde_json::Value;

use crate::{document, source};

const METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::DELETE,
    Method::PUT,
    Method::PATCH,
    Method::OPTIONS,
];

#[test]
fn the_gateway_has_the_described_methods_and_no_others() {
    let document = document();
    for (path, item) in document["paths"].as_object().unwrap() {
        let called = path.replace("{cluster_name}", "a");
        for method in METHODS {
            let described = item.get(method.as_str().to_lowercase()).is_some();
            let routed = service::gateway::route(&method, &called);
            assert_eq!(described, routed.is_ok(), "{method} {path}");
            if let Err(problem) = routed {
                assert_eq!(problem.reason.as_str(), "METHOD_NOT_ALLOWED");
            }
        }
    }
}

#[test]
fn every_path_of_the_gateway_is_described() {
    let gateway = source("crates/service/src/gateway.rs");
    let arm = Regex::new(r#""(/[^"]*)" =>"#).unwrap();
    let mut routed: BTreeSet<String> = arm
        .captures_iter(&gateway)
        .map(|arm| arm[1].to_owned())
        .collect();
    assert!(routed.contains("/healthz"), "{routed:?}");
    routed.insert(service::ready::READYZ.to_owned());
    routed.insert(service::incoming::CLUSTERS.to_owned());
    routed.insert(format!("{}/{{cluster_name}}", service::incoming::CLUSTERS));
    let document = document();
    let described: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(described, routed);
}

#[test]
fn the_query_parameters_are_those_that_are_read() {
    let read = |file: &str| -> BTreeSet<String> {
        let key = Regex::new(r#"query(?:\)|\.)?\s*\.?(?:get|flag)\("(\w+)"\)"#).unwrap();
        let text = source(&format!("crates/service/src/{file}.rs"));
        key.captures_iter(&text)
            .map(|key| key[1].to_owned())
            .collect()
    };
    // The original's own, which the parser of all queries judges: writes have always named it.
    let written = |file: &str| &read(file) | &read("incoming");
    assert!(written("save").contains("insecure_skip_check"));
    let document = document();
    let cluster = &document["paths"]["/api/v1/clusters/{cluster_name}"];
    let clusters = &document["paths"]["/api/v1/clusters"];
    assert_eq!(
        parameters(&document, &cluster["post"], "query"),
        written("save")
    );
    assert_eq!(
        parameters(&document, &cluster["delete"], "query"),
        written("delete")
    );
    assert_eq!(
        parameters(&document, &clusters["get"], "query"),
        &read("list") | &read("list/page")
    );
    assert_eq!(
        parameters(&document, &cluster["get"], "query"),
        read("watch")
    );
}

#[test]
fn only_the_service_itself_is_open_to_all() {
    let document = document();
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let open = operation.get("security") == Some(&serde_json::json!([{}]));
            assert_eq!(open, !path.starts_with("/api/"), "{path}");
        }
    }
    let schemes = document["components"]["securitySchemes"]
        .as_object()
        .unwrap();
    for requirement in document["security"].as_array().unwrap() {
        assert!(
            requirement
                .as_object()
                .unwrap()
                .keys()
                .all(|name| schemes.contains_key(name))
        );
    }
}

fn parameters(document: &Value, operation: &Value, place: &str) -> BTreeSet<String> {
    let references = operation["parameters"].as_array().unwrap().iter();
    references
        .map(|reference| {
            let pointer = reference["$ref"].as_str().unwrap().trim_start_matches('#');
            document.pointer(pointer).unwrap()
        })
        .filter(|parameter| parameter["in"] == place)
        .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Swagger UI fills its forms with examples: that of a removal has to come empty.
#[test]
fn no_parameter_has_an_example() {
    let document = document();
    let parameters = document["components"]["parameters"].as_object().unwrap();
    assert!(parameters.contains_key("cluster_name"), "{parameters:?}");
    for (name, parameter) in parameters {
        let members = [parameter, &parameter["schema"]];
        let has_example = members
            .iter()
            .any(|member| member.get("example").is_some() || member.get("examples").is_some());
        assert!(!has_example, "{name}");
    }
}
