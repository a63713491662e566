//! What a tenant has once.

use domain::Settings;
use serde_json::{Value, json};

use crate::names;

/// What the tenant's Applications may do: everything, as the tenant's repository is the only thing
/// that they read and its writers decide.
#[must_use]
pub fn app_project(settings: &Settings) -> Value {
    let target = names::app_project(settings);
    json!({
        "apiVersion": target.kind.api_version(),
        "kind": target.kind.kind,
        "metadata": {"name": target.name, "namespace": target.namespace},
        "spec": {
            "description": format!("Clusters of the tenant {}", settings.tenant),
            "sourceRepos": ["*"],
            "destinations": [{"server": "*", "name": "*", "namespace": "*"}],
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        },
    })
}

/// The Application over `tenant/production`.
///
/// * `allowEmpty`: the last cluster's removal may leave the folder without a manifest, and Argo CD
///   would otherwise refuse to prune the ApplicationSets.
/// * `retry`: without end, since an install that gave up would wait for a commit.
/// * Background pruning: an ApplicationSet that is pruned in the foreground passes that on to its
///   Applications, and then Kubernetes' garbage collector takes a cluster's Secret, which waits for
///   these, before they have uninstalled anything.
/// * No finalizer: who deletes it does not mean every cluster of the tenant.
#[must_use]
pub fn root_application(settings: &Settings) -> Value {
    let target = names::root_application(settings);
    json!({
        "apiVersion": target.kind.api_version(),
        "kind": target.kind.kind,
        "metadata": {"name": target.name, "namespace": target.namespace},
        "spec": {
            "project": settings.tenant,
            "source": {
                "repoURL": settings.repository_url,
                "path": "tenant/production",
                "targetRevision": settings.target_revision,
            },
            "destination": {
                "server": "https://kubernetes.default.svc",
                "namespace": settings.argocd_namespace,
            },
            "syncPolicy": {
                "automated": {"prune": true, "selfHeal": true, "allowEmpty": true},
                "syncOptions": ["PrunePropagationPolicy=background"],
                "retry": {
                    "limit": -1,
                    "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"},
                },
            },
        },
    })
}
