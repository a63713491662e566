//! Objects that are put into the management cluster.

mod config;
mod job;
mod kubeconfig;
mod secret;
mod tenant;

use domain::{Cluster, Settings};
use serde_json::{Value, json};

pub use config::CredentialsError;
pub use job::{KUBECONFIG_IMAGE, KUBECONFIG_SERVICE_ACCOUNT, KubeconfigJob, kubeconfig_job};
pub use secret::{cluster_secret, stored_cluster_secret, stored_proxy, with_stored_config};
pub use tenant::{app_project, root_application};

/// Label of a cluster Secret: `host` or `worker`. The ApplicationSets select by it.
pub const USAGE_LABEL: &str = domain::names::USAGE_LABEL;

/// Label of every object that is ours: the cluster's name.
pub const NAME_LABEL: &str = domain::names::CLUSTER_LABEL;

/// Label by which Argo CD tells its Secrets apart: `cluster`, `repository`, …
pub const TYPE_LABEL: &str = "argocd.argoproj.io/secret-type";

/// Annotation of a cluster Secret: when its client certificate expires, RFC 3339. Kept beside the
/// credentials, so that a status can tell without reading them.
pub const EXPIRES_AT: &str = "clusters.nautes.io/credentials-expire-at";

/// Annotation of a cluster Secret: the fingerprint of the credentials in it.
pub const CREDENTIALS: &str = domain::names::CREDENTIALS;

/// Annotation of a Cluster resource: the text of the resource file. Whoever lists clusters compares its blob id with the
/// repository's, and reads the file there only where they differ.
pub const RESOURCE_FILE: &str = "clusters.nautes.io/resource-file";

/// The Cluster resource, with the label by which it is told from others' and the text of its file.
#[must_use]
pub fn cluster_resource(cluster: &Cluster, file: Option<&str>, settings: &Settings) -> Value {
    let mut resource = domain::resource::to_value(cluster, &settings.nautes_namespace);
    if let Some(Value::Object(metadata)) = resource.get_mut("metadata") {
        if let Some(file) = file {
            let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
            if let Value::Object(annotations) = annotations {
                annotations.insert(RESOURCE_FILE.to_owned(), json!(file));
            }
        }
        let labels = metadata.entry("labels").or_insert_with(|| json!({}));
        if let Value::Object(labels) = labels {
            labels.insert(NAME_LABEL.to_owned(), json!(cluster.name));
        }
    }
    resource
}

/// The merge patch that makes Argo CD look at Git now rather than at its next poll.
#[must_use]
pub fn refresh_patch() -> Value {
    json!({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
}

/// The merge patch that ends an Application's operation, as `argocd app terminate-op` does it: Argo CD cleans up and
/// does not repeat it.
#[must_use]
pub fn terminate_patch() -> Value {
    json!({"metadata": {}, "status": {"operationState": {"phase": "Terminating"}}})
}

/// The merge patch by which a Secret no longer goes with Applications that go. Server-side apply can't
/// remove what a patch has added.
#[must_use]
pub fn clear_owner_references() -> Value {
    json!({"metadata": {"ownerReferences": null}})
}

#[cfg(test)]
mod tests;
