//! Products that use a cluster.

use std::collections::BTreeSet;

use gather::Gather as _;
use serde_json::Value;

/// The objects of all namespaces that may use a cluster. A kind whose CRD is missing has none.
#[derive(Debug, Clone, Copy)]
pub struct DependentObjects<'a> {
    /// Of [`kubernetes::Kind::ENVIRONMENT`].
    pub environments: &'a [Value],
    /// Of [`kubernetes::Kind::DEPLOYMENT_RUNTIME`].
    pub deployment_runtimes: &'a [Value],
    /// Of [`kubernetes::Kind::PROJECT_PIPELINE_RUNTIME`].
    pub pipeline_runtimes: &'a [Value],
}

/// Lists the users of the cluster, such as `Environment demo/production`: the environments that name it, and the
/// runtimes in these environments or that name it themselves; sorted.
#[must_use]
pub fn dependants(cluster: &str, used: &DependentObjects<'_>) -> Vec<String> {
    let environments: BTreeSet<(String, String)> = used
        .environments
        .iter()
        .filter(|object| text(object, "/spec/cluster") == cluster)
        .map(key)
        .gather();
    let runtimes = [
        ("DeploymentRuntime", used.deployment_runtimes),
        ("ProjectPipelineRuntime", used.pipeline_runtimes),
    ];
    let runtimes = runtimes.into_iter().flat_map(|(kind, objects)| {
        let users = objects
            .iter()
            .filter(|object| uses(object, cluster, &environments));
        users.map(move |object| describe(kind, &key(object)))
    });
    let mut all: Vec<String> = environments
        .iter()
        .map(|key| describe("Environment", key))
        .chain(runtimes)
        .collect();
    all.sort();
    all
}

/// The destination is an environment by name (v0.3) or an object that has one (v0.4). The status holds
/// the cluster that the runtime was last installed in.
fn uses(runtime: &Value, cluster: &str, environments: &BTreeSet<(String, String)>) -> bool {
    let namespace = text(runtime, "/metadata/namespace").to_owned();
    let named = ["/spec/destination", "/spec/destination/environment"];
    named
        .into_iter()
        .map(|pointer| text(runtime, pointer))
        .any(|name| name == cluster || environments.contains(&(namespace.clone(), name.to_owned())))
        || text(runtime, "/status/cluster") == cluster
}

fn key(object: &Value) -> (String, String) {
    let part = |pointer| text(object, pointer).to_owned();
    (part("/metadata/namespace"), part("/metadata/name"))
}

fn describe(kind: &str, (namespace, name): &(String, String)) -> String {
    format!("{kind} {namespace}/{name}")
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    let text = object.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(namespace: &str, name: &str, spec: &Value, status: &Value) -> Value {
        json!({"metadata": {"namespace": namespace, "name": name}, "spec": spec, "status": status})
    }

    #[test]
    fn finds_every_user() {
        let none = json!({});
        let environments = [
            object("demo", "production", &json!({"cluster": "a"}), &none),
            object("demo", "test", &json!({"cluster": "b"}), &none),
        ];
        let deployment_runtimes = [
            object("demo", "v03", &json!({"destination": "production"}), &none),
            object(
                "demo",
                "v04",
                &json!({"destination": {"environment": "production"}}),
                &none,
            ),
            object(
                "demo",
                "other",
                &json!({"destination": {"environment": "test"}}),
                &none,
            ),
            // The environment of that name in another namespace is another one.
            object(
                "else",
                "v04",
                &json!({"destination": {"environment": "production"}}),
                &none,
            ),
        ];
        let pipeline_runtimes = [
            object("demo", "direct", &json!({"destination": "a"}), &none),
            object("demo", "installed", &none, &json!({"cluster": "a"})),
            object("demo", "empty", &none, &none),
        ];
        let used = DependentObjects {
            environments: &environments,
            deployment_runtimes: &deployment_runtimes,
            pipeline_runtimes: &pipeline_runtimes,
        };
        assert_eq!(
            dependants("a", &used),
            [
                "DeploymentRuntime demo/v03",
                "DeploymentRuntime demo/v04",
                "Environment demo/production",
                "ProjectPipelineRuntime demo/direct",
                "ProjectPipelineRuntime demo/installed",
            ]
        );
        assert!(dependants("c", &used).is_empty());
    }
}
