//! Tests that the gateway serves the description of the types, and that it is complete.

use serde_json::Value;

use crate::{document, root};

#[test]
fn the_gateway_serves_this_description() {
    let path = root().join("docs/openapi.json");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, openapi::document().unwrap()).unwrap();
    }
    let served: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert!(
        served == document(),
        "docs/openapi.json is out of date: BLESS=1 cargo test -p openapi"
    );
}

#[test]
fn it_is_openapi_3_1_with_the_operation_ids_of_the_original() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let cluster = &document["paths"]["/api/v1/clusters/{cluster_name}"];
    assert_eq!(cluster["post"]["operationId"], "Cluster_SaveCluster");
    assert_eq!(cluster["delete"]["operationId"], "Cluster_DeleteCluster");
    assert_eq!(cluster["get"]["operationId"], "Cluster_GetCluster");
    let clusters = &document["paths"]["/api/v1/clusters"];
    assert_eq!(clusters["get"]["operationId"], "Cluster_ListClusters");
}

#[test]
fn every_schema_and_every_property_is_described() {
    let document = document();
    let mut missing = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if !is_described(schema) {
            missing.push(name.clone());
        }
        for (property, schema) in schema["properties"].as_object().into_iter().flatten() {
            if !is_described(schema) {
                missing.push(format!("{name}.{property}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

/// With `oneOf` the description stands at the one that is not null.
fn is_described(schema: &Value) -> bool {
    let alternatives = schema["oneOf"].as_array().into_iter().flatten();
    [schema].into_iter().chain(alternatives).any(|schema| {
        schema["description"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    })
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = 0;
    references(&document, &mut |reference| {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
        found += 1;
    });
    assert!(found > 100);
}

fn references(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                visit(reference);
            }
            object.values().for_each(|value| references(value, visit));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, visit)),
        _ => {}
    }
}

#[test]
fn it_shows_no_credential() {
    let document = openapi::document().unwrap();
    for secret in [
        "client-key-data",
        "LS0tLS1CRUdJTi",
        "certificate-authority-data",
    ] {
        assert!(!document.contains(secret), "{secret}");
    }
}
