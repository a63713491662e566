//! What stays in a registered cluster after its removal.

use domain::{Cluster, Settings, Usage, names};
use gather::Gather as _;
use std::collections::BTreeSet;

/// The namespace of External Secrets in the built-in catalog.
const EXTERNAL_SECRETS: &str = "external-secrets";

/// Says what uninstalling leaves on purpose: docs/deploy.md, "What stays after a removal", says why, and how it goes. No command that
/// deletes is made here, since nobody knows what else is in these namespaces.
#[must_use]
pub fn describe_leftovers(cluster: &Cluster, settings: &Settings) -> String {
    if let Some(host) = &cluster.host_cluster {
        return format!(
            "when the removal has ended, the volume of the virtual cluster stays on its host {host} where its StorageClass retains volumes: \
             with the host's kubeconfig, kubectl get persistentvolume shows it as Released, of the namespace {}",
            cluster.name
        );
    }
    let components = names::installed(cluster).map(|component| component.namespace.as_str());
    let beside = match cluster.usage {
        // What brings the secrets of its components.
        Usage::Host => EXTERNAL_SECRETS,
        Usage::Worker => settings.nautes_namespace.as_str(),
    };
    let namespaces: BTreeSet<&str> = components.chain([beside]).gather();
    format!(
        "when the removal has ended, the namespaces that its components had stay in the cluster where they are there, since others may \
         use them ({}), and the components' CustomResourceDefinitions; docs/deploy.md, \"What stays after a removal\", has the commands \
         that remove them",
        namespaces.into_iter().collect::<Vec<_>>().join(", ")
    )
}
