//! Grants through RBAC objects: (Cluster)RoleBindings of the caller's name or groups.

use std::sync::Arc;

use serde_json::Value;

use super::UserInfo;
use crate::object;
use crate::options::PolicyRule;
use crate::resource::{GroupResource, ObjectKey};
use crate::store::StoreState;

const GROUP: &str = "rbac.authorization.k8s.io";

/// Everything the caller may do: its identity's rules and those that RBAC objects bind to it.
pub fn granted_rules(state: &StoreState, user: &UserInfo) -> Vec<PolicyRule> {
    let mut rules = user.rules.clone();
    for kind in ["clusterrolebindings", "rolebindings"] {
        for binding in state.list(&GroupResource::new(GROUP, kind), "") {
            let subjects = object::list(&binding, "/subjects");
            if subjects.iter().any(|subject| is_subject(user, subject)) {
                rules.extend(bound_rules(state, &binding));
            }
        }
    }
    rules
}

fn is_subject(user: &UserInfo, subject: &Value) -> bool {
    let name = object::text(subject, "/name");
    match object::text(subject, "/kind") {
        "User" => user.name == name,
        "Group" => user.groups.iter().any(|group| group == name),
        "ServiceAccount" => {
            user.name
                == format!(
                    "system:serviceaccount:{}:{name}",
                    object::text(subject, "/namespace")
                )
        }
        _ => false,
    }
}

fn bound_rules(state: &StoreState, binding: &Value) -> Vec<PolicyRule> {
    let namespace = object::namespace(binding);
    let name = object::text(binding, "/roleRef/name");
    let role: Option<Arc<Value>> = match object::text(binding, "/roleRef/kind") {
        "ClusterRole" => state.get(
            &GroupResource::new(GROUP, "clusterroles"),
            &ObjectKey::new("", name),
        ),
        _ => state.get(
            &GroupResource::new(GROUP, "roles"),
            &ObjectKey::new(namespace, name),
        ),
    };
    let Some(role) = role else { return Vec::new() };
    object::list(&role, "/rules")
        .iter()
        .map(|rule| from_policy_rule(rule, namespace))
        .collect()
}

fn from_policy_rule(rule: &Value, namespace: &str) -> PolicyRule {
    let strings = |field: &str| {
        let list = rule
            .get(field)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        list.iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    PolicyRule {
        api_groups: strings("apiGroups"),
        resources: strings("resources"),
        verbs: strings("verbs"),
        resource_names: strings("resourceNames"),
        namespaces: if namespace.is_empty() {
            Vec::new()
        } else {
            vec![namespace.to_owned()]
        },
    }
}
