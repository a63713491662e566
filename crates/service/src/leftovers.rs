//! What stays in a registered cluster after its removal.

use domain::{Cluster, Settings, Usage, names};
use gather::Gather as _;
use std::collections::BTreeSet;

/// Says what uninstalling leaves on purpose, and how that goes: docs/deploy.md, "What stays after a removal", says why.
#[must_use]
pub fn describe_leftovers(cluster: &Cluster, settings: &Settings) -> String {
    if let Some(host) = &cluster.host_cluster {
        return format!(
            "on its host {host} stays the volume of the virtual cluster where its StorageClass retains volumes: with the host's \
             kubeconfig, kubectl get persistentvolume shows it as Released, of the namespace {}",
            cluster.name
        );
    }
    let components = names::installed(cluster).map(|component| component.namespace.as_str());
    let own = (cluster.usage == Usage::Worker).then_some(settings.nautes_namespace.as_str());
    let namespaces = components
        .chain(own)
        .filter(|namespace| !names::is_kubernetes_namespace(namespace));
    let namespaces: BTreeSet<&str> = namespaces.gather();
    let namespaces = namespaces.into_iter().collect::<Vec<_>>().join(" ");
    format!(
        "in the cluster stay the namespaces of its components and their CustomResourceDefinitions; where nothing of that is wanted \
         any more, run with its own kubeconfig: kubectl delete namespace {namespaces} --ignore-not-found; docs/deploy.md, \
         \"What stays after a removal\", has the command for the definitions"
    )
}
