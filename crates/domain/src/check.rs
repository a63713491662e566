//! The three questions: what a request refers to, whether it may be carried out, and whether a cluster may go.

use crate::catalog::Catalog;
use crate::findings::Findings;
use crate::neighbourhood::{Neighbourhood, is_host};
use crate::rules::{self, Context};
use crate::{
    Checked, Cluster, File, Neighbours, References, Rejection, SaveRequest, Settings, Surroundings,
    Usage, api_server, body, name, request, resource,
};

/// Reads what a request refers to. Only what is valid is returned: it may become a part of paths.
///
/// # Errors
/// When the request can't be read at all, just as [`check`].
pub fn survey(request: &SaveRequest) -> Result<References, Rejection> {
    let request = request::read(body::read(request)?, &mut Findings::default());
    let host_cluster = request.host_cluster.value;
    let api_server = request.api_server.value;
    Ok(References {
        host_cluster: host_cluster.filter(|name| name::is_dns_label(name)),
        api_server: api_server.and_then(|url| api_server::normalize(&url).ok()),
        usage: request.usage.value.as_deref().and_then(Usage::parse),
        has_kubeconfig: request.kubeconfig.value.is_some(),
    })
}

/// Reads what a resource file refers to.
///
/// # Errors
/// When the file is not a cluster.
pub fn inspect(resource_file: &File) -> Result<References, Rejection> {
    let cluster = resource::from_file(&resource_file.path, &resource_file.content)
        .map_err(|error| Rejection::Other(format!("{} {error}", resource_file.path)))?;
    Ok(References {
        host_cluster: cluster.host_cluster,
        api_server: Some(cluster.api_server),
        usage: Some(cluster.usage),
        has_kubeconfig: false,
    })
}

/// Checks every rule and fills in every default.
///
/// # Errors
/// When the request can't be read, when rules do not hold (all of them are named), when the API server
/// is another cluster's, or when something depends on what would change.
pub fn check(
    request: &SaveRequest,
    neighbours: &Neighbours,
    settings: &Settings,
) -> Result<Checked, Rejection> {
    let mut findings = Findings::default();
    let fields = request::read(body::read(request)?, &mut findings);
    let (catalog, neighbourhood) = read(neighbours, settings)?;
    let current = neighbourhood.get(&request.name);
    let context = Context {
        name: &request.name,
        tenant: &settings.tenant,
        has_vault: !settings.vault_url.is_empty(),
        request: &fields,
        neighbours,
        neighbourhood: &neighbourhood,
        catalog: &catalog,
        current,
    };
    let draft = rules::apply(&context, &mut findings);
    let warnings = findings.verdict().map_err(Rejection::ValidationFailed)?;
    let Some((cluster, credentials)) = draft.complete(&request.name, context.current) else {
        return Err(Rejection::Other(
            "a rule accepted a request that is not complete".to_owned(),
        ));
    };
    if let Some(owner) = owner_of_api_server(&cluster, neighbours, &neighbourhood) {
        return Err(Rejection::ApiServerInUse(owner));
    }
    // Where its resource file went by hand, virtual clusters may name it as their host still.
    let is_kept = current.map_or(is_host(&cluster), |it| identity(it) == identity(&cluster));
    if !is_kept {
        refuse_if_used(&cluster.name, neighbours, &neighbourhood)?;
    }
    let current = current.map(|it| (it.clone(), neighbourhood.surroundings(it)));
    Ok(Checked {
        surroundings: neighbourhood.surroundings(&cluster),
        cluster,
        current,
        credentials,
        warnings,
    })
}

/// Returns a cluster that may be removed, with its relations.
///
/// # Errors
/// When there is no such cluster, or something depends on it: also where a person removed its resource file alone.
pub fn check_removal(
    name: &str,
    neighbours: &Neighbours,
    settings: &Settings,
) -> Result<(Cluster, Surroundings), Rejection> {
    let (_, neighbourhood) = read(neighbours, settings)?;
    refuse_if_used(name, neighbours, &neighbourhood)?;
    let cluster = neighbourhood.get(name).ok_or(Rejection::ClusterNotFound)?;
    Ok((cluster.clone(), neighbourhood.surroundings(cluster)))
}

fn read(
    neighbours: &Neighbours,
    settings: &Settings,
) -> Result<(Catalog, Neighbourhood), Rejection> {
    let catalog = crate::settings::catalog(settings);
    let catalog = catalog.map_err(|error| Rejection::Other(error.to_string()))?;
    let neighbourhood = Neighbourhood::read(&neighbours.resource_files, &catalog)?;
    Ok((catalog, neighbourhood))
}

/// Argo CD keeps one credential per server URL, so a URL is one cluster's.
fn owner_of_api_server(
    cluster: &Cluster,
    neighbours: &Neighbours,
    neighbourhood: &Neighbourhood,
) -> Option<String> {
    let claimed = neighbours.api_server_owner.as_ref();
    if let Some(owner) = claimed.filter(|owner| **owner != cluster.name) {
        return Some(owner.clone());
    }
    neighbourhood
        .others(&cluster.name)
        .find(|other| other.api_server == cluster.api_server)
        .map(|other| other.name.clone())
}

/// Fields that can't change while something depends on a cluster.
fn identity(cluster: &Cluster) -> impl PartialEq + use<'_> {
    (
        &cluster.cluster_kind,
        cluster.cluster_type,
        cluster.usage,
        cluster.worker_type,
        &cluster.host_cluster,
    )
}

fn refuse_if_used(
    name: &str,
    neighbours: &Neighbours,
    neighbourhood: &Neighbourhood,
) -> Result<(), Rejection> {
    let virtual_clusters = neighbourhood.virtual_clusters(name);
    let users: Vec<String> = virtual_clusters
        .map(|it| format!("Cluster {}", it.name))
        .chain(neighbours.dependants.iter().cloned())
        .collect();
    if users.is_empty() {
        Ok(())
    } else {
        Err(Rejection::ClusterInUse(users))
    }
}
