//! A cluster that is not in the repository any more, as the management cluster remembers it.

use std::collections::BTreeMap;

use argocd::names;
use argocd::objects::USAGE_LABEL;
use argocd::plan::{Own, own};
use domain::{Cluster, ClusterType, Usage, WorkerType};
use kubernetes::{Error, Kind, Verb, parse};
use serde_json::Value;

use super::{Failure, Management};
use crate::runtime::Runtime;

impl<W: Runtime> Management<'_, W> {
    /// What is left of a cluster: its resource, or else what its Secrets, Applications and Job
    /// tell. `None`
    /// where there is nothing.
    pub(super) async fn recall(&self, name: &str) -> Result<Option<Cluster>, Failure> {
        if !domain::name::is_dns_label(name) {
            return Ok(None);
        }
        if let Some(cluster) = self.resource(name).await? {
            return Ok(Some(cluster));
        }
        let mut cluster = outline(name, Usage::Worker);
        let job = names::job(&cluster, &self.settings);
        let (secrets, applications, job) = futures::join!(
            self.labelled_secrets(name),
            self.applications(),
            self.metadata(&job)
        );
        let (secrets, applications, job) = (secrets?, applications?, job?);
        match own(name, &applications) {
            Some(Own::Virtual { host }) => {
                cluster.cluster_type = ClusterType::Virtual;
                cluster.host_cluster = Some(host);
            }
            Some(Own::Host) => cluster = outline(name, Usage::Host),
            None if job.is_some() => cluster.cluster_type = ClusterType::Virtual,
            None if is_host(&secrets) => cluster = outline(name, Usage::Host),
            None => {}
        }
        let known: Vec<String> = names::roots(&cluster);
        let installed = applications
            .iter()
            .filter_map(|application| super::text(application, "/metadata/name"))
            .any(|application| known.contains(&application));
        let is_left = installed || job.is_some() || !secrets.is_empty();
        Ok(is_left.then_some(cluster))
    }

    async fn resource(&self, name: &str) -> Result<Option<Cluster>, Failure> {
        let target = Kind::CLUSTER.target(&self.settings.nautes_namespace, name);
        let request = self.api.get(&target);
        match self.ask(request, Verb::Get, &target, parse).await {
            // One that can't be read goes as well.
            Ok(object) => Ok(Some(
                domain::resource::from_value(&object)
                    .unwrap_or_else(|_| outline(name, Usage::Worker)),
            )),
            Err(Failure::Answer {
                error: Error::NotFound { .. } | Error::KindMissing,
                ..
            }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

fn is_host(secrets: &[Value]) -> bool {
    secrets.iter().any(|secret| {
        let labels = secret.pointer("/metadata/labels");
        labels
            .and_then(|labels| labels.get(USAGE_LABEL))
            .and_then(Value::as_str)
            == Some("host")
    })
}

/// Enough of a cluster to find what belongs to it by name.
fn outline(name: &str, usage: Usage) -> Cluster {
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
        components: BTreeMap::new(),
        reserved_namespaces_allowed_products: BTreeMap::new(),
        product_allowed_cluster_resources: BTreeMap::new(),
    }
}
