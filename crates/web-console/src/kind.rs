//! The five kinds of cluster, and which components each can choose.

use domain::catalog::{BUILT_IN, Catalog};
use domain::{Category, ClusterType, Usage, WorkerType};

/// A kind of cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Host,
    PhysicalDeployment,
    PhysicalPipeline,
    VirtualDeployment,
    VirtualPipeline,
}

use Kind::{Host, PhysicalDeployment, PhysicalPipeline, VirtualDeployment, VirtualPipeline};

impl Kind {
    pub(crate) const ALL: [Self; 5] = [
        PhysicalDeployment,
        PhysicalPipeline,
        Host,
        VirtualDeployment,
        VirtualPipeline,
    ];

    /// The word in addresses and forms.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Host => "host",
            PhysicalDeployment => "deployment",
            PhysicalPipeline => "pipeline",
            VirtualDeployment => "virtual-deployment",
            VirtualPipeline => "virtual-pipeline",
        }
    }

    pub(crate) fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.slug() == slug)
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Host => "Host",
            PhysicalDeployment => "Deployment worker",
            PhysicalPipeline => "Pipeline worker",
            VirtualDeployment => "Virtual deployment worker",
            VirtualPipeline => "Virtual pipeline worker",
        }
    }

    pub(crate) const fn purpose(self) -> &'static str {
        match self {
            Host => "Carries virtual clusters. Products do not run here themselves.",
            PhysicalDeployment => "Runs applications of products, deployed by Argo CD.",
            PhysicalPipeline => "Runs pipelines of products with Tekton and Argo Events.",
            VirtualDeployment => "Runs applications in a virtual cluster on one of your hosts.",
            VirtualPipeline => "Runs pipelines in a virtual cluster on one of your hosts.",
        }
    }

    /// The kind of a registered cluster.
    pub(crate) fn of(cluster: &api::Cluster) -> Self {
        let is_virtual = cluster.cluster_type == api::ClusterType::Virtual;
        let is_pipeline = cluster.worker_type == "pipeline";
        match (&cluster.usage, is_virtual, is_pipeline) {
            (api::Usage::Host, _, _) => Host,
            (_, false, false) => PhysicalDeployment,
            (_, false, true) => PhysicalPipeline,
            (_, true, false) => VirtualDeployment,
            (_, true, true) => VirtualPipeline,
        }
    }

    pub(crate) const fn is_virtual(self) -> bool {
        matches!(self, VirtualDeployment | VirtualPipeline)
    }

    pub(crate) const fn cluster_type(self) -> &'static str {
        if self.is_virtual() {
            "virtual"
        } else {
            "physical"
        }
    }

    pub(crate) const fn usage(self) -> &'static str {
        if matches!(self, Host) {
            "host"
        } else {
            "worker"
        }
    }

    pub(crate) const fn worker_type(self) -> Option<&'static str> {
        match self {
            Host => None,
            PhysicalDeployment | VirtualDeployment => Some("deployment"),
            PhysicalPipeline | VirtualPipeline => Some("pipeline"),
        }
    }

    /// The components that a request can choose, in the order of installation.
    pub(crate) fn slots(self, catalog: Option<&str>) -> Vec<Slot> {
        let catalog = catalog.unwrap_or(BUILT_IN);
        // A broken catalog fails the save with its own words; the form then has no defaults to show.
        let Ok(catalog) = Catalog::from_yaml(catalog) else {
            return Vec::new();
        };
        let categories = domain::categories(
            if self.is_virtual() {
                ClusterType::Virtual
            } else {
                ClusterType::Physical
            },
            if self == Host {
                Usage::Host
            } else {
                Usage::Worker
            },
            self.worker_type().map(|worker| match worker {
                "pipeline" => WorkerType::Pipeline,
                _ => WorkerType::Deployment,
            }),
        );
        categories
            .iter()
            .filter_map(|category| Slot::of(*category, &catalog))
            .collect()
    }
}

/// A category of components in a form.
pub(crate) struct Slot {
    /// The key in `components_list`.
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    /// The components to choose from; the first is the default.
    pub(crate) choices: Vec<String>,
    /// The default's namespace, and whether it is the only one that works.
    pub(crate) namespace: String,
    pub(crate) fixed_namespace: bool,
    /// Name and default of each addition of the default component.
    pub(crate) additions: Vec<(String, String)>,
}

impl Slot {
    fn of(category: Category, catalog: &Catalog) -> Option<Self> {
        let (key, title) = names(category)?;
        let entry = catalog.default_for(category)?;
        let properties = entry.properties.iter();
        let additions = properties.map(|(name, property)| {
            let default = property.default.clone().unwrap_or_default();
            (name.clone(), default)
        });
        Some(Self {
            key,
            title,
            choices: catalog
                .names(category)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            namespace: entry.namespace.clone(),
            fixed_namespace: entry.fixed_namespace,
            additions: additions.collect(),
        })
    }
}

/// Key and title of a category; none for those that no request can choose.
const fn names(category: Category) -> Option<(&'static str, &'static str)> {
    Some(match category {
        Category::MultiTenant => ("multi_tenant", "Tenancy"),
        Category::SecretSync => ("secret_sync", "Secrets"),
        Category::Gateway => ("gateway", "Gateway"),
        Category::Deployment => ("deployment", "Deployment"),
        Category::ProgressiveDelivery => ("progressive_delivery", "Progressive delivery"),
        Category::Pipeline => ("pipeline", "Pipelines"),
        Category::EventListener => ("event_listener", "Events"),
        Category::CertManagement => ("cert_management", "Certificates"),
        Category::SecretManagement | Category::OauthProxy => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_slug_and_has_components() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_slug(kind.slug()), Some(kind));
            assert!(!kind.slots(None).is_empty(), "{kind:?}");
            let cluster = api::Cluster {
                cluster_type: kind.cluster_type().to_owned().into(),
                usage: kind.usage().to_owned().into(),
                worker_type: kind.worker_type().unwrap_or_default().into(),
                ..api::Cluster::default()
            };
            assert_eq!(Kind::of(&cluster), kind);
        }
    }

    #[test]
    fn a_broken_catalog_leaves_a_form_without_components() {
        assert!(Kind::Host.slots(Some("[")).is_empty());
    }
}
