//! Tekton with its dashboard, which people may look at after they have logged in.

use crate::{Category, Component};
use serde_json::{Value, json};

use super::{Special, traefik};
use crate::render::context::Context;
use crate::render::objects::ingress_rule;
use crate::render::overlay::Overlay;
use crate::render::urls;

/// The catalog's name of the component.
pub const NAME: &str = "tekton";

/// The namespace of Tekton's resolvers, which its manifests bring along (`config/resolvers/100-namespace.yaml` of Tekton
/// Pipelines 1.15).
pub const RESOLVERS: &str = "tekton-pipelines-resolvers";

pub fn special(context: &Context<'_>, component: &Component) -> Special {
    let mut overlay = Overlay::default();
    let ingress = ingress(context, component).into_iter().collect();
    overlay
        .resources
        .insert("ingress-tekton-dashboard.yaml", ingress);
    overlay
        .resources
        .insert("rbac-tekton-dashboard.yaml", roles());
    // Degraded for ever where no metrics server runs.
    overlay.inline.push(json!({
        "target": {"kind": "HorizontalPodAutoscaler"},
        "patch": json!([{
            "op": "add",
            "path": "/metadata/annotations",
            "value": {"argocd.argoproj.io/ignore-healthcheck": "true"},
        }])
        .to_string(),
    }));
    Special {
        overlay: Some(overlay),
        ..Special::default()
    }
}

fn ingress(context: &Context<'_>, component: &Component) -> Option<Value> {
    let host = urls::host_name(context.cluster, Category::Pipeline)?;
    let gateway = context.gateway()?;
    // No way in without a login.
    let middleware = traefik::login_reference(gateway, &context.cluster.name)?;
    Some(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": "tekton-dashboard",
            "namespace": component.namespace,
            "annotations": {"traefik.ingress.kubernetes.io/router.middlewares": middleware},
        },
        "spec": {
            "ingressClassName": gateway.name,
            "rules": [ingress_rule(host, "/", "tekton-dashboard", &json!({"number": 9097}))],
            "tls": [{"hosts": [host]}],
        },
    }))
}

/// Builds the roles of the people who are logged in: for the cluster, and for namespaces where they are bound to it.
fn roles() -> Vec<Value> {
    let global = [
        rule("", &["namespaces"]),
        rule("dashboard.tekton.dev", &["extensions"]),
    ];
    let namespaced = [
        rule("", &["events", "namespaces", "pods", "pods/log"]),
        rule(
            "tekton.dev",
            &[
                "customruns",
                "pipelineruns",
                "pipelines",
                "stepactions",
                "taskruns",
                "tasks",
            ],
        ),
        rule(
            "triggers.tekton.dev",
            &[
                "eventlisteners",
                "interceptors",
                "triggerbindings",
                "triggers",
                "triggertemplates",
            ],
        ),
    ];
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "tekton-user-global"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "tekton-user-global",
        },
        "subjects": [{
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "Group",
            "name": "system:authenticated",
        }],
    });
    vec![
        role("tekton-user-global", &global),
        binding,
        role("tekton-user-namespaced", &namespaced),
    ]
}

fn role(name: &str, rules: &[Value]) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": rules,
    })
}

fn rule(group: &str, resources: &[&str]) -> Value {
    json!({"apiGroups": [group], "resources": resources, "verbs": ["get", "list", "watch"]})
}
