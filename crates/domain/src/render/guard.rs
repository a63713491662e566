//! Names become paths and object names: a cluster that validation has not seen must not get further.

use crate::{Cluster, ClusterType, Settings, Surroundings, Usage};

use crate::render::RenderError;

/// Refuses what validation would have refused.
pub fn check(
    cluster: &Cluster,
    surroundings: &Surroundings,
    settings: &Settings,
) -> Result<(), RenderError> {
    label("tenant", &settings.tenant, 63)?;
    label("Argo CD's namespace", &settings.argocd_namespace, 63)?;
    label("the Nautes namespace", &settings.nautes_namespace, 63)?;
    let neighbours = surroundings
        .host
        .iter()
        .chain(&surroundings.virtual_clusters);
    for cluster in [cluster].into_iter().chain(neighbours) {
        one(cluster)?;
    }
    Ok(())
}

fn one(cluster: &Cluster) -> Result<(), RenderError> {
    label("cluster", &cluster.name, 40)?;
    for component in cluster.components.values() {
        label("component", &component.name, 63)?;
        label("namespace", &component.namespace, 63)?;
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
    let name = &cluster.name;
    Err(RenderError::Other(format!(
        "cluster {name} is of no known kind"
    )))
}

fn label(what: &str, text: &str, limit: usize) -> Result<(), RenderError> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let valid = !text.is_empty()
        && text.len() <= limit
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-');
    if valid {
        return Ok(());
    }
    Err(RenderError::Other(format!(
        "{what} {text:?} is not a DNS label"
    )))
}
