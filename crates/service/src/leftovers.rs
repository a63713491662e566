//! What stays in a registered cluster after its removal.

use domain::{Cluster, Settings, Usage, names};
use gather::Gather as _;
use std::collections::BTreeSet;

/// What uninstalling leaves on purpose, and how it goes: docs/deploy.md, "What stays after a removal", says why.
#[must_use]
pub fn told(cluster: &Cluster, settings: &Settings) -> String {
    if let Some(host) = &cluster.host_cluster {
        let name = &cluster.name;
        return format!(
            "on its host {host} stay the namespace {name} and the volume of the virtual cluster, where its StorageClass retains \
             volumes; where nothing of that is wanted any more, run with the host's kubeconfig: \
             kubectl delete namespace {name} --ignore-not-found"
        );
    }
    let components = names::installed(cluster).map(|component| component.namespace.as_str());
    let own = (cluster.usage == Usage::Worker).then_some(settings.nautes_namespace.as_str());
    let namespaces: BTreeSet<&str> = components.chain(own).gather();
    let namespaces = namespaces.into_iter().collect::<Vec<_>>().join(" ");
    format!(
        "in the cluster stay the namespaces of its components and their CustomResourceDefinitions; where nothing of that is wanted \
         any more, run with its own kubeconfig: kubectl delete namespace {namespaces} --ignore-not-found; docs/deploy.md, \
         \"What stays after a removal\", has the command for the definitions"
    )
}
