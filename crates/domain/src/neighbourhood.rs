//! The registered clusters that a check has to know.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::{
    Category, Cluster, Component, File, Rejection, Surroundings, Usage, categories, resource,
};

/// Registered clusters by name, each with every component of its kind.
pub(crate) struct Neighbourhood {
    clusters: BTreeMap<String, Cluster>,
}

impl Neighbourhood {
    /// Reads resource files. Other files do no harm.
    pub(crate) fn read(files: &[File], catalog: &Catalog) -> Result<Self, Rejection> {
        let mut clusters = BTreeMap::new();
        for file in files {
            if !is_resource_file(&file.path) {
                continue;
            }
            let mut cluster = resource::from_file(&file.path, &file.content)
                .map_err(|error| Rejection::Other(format!("{} {error}", file.path)))?;
            complete(&mut cluster, catalog);
            clusters.insert(cluster.name.clone(), cluster);
        }
        Ok(Self { clusters })
    }

    /// A registered cluster.
    pub(crate) fn get(&self, name: &str) -> Option<&Cluster> {
        self.clusters.get(name)
    }

    /// All of them but one.
    pub(crate) fn others<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Cluster> {
        self.clusters.values().filter(move |it| it.name != name)
    }

    /// The virtual clusters on a host.
    pub(crate) fn virtual_clusters<'a>(
        &'a self,
        host: &'a str,
    ) -> impl Iterator<Item = &'a Cluster> {
        self.clusters
            .values()
            .filter(move |it| it.host_cluster.as_deref() == Some(host))
    }

    /// A cluster's relations.
    pub(crate) fn surroundings(&self, cluster: &Cluster) -> Surroundings {
        let host = cluster.host_cluster.as_deref();
        let around = host.unwrap_or(&cluster.name);
        Surroundings {
            host: host.and_then(|host| self.get(host)).cloned(),
            virtual_clusters: self
                .virtual_clusters(around)
                .filter(|it| it.name != cluster.name)
                .cloned()
                .collect(),
        }
    }
}

fn is_resource_file(path: &str) -> bool {
    let file = path.strip_prefix(resource::FOLDER);
    let file = file.and_then(|file| file.strip_prefix('/')?.strip_suffix(".yaml"));
    file.is_some_and(|name| name != "kustomization" && !name.contains('/'))
}

/// Fills in what resource files of older versions leave out: components and their additions.
fn complete(cluster: &mut Cluster, catalog: &Catalog) {
    for category in categories(cluster.cluster_type, cluster.usage, cluster.worker_type) {
        if !cluster.components.contains_key(category)
            && let Some(entry) = catalog.default_for(*category)
        {
            let component = Component {
                name: entry.name.clone(),
                namespace: entry.namespace.clone(),
                additions: BTreeMap::new(),
            };
            cluster.components.insert(*category, component);
        }
    }
    for component in cluster.components.values_mut() {
        let Some(entry) = catalog.entry(&component.name) else {
            continue;
        };
        for (name, property) in &entry.properties {
            let default = property.default_value(&cluster.name, &cluster.primary_domain);
            if let (Some(default), false) = (default, component.additions.contains_key(name)) {
                component.additions.insert(name.clone(), default);
            }
        }
    }
}

/// Tells whether a cluster can carry virtual ones.
pub(crate) fn is_host(cluster: &Cluster) -> bool {
    cluster.usage == Usage::Host
}

/// The ports that a cluster's gateway takes on its nodes, with the names of the additions.
pub(crate) fn gateway_ports(cluster: &Cluster) -> impl Iterator<Item = (&str, u16)> {
    let gateway = cluster.components.get(&Category::Gateway);
    let additions = gateway.into_iter().flat_map(|it| &it.additions);
    additions.filter_map(|(name, value)| {
        let port = name.ends_with("NodePort").then(|| value.parse().ok())??;
        Some((name.as_str(), port))
    })
}
