//! `host_cluster` and `vcluster`: what a virtual cluster has and a physical one has not.

use super::{Context, Draft};
use crate::api_server::ApiServer;
use crate::body::quote::{quoted, trim_blanks};
use crate::findings::Findings;
use crate::neighbourhood::{gateway_ports as ports_of, is_host};
use crate::{ClusterType, Usage};

mod port;

pub(crate) use port::parse as parse_node_port;

pub(super) fn host(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let field = &context.request.host_cluster;
    let is_virtual = draft.cluster_type == Some(ClusterType::Virtual);
    let forbidden = match (draft.cluster_type, draft.usage) {
        (_, Some(Usage::Host)) => Some("a host cluster has none"),
        (Some(ClusterType::Physical), _) => Some("a physical cluster has none"),
        _ => None,
    };
    match (&field.value, forbidden) {
        (Some(_), Some(reason)) => {
            let message = format!("`host_cluster` is for virtual clusters: {reason}");
            findings.refuse(&field.at, message, "leave the field out");
        }
        (Some(host), None) if is_virtual => registered_host(context, host, draft, findings),
        (None, None) if is_virtual && !field.broken => findings.refuse_missing(
            &field.at,
            "`host_cluster` is required for a virtual cluster",
            "send the name of a registered host cluster",
        ),
        _ => {}
    }
}

fn registered_host(context: &Context<'_>, host: &str, draft: &mut Draft, findings: &mut Findings) {
    let at = &context.request.host_cluster.at;
    if host == context.name {
        let message = "a virtual cluster can't be its own host";
        findings.refuse(at, message, "send the name of a registered host cluster");
        return;
    }
    match context.neighbourhood.get(host) {
        None => findings.refuse(
            at,
            format!("host cluster {} is not registered", quoted(host)),
            "register the host first, or name one that is registered",
        ),
        Some(cluster) if !is_host(cluster) => findings.refuse(
            at,
            format!("cluster {} is a worker, not a host", quoted(host)),
            "name a cluster whose `usage` is `host`",
        ),
        Some(cluster) => draft.host = Some(cluster.clone()),
    }
}

pub(super) fn node_port(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let field = &context.request.https_node_port;
    if draft.cluster_type != Some(ClusterType::Virtual) {
        if draft.cluster_type.is_some() && field.value.is_some() {
            let message = "`vcluster.https_node_port` is for virtual clusters only";
            findings.refuse(&field.at, message, "leave the field out");
        }
        return;
    }
    let port = match (&field.value, &draft.api_server) {
        (Some(port), _) => port::parse(trim_blanks(port)).ok_or_else(|| {
            format!(
                "`vcluster.https_node_port` must be a port from 30000 to 32767, not {}",
                quoted(port)
            )
        }),
        // A host can't be virtual anyway.
        (None, Some(url)) if !field.broken && draft.usage != Some(Usage::Host) => {
            let registered = context.neighbourhood.get(context.name);
            let kept = registered.filter(|it| it.api_server == *url);
            let kept = kept.and_then(|it| it.https_node_port);
            kept.map_or_else(|| default(url), Ok)
        }
        _ => return,
    };
    match port {
        Err(message) => findings.refuse(&field.at, message, "send a free port from 30000 to 32767"),
        Ok(port) => {
            free_on_host(context, draft, port, findings);
            draft.https_node_port = Some(port);
        }
    }
}

fn default(api_server: &str) -> Result<u16, String> {
    let port = ApiServer::parse(api_server).map_or(0, |url| url.port);
    if port::is_node_port(port) {
        return Ok(port);
    }
    Err(format!(
        "`vcluster.https_node_port` is missing, and port {port} of `api_server` is not from 30000 to 32767"
    ))
}

fn free_on_host(context: &Context<'_>, draft: &Draft, port: u16, findings: &mut Findings) {
    let Some(host) = &draft.host else {
        return;
    };
    let gateway = ports_of(host)
        .find(|(_, taken)| *taken == port)
        .map(|(name, _)| format!("{name} of the gateway"));
    let other = context
        .neighbourhood
        .virtual_clusters(&host.name)
        .find(|it| it.name != context.name && it.https_node_port == Some(port))
        .map(|it| format!("virtual cluster `{}`", it.name));
    if let Some(holder) = gateway.or(other) {
        findings.refuse(
            &context.request.https_node_port.at,
            format!(
                "node port {port} on host `{}` is taken by {holder}",
                host.name
            ),
            "send a free port from 30000 to 32767",
        );
    }
}

/// The other way round: the gateway of a host must leave its virtual clusters their ports.
pub(super) fn gateway_ports(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    if draft.usage != Some(Usage::Host) {
        return;
    }
    let Some(gateway) = draft.components.get(&crate::Category::Gateway) else {
        return;
    };
    for virtual_cluster in context.neighbourhood.virtual_clusters(context.name) {
        let Some(port) = virtual_cluster.https_node_port else {
            continue;
        };
        let taken = gateway
            .additions
            .iter()
            .find(|(_, value)| value.parse() == Ok(port));
        if let Some((name, _)) = taken {
            findings.refuse(
                &context.request.place_of(crate::Category::Gateway, name),
                format!(
                    "node port {port} is taken by virtual cluster `{}` on this host",
                    virtual_cluster.name
                ),
                "send a free port from 30000 to 32767",
            );
        }
    }
}
