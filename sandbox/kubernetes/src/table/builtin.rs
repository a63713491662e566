//! Columns of the built-in kinds.

use serde_json::Value;

use super::{Cell, Column, age, age_between, jsonpath};

/// Columns of a built-in resource, by plural name, as kubectl prints them.
pub fn builtin_columns(plural: &str) -> Vec<Column> {
    let mut columns = match plural {
        "configmaps" => vec![computed("Data", |object| {
            (count(object, "data") + count(object, "binaryData")).into()
        })],
        "secrets" => vec![
            path("Type", "string", ".type"),
            computed("Data", |object| count(object, "data").into()),
        ],
        "serviceaccounts" => vec![computed("Secrets", |object| {
            count(object, "secrets").into()
        })],
        "namespaces" => vec![path("Status", "string", ".status.phase")],
        "nodes" => vec![
            computed("Status", node_status),
            path("Version", "string", ".status.nodeInfo.kubeletVersion"),
        ],
        "pods" => pod_columns(),
        "services" => service_columns(),
        "events" => return event_columns(),
        "deployments" => deployment_columns(),
        "statefulsets" => vec![computed("Ready", ready)],
        "jobs" => job_columns(),
        "leases" => vec![path("Holder", "string", ".spec.holderIdentity")],
        "rolebindings" | "clusterrolebindings" => vec![computed("Role", role)],
        "roles" | "clusterroles" => {
            return vec![path("Created At", "string", ".metadata.creationTimestamp")];
        }
        "customresourcedefinitions" => {
            return vec![path("Created At", "string", ".metadata.creationTimestamp")];
        }
        _ => Vec::new(),
    };
    columns.push(path("Age", "date", ".metadata.creationTimestamp"));
    if plural == "deployments" || plural == "statefulsets" || plural == "jobs" {
        columns.push(wide("Containers", |object| container_list(object, "name")));
        columns.push(wide("Images", |object| container_list(object, "image")));
    }
    columns
}

fn column(name: &str, kind: &str, priority: i64, cell: Cell) -> Column {
    Column {
        name: name.into(),
        kind: kind.into(),
        format: String::new(),
        description: String::new(),
        priority,
        cell,
    }
}

fn path(name: &str, kind: &str, path: &str) -> Column {
    column(name, kind, 0, Cell::Path(path.into()))
}

fn computed(name: &str, compute: fn(&Value) -> Value) -> Column {
    column(name, "string", 0, Cell::Computed(compute))
}

fn wide(name: &str, compute: fn(&Value) -> Value) -> Column {
    column(name, "string", 1, Cell::Computed(compute))
}

fn pod_columns() -> Vec<Column> {
    vec![
        computed("Ready", |pod| {
            let statuses = list(pod, ".status.containerStatuses");
            let ready = statuses
                .iter()
                .filter(|status| status.get("ready") == Some(&Value::Bool(true)))
                .count();
            format!("{ready}/{}", list(pod, ".spec.containers").len()).into()
        }),
        computed("Status", |pod| {
            if jsonpath::find(pod, ".metadata.deletionTimestamp").is_some() {
                return "Terminating".into();
            }
            jsonpath::find(pod, ".status.phase")
                .cloned()
                .unwrap_or_default()
        }),
        computed("Restarts", |pod| {
            let restarts = list(pod, ".status.containerStatuses")
                .iter()
                .filter_map(|status| status.get("restartCount")?.as_i64());
            restarts.sum::<i64>().to_string().into()
        }),
    ]
}

fn service_columns() -> Vec<Column> {
    vec![
        path("Type", "string", ".spec.type"),
        computed("Cluster-IP", |service| {
            or_none(jsonpath::find(service, ".spec.clusterIP"))
        }),
        computed("External-IP", |_| "<none>".into()),
        computed("Port(s)", |service| {
            let ports = list(service, ".spec.ports").iter().map(|port| {
                let text = |name: &str| {
                    port.get(name)
                        .map(|value| value.to_string().replace('"', ""))
                        .unwrap_or_default()
                };
                let node = port
                    .get("nodePort")
                    .map(|node| format!(":{node}"))
                    .unwrap_or_default();
                format!("{}{node}/{}", text("port"), text("protocol"))
            });
            ports.collect::<Vec<_>>().join(",").into()
        }),
    ]
}

fn event_columns() -> Vec<Column> {
    vec![
        computed("Last Seen", |event| {
            let times = [
                ".lastTimestamp",
                ".eventTime",
                ".metadata.creationTimestamp",
            ];
            let last = times
                .iter()
                .find_map(|path| jsonpath::find(event, path)?.as_str());
            last.map_or(Value::Null, |time| age(time).into())
        }),
        path("Type", "string", ".type"),
        path("Reason", "string", ".reason"),
        computed("Object", |event| {
            let text = |path: &str| {
                jsonpath::find(event, path)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            format!(
                "{}/{}",
                text(".involvedObject.kind").to_lowercase(),
                text(".involvedObject.name")
            )
            .into()
        }),
        path("Message", "string", ".message"),
        wide("Name", |event| {
            jsonpath::find(event, ".metadata.name")
                .cloned()
                .unwrap_or_default()
        }),
    ]
}

fn deployment_columns() -> Vec<Column> {
    vec![
        computed("Ready", ready),
        computed("Up-to-date", |object| {
            number(object, ".status.updatedReplicas").into()
        }),
        computed("Available", |object| {
            number(object, ".status.availableReplicas").into()
        }),
    ]
}

fn job_columns() -> Vec<Column> {
    vec![
        computed("Status", |job| {
            let is_true = |kind: &str| {
                jsonpath::find(
                    job,
                    &format!(".status.conditions[?(@.type==\"{kind}\")].status"),
                )
                .is_some_and(|status| status == "True")
            };
            ["Complete", "Failed", "Suspended"]
                .into_iter()
                .find(|kind| is_true(kind))
                .unwrap_or("Running")
                .into()
        }),
        computed("Completions", |job| {
            let wanted = jsonpath::find(job, ".spec.completions")
                .and_then(Value::as_i64)
                .unwrap_or(1);
            format!("{}/{wanted}", number(job, ".status.succeeded")).into()
        }),
        computed("Duration", |job| {
            let at = |path: &str| jsonpath::find(job, path);
            age_between(at(".status.startTime"), at(".status.completionTime"))
                .map_or(Value::Null, Value::from)
        }),
    ]
}

fn ready(object: &Value) -> Value {
    let wanted = jsonpath::find(object, ".spec.replicas")
        .and_then(Value::as_i64)
        .unwrap_or(1);
    format!("{}/{wanted}", number(object, ".status.readyReplicas")).into()
}

fn node_status(node: &Value) -> Value {
    let ready = jsonpath::find(node, ".status.conditions[?(@.type==\"Ready\")].status");
    match ready.and_then(Value::as_str) {
        Some("True") => "Ready".into(),
        Some(_) => "NotReady".into(),
        None => "Unknown".into(),
    }
}

fn role(binding: &Value) -> Value {
    let text = |path: &str| {
        jsonpath::find(binding, path)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    format!("{}/{}", text(".roleRef.kind"), text(".roleRef.name")).into()
}

fn container_list(object: &Value, field: &str) -> Value {
    let containers = list(object, ".spec.template.spec.containers");
    let names: Vec<&str> = containers
        .iter()
        .filter_map(|container| container.get(field)?.as_str())
        .collect();
    names.join(",").into()
}

fn list<'a>(object: &'a Value, path: &str) -> &'a [Value] {
    jsonpath::find(object, path)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn number(object: &Value, path: &str) -> i64 {
    jsonpath::find(object, path)
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

fn count(object: &Value, field: &str) -> usize {
    match object.get(field) {
        Some(Value::Object(map)) => map.len(),
        Some(Value::Array(list)) => list.len(),
        _ => 0,
    }
}

fn or_none(value: Option<&Value>) -> Value {
    value.cloned().unwrap_or_else(|| "<none>".into())
}
