//! Context of the rendering, which every part of it looks at.

use crate::catalog::{Catalog, Entry};
use crate::{Category, Cluster, ClusterType, Component, Settings, Surroundings, Usage, WorkerType};

use crate::render::{RenderError, names};

/// One cluster, seen with its relations.
#[derive(Clone)]
pub struct Context<'a> {
    pub cluster: &'a Cluster,
    /// The host of a virtual cluster.
    pub host: Option<&'a Cluster>,
    /// The host's other virtual clusters, or the virtual clusters on this host, sorted by name.
    pub virtual_clusters: Vec<&'a Cluster>,
    pub settings: &'a Settings,
    pub catalog: &'a Catalog,
}

impl<'a> Context<'a> {
    pub fn new(
        cluster: &'a Cluster,
        surroundings: &'a Surroundings,
        settings: &'a Settings,
        catalog: &'a Catalog,
    ) -> Result<Self, RenderError> {
        let mut context = Self {
            cluster,
            host: None,
            virtual_clusters: surroundings.virtual_clusters.iter().collect(),
            settings,
            catalog,
        };
        context.virtual_clusters.sort_by_key(|other| &other.name);
        if cluster.cluster_type == ClusterType::Virtual {
            let host = surroundings.host.as_ref();
            let host = host.filter(|host| Some(&host.name) == cluster.host_cluster.as_ref());
            // Somebody has removed its resource file by hand, or pushed this one without it.
            let error = || RenderError::UnreadableFile {
                path: crate::resource::path(&cluster.name),
                message: format!(
                    "its host {} is not registered",
                    cluster.host_cluster.as_deref().unwrap_or_default()
                ),
            };
            context.host = Some(host.ok_or_else(error)?);
        }
        Ok(context)
    }

    /// The host, seen with its other virtual clusters and `also`.
    pub fn host_with(&self, also: Option<&'a Cluster>) -> Option<Self> {
        let mut virtual_clusters = self.virtual_clusters.clone();
        virtual_clusters.retain(|other| other.name != self.cluster.name);
        virtual_clusters.extend(also);
        virtual_clusters.sort_by_key(|other| &other.name);
        Some(Self {
            cluster: self.host?,
            host: None,
            virtual_clusters,
            ..self.clone()
        })
    }

    /// A virtual cluster of this host, seen with the host.
    pub fn guest(&self, cluster: &'a Cluster) -> Self {
        Self {
            cluster,
            host: Some(self.cluster),
            virtual_clusters: Vec::new(),
            ..self.clone()
        }
    }

    pub fn is_host(&self) -> bool {
        self.cluster.usage == Usage::Host
    }

    /// The folder that holds the cluster's components.
    pub fn folder(&self) -> String {
        if self.is_host() {
            names::host_folder(&self.cluster.name)
        } else {
            names::runtime_folder(&self.cluster.name)
        }
    }

    /// The AppProject of the cluster's components.
    pub fn project(&self) -> String {
        if self.is_host() {
            names::host_project(&self.cluster.name)
        } else {
            names::project(&self.cluster.name)
        }
    }

    /// The catalog's entry of a component.
    pub fn entry(&self, component: &Component) -> Result<&'a Entry, RenderError> {
        self.catalog.entry(&component.name).ok_or_else(|| {
            RenderError::Catalog(format!(
                "component catalog: has no component {}, which cluster {} has",
                component.name, self.cluster.name
            ))
        })
    }

    /// The gateway that serves the cluster: its host's where it is virtual.
    pub fn gateway(&self) -> Option<&'a Component> {
        let cluster = self.host.unwrap_or(self.cluster);
        cluster.components.get(&Category::Gateway)
    }

    /// The components that are installed in the cluster. Without a Vault its injector would point nowhere.
    pub fn installed(&self) -> impl Iterator<Item = &'a Component> + use<'a> {
        let has_vault = !self.settings.vault_url.is_empty();
        let installed = names::installed(self.cluster);
        installed.filter(move |component| has_vault || component.name != "vault")
    }

    pub fn component(&self, category: Category) -> Option<&'a Component> {
        self.cluster.components.get(&category)
    }

    /// The clusters whose pipeline dashboards this cluster's gateway serves behind the OAuth2 proxy.
    pub fn pipelines(&self) -> Vec<&'a Cluster> {
        let clusters = if self.is_host() {
            self.virtual_clusters.clone()
        } else {
            vec![self.cluster]
        };
        let is_pipeline = |cluster: &&Cluster| cluster.worker_type == Some(WorkerType::Pipeline);
        clusters.into_iter().filter(is_pipeline).collect()
    }

    /// Tells whether people can log in: without an issuer there is nobody to ask.
    pub fn has_login(&self) -> bool {
        !self.settings.oidc_issuer_url.is_empty()
    }
}
