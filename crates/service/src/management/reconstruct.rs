//! A cluster that is not in the repository any more, as the management cluster remembers it.

use std::collections::BTreeMap;

use argocd::names;
use argocd::objects::USAGE_LABEL;
use argocd::ownership::{Look, is_secret_of};
use argocd::plan::{GeneratedApplication, generated_application};
use domain::{Cluster, ClusterType, Usage, WorkerType};
use serde_json::Value;

use super::Management;
use crate::runtime::Runtime;

impl<W: Runtime> Management<'_, W> {
    /// Tells whether anything of ours is left of a cluster that is not registered.
    pub fn has_remains(&self, name: &str, look: &Look) -> bool {
        self.reconstruct_cluster(name, look).is_some()
    }

    /// Reconstructs the remains of a cluster: from its resource, or else from its Secrets, Applications and Job.
    /// `None` where there is nothing of ours.
    pub(super) fn reconstruct_cluster(&self, name: &str, look: &Look) -> Option<Cluster> {
        let holdings = look.holdings(name, None);
        let resource = look.resource.as_ref();
        let resource = resource.filter(|_| holdings.resource.is_some());
        if let Some(Ok(cluster)) = resource.map(domain::resource::from_value) {
            return Some(cluster);
        }
        let mut cluster = minimal_cluster(name, Usage::Worker);
        match generated_application(name, &look.applications) {
            Some(GeneratedApplication::Virtual { host }) => {
                cluster.cluster_type = ClusterType::Virtual;
                cluster.host_cluster = Some(host);
            }
            Some(GeneratedApplication::Host) => cluster = minimal_cluster(name, Usage::Host),
            None if holdings.job.is_some() => cluster.cluster_type = ClusterType::Virtual,
            None if is_host(name, &look.labelled) => cluster = minimal_cluster(name, Usage::Host),
            None => {}
        }
        let known = names::roots(&cluster);
        let installed = known
            .iter()
            .any(|name| holdings.application(name).is_some());
        // A resource that can't be read goes as well.
        let is_left = resource.is_some()
            || installed
            || holdings.job.is_some()
            || !holdings.secrets.is_empty();
        is_left.then_some(cluster)
    }
}

/// Tells whether a cluster Secret of ours calls the cluster a host: a label can be on anybody's Secret.
fn is_host(name: &str, secrets: &[Value]) -> bool {
    secrets.iter().any(|secret| {
        let labels = secret.pointer("/metadata/labels");
        let usage = labels.and_then(|labels| labels.get(USAGE_LABEL));
        usage.and_then(Value::as_str) == Some("host") && is_secret_of(secret, name)
    })
}

/// Enough of a cluster to find what belongs to it by name.
pub(super) fn minimal_cluster(name: &str, usage: Usage) -> Cluster {
    Cluster {
        name: name.to_owned(),
        api_server: String::new(),
        cluster_kind: "kubernetes".to_owned(),
        cluster_type: ClusterType::Physical,
        usage,
        worker_type: (usage == Usage::Worker).then_some(WorkerType::Deployment),
        host_cluster: None,
        primary_domain: String::new(),
        https_node_port: None,
        credentials: None,
        components: BTreeMap::new(),
        reserved_namespaces_allowed_products: BTreeMap::new(),
        product_allowed_cluster_resources: BTreeMap::new(),
    }
}
