//! Names become paths and object names: a cluster that validation has not seen must not get further.

use crate::name::{MAX_LABEL, is_dns_label};
use crate::render::RenderError;
use crate::{Cluster, ClusterType, Settings, Surroundings, Usage, resource, shortened};

/// Refuses what validation would have refused.
pub fn check(
    cluster: &Cluster,
    surroundings: &Surroundings,
    settings: &Settings,
) -> Result<(), RenderError> {
    for (what, text) in [
        ("tenant", &settings.tenant),
        ("Argo CD's namespace", &settings.argocd_namespace),
        ("the Nautes namespace", &settings.nautes_namespace),
    ] {
        label(what, text, MAX_LABEL).map_err(RenderError::Other)?;
    }
    let neighbours = surroundings
        .host
        .iter()
        .chain(&surroundings.virtual_clusters);
    for cluster in [cluster].into_iter().chain(neighbours) {
        // Somebody has pushed it: no request makes such a cluster.
        one(cluster).map_err(|message| RenderError::UnreadableFile {
            path: resource::path(&cluster.name),
            message,
        })?;
    }
    Ok(())
}

fn one(cluster: &Cluster) -> Result<(), String> {
    label("cluster", &cluster.name, 40)?;
    for component in cluster.components.values() {
        label("component", &component.name, MAX_LABEL)?;
        label("namespace", &component.namespace, MAX_LABEL)?;
    }
    let is_virtual = cluster.cluster_type == ClusterType::Virtual;
    let is_worker = cluster.usage == Usage::Worker;
    let fits = is_virtual == cluster.host_cluster.is_some()
        && is_virtual == cluster.https_node_port.is_some()
        && is_worker == cluster.worker_type.is_some()
        && (is_worker || !is_virtual);
    if fits {
        return Ok(());
    }
    Err(format!("cluster {} is of no known kind", cluster.name))
}

fn label(what: &str, text: &str, limit: usize) -> Result<(), String> {
    if text.len() <= limit && is_dns_label(text) {
        return Ok(());
    }
    Err(format!(
        "{what} `{}` is not a DNS label of at most {limit} characters",
        shortened(text)
    ))
}
