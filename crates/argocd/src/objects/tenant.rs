//! Objects that a tenant has once.

use domain::Settings;
use serde_json::{Value, json};

use crate::names;
use domain::names::{IN_CLUSTER, SERVER_SIDE_DIFF};
use kubernetes::kind::Kind;

/// Builds the AppProject of the tenant's Applications in the management cluster. They may put Argo CD's own objects
/// and Cluster resources from the tenant's repository where these belong. Components are in projects of their own
/// ([`domain::names::host_project`] and its like), none of which reaches the management cluster.
#[must_use]
pub fn app_project(settings: &Settings) -> Value {
    let target = names::app_project(settings);
    let destination = |namespace: &str| json!({"server": IN_CLUSTER, "namespace": namespace});
    let argo = |kind: Kind| json!({"group": "argoproj.io", "kind": kind.kind});
    json!({
        "apiVersion": target.kind.api_version(),
        "kind": target.kind.kind,
        "metadata": {"name": target.name, "namespace": target.namespace},
        "spec": {
            "description": format!("Clusters of the tenant {}", settings.tenant),
            "sourceRepos": [settings.repository_url],
            "destinations": [
                destination(&settings.argocd_namespace),
                destination(&settings.nautes_namespace),
            ],
            "clusterResourceWhitelist": [],
            "namespaceResourceWhitelist": [
                argo(Kind::APPLICATION),
                argo(Kind::APPLICATION_SET),
                argo(Kind::APP_PROJECT),
                {"group": Kind::CLUSTER.group, "kind": Kind::CLUSTER.kind},
            ],
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
        "metadata": {
            "name": target.name,
            "namespace": target.namespace,
            "annotations": {SERVER_SIDE_DIFF.0: SERVER_SIDE_DIFF.1},
        },
        "spec": {
            "project": settings.tenant,
            "source": {
                "repoURL": settings.repository_url,
                "path": "tenant/production",
                "targetRevision": settings.target_revision,
            },
            "destination": {
                "server": IN_CLUSTER,
                "namespace": settings.argocd_namespace,
            },
            "syncPolicy": {
                "automated": {"prune": true, "selfHeal": true, "allowEmpty": true},
                "syncOptions": ["PrunePropagationPolicy=background"],
                "retry": domain::render::retry(),
            },
        },
    })
}
