//! From an ApplicationSet to the Applications it wants.

use sandbox_kubernetes::{LabelSelector, LocalClient, object};
use serde_json::{Value, json};

use crate::clusters::{self, IN_CLUSTER, RegisteredCluster};
use crate::template::{normalized, render, with};

/// The Applications, without owner; the error is the text of the set's condition.
pub fn applications(objects: &LocalClient, set: &Value) -> Result<Vec<Value>, String> {
    let go = set.pointer("/spec/goTemplate") == Some(&Value::Bool(true));
    let template = set.pointer("/spec/template").cloned().unwrap_or_default();
    let mut applications = Vec::new();
    for generator in object::list(set, "/spec/generators") {
        for parameters in parameters(objects, generator, go)? {
            let filled = render(&template, &parameters, go).map_err(|error| error.to_string())?;
            applications.push(application(set, &filled));
        }
    }
    Ok(applications)
}

fn parameters(objects: &LocalClient, generator: &Value, go: bool) -> Result<Vec<Value>, String> {
    if let Some(list) = generator.get("list") {
        return Ok(object::list(list, "/elements").to_vec());
    }
    let Some(generator) = generator.get("clusters") else {
        return Err("this stand-in knows the generators \"list\" and \"clusters\" only".into());
    };
    let selector = generator.get("selector");
    let values = generator
        .get("values")
        .cloned()
        .unwrap_or_else(|| json!({}));
    let registered = clusters::registered(objects)?
        .into_iter()
        .filter(|cluster| is_selected(selector, cluster));
    let mut parameters: Vec<Value> = registered.map(|cluster| of_cluster(&cluster)).collect();
    // Without a selector, the cluster Argo CD runs in is meant too; it has no Secret to select by.
    if selector.is_none_or(|selector| selector.as_object().is_none_or(serde_json::Map::is_empty)) {
        parameters.push(
            json!({ "name": "in-cluster", "nameNormalized": "in-cluster", "server": IN_CLUSTER }),
        );
    }
    parameters
        .into_iter()
        .map(|one| with_values(one, &values, go))
        .collect()
}

fn with_values(parameters: Value, values: &Value, go: bool) -> Result<Value, String> {
    let values = render(values, &parameters, go).map_err(|error| error.to_string())?;
    Ok(with(parameters, "values", values))
}

fn of_cluster(cluster: &RegisteredCluster) -> Value {
    let metadata = |field: &str| {
        cluster
            .secret
            .pointer(&format!("/metadata/{field}"))
            .cloned()
            .unwrap_or_else(|| json!({}))
    };
    json!({
        "name": cluster.name,
        "nameNormalized": normalized(&cluster.name),
        "server": cluster.server,
        "metadata": { "labels": metadata("labels"), "annotations": metadata("annotations") },
    })
}

fn is_selected(selector: Option<&Value>, cluster: &RegisteredCluster) -> bool {
    let Some(selector) = selector else {
        return true;
    };
    let label = |key: &str| {
        cluster
            .secret
            .pointer("/metadata/labels")
            .and_then(|labels| labels.get(key))
    };
    let wanted = selector.get("matchLabels").and_then(Value::as_object);
    let expressions = object::list(selector, "/matchExpressions")
        .iter()
        .map(requirement)
        .collect::<Vec<_>>()
        .join(",");
    wanted
        .into_iter()
        .flatten()
        .all(|(key, value)| label(key) == Some(value))
        && LabelSelector::parse(&expressions)
            .is_ok_and(|selector| selector.matches(&cluster.secret))
}

/// A matchExpression in the notation of label selectors.
fn requirement(expression: &Value) -> String {
    let key = object::text(expression, "/key");
    let values: Vec<&str> = object::list(expression, "/values")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    match object::text(expression, "/operator") {
        "In" => format!("{key} in ({})", values.join(",")),
        "NotIn" => format!("{key} notin ({})", values.join(",")),
        "DoesNotExist" => format!("!{key}"),
        _ => key.to_owned(),
    }
}

fn application(set: &Value, filled: &Value) -> Value {
    let metadata = |field: &str| filled.pointer(&format!("/metadata/{field}")).cloned();
    let keeps_resources =
        set.pointer("/spec/syncPolicy/preserveResourcesOnDeletion") == Some(&Value::Bool(true));
    let finalizers = metadata("finalizers").unwrap_or_else(|| {
        if keeps_resources {
            json!([])
        } else {
            json!([super::CASCADE])
        }
    });
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": metadata("name"),
            "namespace": object::namespace(set),
            "labels": metadata("labels").unwrap_or_else(|| json!({})),
            "annotations": metadata("annotations").unwrap_or_else(|| json!({})),
            "finalizers": finalizers,
            "ownerReferences": [{
                "apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "name": object::name(set),
                "uid": object::uid(set), "controller": true, "blockOwnerDeletion": true,
            }],
        },
        "spec": filled.get("spec"),
    })
}
