//! Files that several clusters share: the list with an entry of this cluster or without, the ApplicationSet over the
//! hosts, and the cluster's claims.

use crate::{Usage, claim, resource};

use crate::render::context::Context;
use crate::render::{RenderError, SharedFiles, Tree, appsets, list, names};

/// The cluster's own files at shared places, and the lists with it.
pub fn register(
    context: &Context<'_>,
    shared: &SharedFiles,
    tree: &mut Tree,
) -> Result<(), RenderError> {
    let cluster = context.cluster;
    let object = resource::to_value(cluster, &context.settings.nautes_namespace);
    tree.put(resource::path(&cluster.name), &[object])?;
    let claimed = claim::to_yaml(cluster).into_bytes();
    tree.files.insert(claim::path(&cluster.api_server), claimed);
    resources(context, shared, true, tree)?;
    hosts(context, shared, cluster.usage == Usage::Host, tree)
}

/// The lists without the cluster.
pub fn unregister(
    context: &Context<'_>,
    shared: &SharedFiles,
    tree: &mut Tree,
) -> Result<(), RenderError> {
    let cluster = context.cluster;
    tree.absent.insert(resource::path(&cluster.name));
    tree.absent.insert(claim::path(&cluster.api_server));
    resources(context, shared, false, tree)?;
    hosts(context, shared, false, tree)
}

/// The kustomization of the resource files. Entries and keys that are not ours stay.
fn resources(
    context: &Context<'_>,
    shared: &SharedFiles,
    listed: bool,
    tree: &mut Tree,
) -> Result<(), RenderError> {
    let own = format!("{}.yaml", context.cluster.name);
    let content = list::with_entries(shared.kustomization.as_deref(), |_, entries| {
        if listed {
            entries.insert(own);
        } else {
            entries.remove(&own);
        }
    })?;
    tree.files.insert(names::KUSTOMIZATION.to_owned(), content);
    Ok(())
}

/// The ApplicationSet over the hosts: the same for every tenant with a host, and not there without one.
fn hosts(
    context: &Context<'_>,
    shared: &SharedFiles,
    listed: bool,
    tree: &mut Tree,
) -> Result<(), RenderError> {
    if context.cluster.usage != Usage::Host {
        return Ok(());
    }
    if listed || shared.other_hosts {
        return appsets::hosts(context.settings, tree);
    }
    tree.absent.insert(names::HOST_APPLICATION_SET.to_owned());
    Ok(())
}
