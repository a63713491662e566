//! Rights of the service's accounts in the management cluster: those of `deploy/rbac.yaml`, rule by rule.

use futures::stream::{self, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Checks;
use crate::cluster::{ClusterClient, ClusterError};

/// The rules as they are applied.
const RULES: &str = include_str!("../../../deploy/rbac.yaml");

/// Questions at a time.
const AT_A_TIME: usize = 8;

/// Rights that are named; more of them say nothing new.
const NAMED: usize = 5;

/// The service's account, and the namespaces that its rules are about.
pub(crate) struct ServiceAccount<'a> {
    /// Namespace of the service account.
    pub(crate) namespace: &'a str,
    /// Name of the service account.
    pub(crate) name: &'a str,
    /// Where Argo CD is.
    pub(crate) argocd_namespace: &'a str,
    /// Where the Cluster resources are.
    pub(crate) nautes_namespace: &'a str,
}

/// An object of the file: a role, or something else, without rules.
#[derive(Deserialize)]
struct Role {
    metadata: Metadata,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    namespace: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    api_groups: Vec<String>,
    resources: Vec<String>,
    #[serde(default)]
    resource_names: Vec<String>,
    verbs: Vec<String>,
}

/// A right: one verb on one resource.
#[derive(Debug, Clone, PartialEq)]
struct Right {
    /// `system:serviceaccount:…`.
    user: String,
    namespace: String,
    group: String,
    resource: String,
    name: String,
    verb: String,
}

impl std::fmt::Display for Right {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.verb, self.resource)?;
        if !self.name.is_empty() {
            write!(formatter, " {}", self.name)?;
        }
        match self.namespace.as_str() {
            "" => formatter.write_str(" in all namespaces"),
            namespace => write!(formatter, " in {namespace}"),
        }
    }
}

/// Asks the management cluster about every right, as an administrator may.
pub(super) async fn check(
    checks: &mut Checks,
    cluster: &ClusterClient,
    service: &ServiceAccount<'_>,
) {
    let rights = rights(service);
    let asked = stream::iter(&rights)
        .map(|right| async move { (right, is_granted(cluster, right).await) })
        .buffered(AT_A_TIME);
    let mut missing = Vec::new();
    for (right, granted) in asked.collect::<Vec<_>>().await {
        match granted {
            Ok(true) => {}
            Ok(false) => missing.push(right.to_string()),
            Err(error) => {
                checks.warning(
                    format!("the rights of the service are not known: {}", error.cause),
                    "use a context that may create subjectaccessreviews, as an administrator's",
                );
                return;
            }
        }
    }
    let account = format!("{}/{}", service.namespace, service.name);
    match missing.as_slice() {
        [] => checks.ok(format!(
            "the service account {account} and its Job's have all {} rights that are used",
            rights.len()
        )),
        missing => {
            let more = missing.len().saturating_sub(NAMED);
            let named: Vec<&str> = missing.iter().take(NAMED).map(String::as_str).collect();
            let more = if more > 0 {
                format!(", and {more} more")
            } else {
                String::new()
            };
            checks.failure(
                format!(
                    "the service account {account} may not {}{more}",
                    named.join(", ")
                ),
                "kubectl apply -f deploy/rbac.yaml, or name the account with --service-account",
            );
        }
    }
}

async fn is_granted(cluster: &ClusterClient, right: &Right) -> Result<bool, ClusterError> {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": right.user,
            "resourceAttributes": {
                "verb": right.verb, "group": right.group, "resource": right.resource,
                "namespace": right.namespace, "name": right.name,
            },
        },
    });
    let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    let review = cluster.post(path, &review).await?;
    Ok(review.pointer("/status/allowed").and_then(Value::as_bool) == Some(true))
}

/// The rights of the file. Its names of namespaces and of the account stand for those of this service.
fn rights(service: &ServiceAccount<'_>) -> Vec<Right> {
    let roles: Vec<Role> = serde_saphyr::from_multiple(RULES).unwrap_or_default();
    let place = |namespace: &Option<String>| match namespace.as_deref() {
        Some("argocd") => service.argocd_namespace.to_owned(),
        Some(_) => service.nautes_namespace.to_owned(),
        None => String::new(),
    };
    let mut rights = Vec::new();
    for role in &roles {
        // The account of the Job that turns a virtual cluster's kubeconfig into a Secret is the only other one.
        let user = match role.metadata.name.as_str() {
            "nautes-clusters" => format!("{}:{}", service.namespace, service.name),
            other => format!("{}:{other}", service.argocd_namespace),
        };
        for rule in &role.rules {
            rights.extend(of_rule(rule, &place(&role.metadata.namespace), &user));
        }
    }
    rights
}

fn of_rule(rule: &Rule, namespace: &str, user: &str) -> Vec<Right> {
    let any = [String::new()];
    let names = match rule.resource_names.as_slice() {
        [] => &any,
        names => names,
    };
    let mut rights = Vec::new();
    for (group, resource) in rule.api_groups.iter().flat_map(|group| {
        let resources = rule.resources.iter();
        resources.map(move |resource| (group, resource))
    }) {
        for (name, verb) in names.iter().flat_map(|name| {
            let verbs = rule.verbs.iter();
            verbs.map(move |verb| (name, verb))
        }) {
            rights.push(Right {
                user: format!("system:serviceaccount:{user}"),
                namespace: namespace.to_owned(),
                group: group.clone(),
                resource: resource.clone(),
                name: name.clone(),
                verb: verb.clone(),
            });
        }
    }
    rights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rights_are_those_of_the_file_in_this_services_namespaces() {
        let service = ServiceAccount {
            namespace: "clusters",
            name: "api",
            argocd_namespace: "cd",
            nautes_namespace: "resources",
        };
        let rights = rights(&service);
        let users: std::collections::BTreeSet<&str> =
            rights.iter().map(|right| right.user.as_str()).collect();
        assert_eq!(
            users.into_iter().collect::<Vec<_>>(),
            [
                "system:serviceaccount:cd:nautes-clusters-kubeconfig",
                "system:serviceaccount:clusters:api"
            ]
        );
        let said: Vec<String> = rights.iter().map(ToString::to_string).collect();
        for right in [
            "delete secrets in cd",
            "watch applications in cd",
            "get applicationsets runtime-appset in cd",
            "create clusters in resources",
            "list environments in all namespaces",
        ] {
            assert!(
                said.iter().any(|there| there == right),
                "{right}: {said:#?}"
            );
        }
    }
}
