//! The Job that gives a virtual cluster's kubeconfig to Argo CD as soon as there is one.

use domain::{Cluster, Settings};
use serde_json::{Value, json};

use super::secret::stored_cluster_secret;
use super::{NAME_LABEL, kubeconfig};
use crate::names;
use crate::ownership::{HeldObject, Holdings};
use crate::plan::known;
use kubernetes::api::delete_options;

/// Who the Job runs as: may get, create, patch and delete Secrets in Argo CD's namespace, and nothing
/// else. Created once by the operator, with the Role, so that nobody needs the right to grant rights.
pub const KUBECONFIG_SERVICE_ACCOUNT: &str = "nautes-clusters-kubeconfig";

/// The Job's image where the setting `job_image` names none: kubectl on Alpine Linux, since the script needs a
/// shell, which `registry.k8s.io/kubectl` lacks. By digest: a tag can be moved to another image.
pub const KUBECONFIG_IMAGE: &str = "docker.io/alpine/kubectl:1.35.3@sha256:c4a11ae9a1cbac1f203bfe7efa481ae9c33b1bfdf1f73bc84f62cb973f039e4b";

/// Seconds to wait for the virtual cluster. Argo CD polls for up to 3 minutes per level of
/// Applications (three), a chart may be pulled on a slow link, and k3s starts within a few minutes.
const DEADLINE: u64 = 1_800;

/// Seconds after which Kubernetes ends the Job, whatever it does: the script's own limit and room for
/// the last attempt and the images.
const ACTIVE_DEADLINE: u64 = DEADLINE + 300;

/// Seconds for which a finished Job can be looked at.
const KEPT: u64 = 3_600;

const SCRIPT: &str = include_str!("../kubeconfig-job.sh");

/// Input of the Job for a virtual cluster.
#[derive(Debug, Clone, Copy)]
pub struct KubeconfigJob<'a> {
    /// The virtual cluster.
    pub cluster: &'a Cluster,
    /// The cluster that carries it.
    pub host: &'a Cluster,
    /// The Secrets there are. Those of a former API server go only when the new one is there, since without any
    /// the ApplicationSets would drop the cluster.
    pub holdings: &'a Holdings,
    /// The image, by digest.
    pub image: &'a str,
    /// The tenant's settings.
    pub settings: &'a Settings,
}

/// The Job for a virtual cluster.
#[must_use]
pub fn kubeconfig_job(job: &KubeconfigJob<'_>) -> Value {
    let KubeconfigJob {
        cluster, settings, ..
    } = *job;
    let target = names::job(cluster, settings);
    let labels = json!({ (NAME_LABEL): cluster.name });
    json!({
        "apiVersion": target.kind.api_version(),
        "kind": target.kind.kind,
        "metadata": {"name": target.name, "namespace": target.namespace, "labels": labels},
        "spec": {
            "activeDeadlineSeconds": ACTIVE_DEADLINE,
            "backoffLimit": 5,
            "ttlSecondsAfterFinished": KEPT,
            "template": {
                "metadata": {"labels": labels},
                "spec": pod(job),
            },
        },
    })
}

fn pod(job: &KubeconfigJob<'_>) -> Value {
    json!({
        "serviceAccountName": KUBECONFIG_SERVICE_ACCOUNT,
        "restartPolicy": "OnFailure",
        "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": 65_532,
            "runAsGroup": 65_532,
            "fsGroup": 65_532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container(job)],
        "volumes": [
            {"name": "host", "secret": {
                "secretName": names::secret(job.host, job.settings).name,
                "defaultMode": 0o440,
                "items": [{"key": kubeconfig::KEY, "path": "kubeconfig"}],
                // A host saved by an earlier version has none yet: the script says so.
                "optional": true,
            }},
            // Credentials are never written to a disk.
            {"name": "work", "emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}},
        ],
    })
}

fn container(job: &KubeconfigJob<'_>) -> Value {
    let KubeconfigJob {
        cluster, settings, ..
    } = *job;
    let target = names::secret(cluster, settings);
    let uid = job.holdings.uid_of(&target.name);
    let secret = known(stored_cluster_secret(cluster, settings), uid);
    let stale: Vec<String> = job.holdings.stale(&target.name).map(removal).collect();
    json!({
        "name": "kubeconfig",
        "image": job.image,
        "command": ["/bin/sh", "-c", SCRIPT],
        "env": [
            {"name": "VIRTUAL_CLUSTER", "value": cluster.name},
            {"name": "CLUSTER_LABEL", "value": NAME_LABEL},
            {"name": "NAMESPACE", "value": settings.argocd_namespace},
            {"name": "SECRET", "value": secret.to_string()},
            {"name": "FORCE", "value": uid.is_some().to_string()},
            {"name": "STALE_SECRETS", "value": stale.join("\n")},
            {"name": "DEADLINE_SECONDS", "value": DEADLINE.to_string()},
            {"name": "HOME", "value": "/work"},
        ],
        "resources": {
            "requests": {"cpu": "10m", "memory": "64Mi"},
            "limits": {"memory": "256Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "host", "mountPath": "/host", "readOnly": true},
            {"name": "work", "mountPath": "/work"},
        ],
    })
}

/// A line of `STALE_SECRETS`.
fn removal(secret: &HeldObject) -> String {
    format!("{} {}", secret.name, delete_options(Some(&secret.uid)))
}
