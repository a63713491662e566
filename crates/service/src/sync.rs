//! `POST …?sync=true` without a body: a registered cluster, as it stands on the branch that counts.

use api::Reason;
use argocd::ownership::Look;
use domain::{Checked, Cluster, File, Rejection, Surroundings, Violation};

use crate::change;
use crate::management::Failure;
use crate::problem::{self, Problem, Refusal};
use crate::repository::Repository;
use crate::runtime::{Components, Runtime};
use crate::save::Save;
use crate::snapshot::Snapshot;

/// The registered cluster with the credentials it has.
pub(crate) fn registered<W: Runtime, D: Components>(
    save: &Save<'_, W, D>,
    state: &Snapshot,
    settings: &domain::Settings,
    looked: &Result<Look, Failure>,
) -> Result<Checked, Refusal> {
    let name = &save.subject.name;
    let content = state.registered(name);
    let content = content.ok_or_else(|| problem::cluster_not_found(name))?;
    let (cluster, surroundings) = read(save, content, state, settings)?;
    let look = looked.as_ref().map_err(Clone::clone)?;
    require_credentials(look, &cluster)?;
    Ok(Checked {
        current: Some((cluster.clone(), surroundings.clone())),
        cluster,
        surroundings,
        credentials: None,
        warnings: Vec::new(),
    })
}

/// A cluster that is not registered may be about to be, and other credentials about to be approved.
pub(crate) async fn or_not_merged<W: Runtime, D: Components>(
    mut problem: Problem,
    repository: &Repository<'_, W>,
    save: &Save<'_, W, D>,
) -> Problem {
    let missing = problem::cluster_not_found(&save.subject.name);
    let is_missing = save.request.is_none() && problem.reason == missing.reason;
    let differing = match problem.reason {
        Reason::CredentialsNotApproved => "its credentials are others",
        _ if is_missing => "the cluster is not registered",
        _ => return problem,
    };
    let not_merged = change::not_merged(repository, save, differing).await;
    if is_missing && not_merged.merge_request.is_some() {
        return not_merged;
    }
    problem.merge_request = not_merged.merge_request.clone();
    problem
}

/// As a removal reads it. What depends on the cluster stands against that, and is not shown to it.
fn read<W: Runtime, D: Components>(
    save: &Save<'_, W, D>,
    content: &[u8],
    state: &Snapshot,
    settings: &domain::Settings,
) -> Result<(Cluster, Surroundings), Problem> {
    let name = &save.subject.name;
    let own = File {
        path: domain::resource::path(name),
        content: content.to_vec(),
    };
    let references = save.components.inspect(&own);
    let references = references
        .map_err(|rejection| problem::rejected_file(rejection, name, std::slice::from_ref(&own)))?;
    let host = references.host_cluster;
    let host = host.map(|host| domain::resource::path(&host));
    let mut neighbours = state.neighbours(&save.subject, save.runtime.now());
    neighbours
        .resource_files
        .retain(|file| file.path == own.path || Some(&file.path) == host.as_ref());
    save.components
        .check_removal(name, &neighbours, settings)
        .map_err(|it| problem::rejected_file(it, name, &neighbours.resource_files))
}

fn require_credentials(look: &Look, cluster: &Cluster) -> Result<(), Problem> {
    let name = &cluster.name;
    if cluster.host_cluster.is_some() || look.has_credentials(name, &cluster.api_server) {
        return Ok(());
    }
    let violation = Violation {
        field: "/kubeconfig".to_owned(),
        message: format!("no credentials are stored for cluster {name}"),
        hint: Some("send the request that registers it, with its kubeconfig".to_owned()),
    };
    Err(problem::rejected(
        Rejection::ValidationFailed(vec![violation]),
        name,
    ))
}
