//! Names of the Argo CD Applications that a cluster has in the management cluster, where all clusters'
//! Applications lie in one namespace.

use std::collections::BTreeSet;

use gather::Gather as _;

use crate::{Category, Cluster, ClusterType, Component, Usage};

/// What the names depend on.
pub(crate) struct Owner<'a> {
    pub name: &'a str,
    pub cluster_type: ClusterType,
    pub usage: Usage,
    pub components: Vec<&'a str>,
}

impl<'a> Owner<'a> {
    pub(crate) fn new(
        name: &'a str,
        cluster_type: ClusterType,
        usage: Usage,
        components: impl IntoIterator<Item = (&'a Category, &'a Component)>,
    ) -> Self {
        Self {
            name,
            cluster_type,
            usage,
            components: components
                .into_iter()
                .map(|(_, it)| it.name.as_str())
                .collect(),
        }
    }

    /// The names.
    pub(crate) fn applications(&self) -> BTreeSet<String> {
        let name = self.name;
        let suffixes: &[&str] = match (self.usage, self.cluster_type) {
            (Usage::Host, _) => &[""],
            (Usage::Worker, ClusterType::Physical) => &RUNTIME,
            (Usage::Worker, ClusterType::Virtual) => &VIRTUAL_RUNTIME,
        };
        let own = suffixes.iter().map(|suffix| format!("{name}{suffix}"));
        let components = self.components.iter().flat_map(|component| {
            [
                format!("{name}-{component}"),
                format!("{name}-{component}-resources"),
            ]
        });
        own.chain(components).gather()
    }
}

impl<'a> From<&'a Cluster> for Owner<'a> {
    fn from(cluster: &'a Cluster) -> Self {
        Self::new(
            &cluster.name,
            cluster.cluster_type,
            cluster.usage,
            &cluster.components,
        )
    }
}

const RUNTIME: [&str; 4] = [
    "-runtime",
    "-runtime-app",
    "-runtime-argocd",
    "-runtime-initial",
];

const VIRTUAL_RUNTIME: [&str; 7] = [
    "",
    "-vcluster-app",
    "-vcluster-initial",
    "-runtime",
    "-runtime-app",
    "-runtime-argocd",
    "-runtime-initial",
];
