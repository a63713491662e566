//! Objects that stay in a registered cluster after its removal.

use domain::{Cluster, Settings, Usage, names};
use gather::Gather as _;
use std::collections::BTreeSet;

/// The namespace of External Secrets in the built-in catalog. It is named for an operator's own catalog, too: a reader of catalogs would
/// take this function above its size limit, and the answer says that a namespace stays only where it is there.
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
        // Beside its components a host has what brings their secrets.
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

#[cfg(test)]
mod tests {
    use domain::Category;
    use domain::catalog::Catalog;

    use super::*;

    #[test]
    fn the_built_in_catalog_has_this_namespace() {
        let catalog = Catalog::from_settings(&Settings::default()).unwrap();
        let entry = catalog.default_for(Category::SecretSync).unwrap();
        assert_eq!(entry.namespace, EXTERNAL_SECRETS);
    }
}
