//! Effects that a request would have.

use api::{DeleteClusterResponse, Reason, SaveClusterResponse};
use std::collections::BTreeMap;

use argocd::ownership::Look;
use gather::Gather as _;
use gitlab::Action;

use crate::change::{MergeState, Outcome};
use crate::delete::{self, Deleted};
use crate::diff;
use crate::management::{Failure, Management, Removed};
use crate::problem::{self, Problem, WriteProgress};
use crate::repository::Repository;
use crate::response;
use crate::runtime::{Response, Runtime};
use crate::save::Saved;
use crate::snapshot::ReadSet;

/// The answer to a save with `dry_run=true`.
///
/// # Errors
/// GitLab or the management cluster failed at reading what would change.
pub async fn saved<W: Runtime>(
    repository: &Repository<'_, W>,
    mut done: Outcome<Saved>,
    management: &Management<'_, W>,
) -> Result<Response, Problem> {
    let diff = diff(repository, &mut done).await?;
    let name = &done.detail.checked.cluster.name;
    let installs = management
        .install_plan(&done.detail)
        .await
        .map_err(unplanned)?;
    let verb = verb(&done, "save", "propose");
    Ok(response::ok(&SaveClusterResponse {
        message: format!("Would {verb} {name} cluster: nothing was written"),
        warnings: [
            done.detail.checked.warnings.clone(),
            done.proposal.warnings.clone(),
            unnamed(&done.actions),
        ]
        .concat(),
        commit: None,
        merge_request: done.proposal.merge_request_member(),
        installs,
        changes: Some(diff::changes(&done.actions)),
        diff: Some(diff),
    }))
}

/// How a cluster would be removed.
pub struct Removing<'a, W> {
    /// From where.
    pub management: &'a Management<'a, W>,
    /// The cluster's objects that were there.
    pub look: &'a Look,
    /// Although it does not answer any more.
    pub force: bool,
    /// No other cluster is registered.
    pub last: bool,
}

/// The management cluster can't be asked, or could not take the credentials.
fn unplanned(failure: Failure) -> Problem {
    match failure {
        Failure::Credentials(error) => Problem::new(500, Reason::Internal, error.to_string()),
        failure => problem::from_kubernetes(&failure, WriteProgress::Nothing),
    }
}

/// The answer to a removal with `dry_run=true`.
///
/// # Errors
/// There is no such cluster, or a service failed at reading what would go.
pub async fn deleted<W: Runtime>(
    repository: &Repository<'_, W>,
    mut done: Outcome<Option<Deleted>>,
    name: &str,
    removal: Removing<'_, W>,
) -> Result<Response, Problem> {
    let Removing {
        management,
        look,
        force,
        last,
    } = removal;
    let removed = Removed {
        name,
        deleted: done.detail.as_ref(),
        look,
        force,
    };
    let plan = management.uninstall_plan(&removed, last);
    let installs = plan.await.map_err(unplanned)?;
    if done.detail.is_none() && installs.is_empty() {
        return Err(problem::cluster_not_found(name));
    }
    let diff = diff(repository, &mut done).await?;
    let verb = verb(&done, "delete", "propose the removal of");
    Ok(response::ok(&DeleteClusterResponse {
        message: format!("Would {verb} {name} cluster: nothing was written"),
        warnings: [
            done.proposal.warnings.clone(),
            delete::leftover_warnings(&done),
            unnamed(&done.actions),
        ]
        .concat(),
        commit: None,
        merge_request: done.proposal.merge_request_member(),
        installs,
        uninstalling: None,
        changes: Some(diff::changes(&done.actions)),
        diff: Some(diff),
    }))
}

/// A warning where more files change than an answer names.
fn unnamed(actions: &[Action]) -> Vec<String> {
    let count = actions.len();
    let warning = (count > diff::MOST_CHANGES).then(|| {
        let named = diff::MOST_CHANGES;
        format!("`changes` names {named} of the {count} files that would change")
    });
    warning.into_iter().collect()
}

fn verb<'a, D>(done: &Outcome<D>, directly: &'a str, by_merge_request: &'a str) -> &'a str {
    match done.proposal.is {
        MergeState::Nothing => directly,
        MergeState::Open => by_merge_request,
    }
}

/// Reads what changes and has only been listed, then compares.
async fn diff<W: Runtime, D>(
    repository: &Repository<'_, W>,
    done: &mut Outcome<D>,
) -> Result<String, Problem> {
    let existing = done
        .actions
        .iter()
        .filter(|action| !matches!(action, Action::Create { .. }));
    let files = existing.map(|action| action.path().to_owned()).gather();
    let needs = ReadSet {
        files,
        ..ReadSet::default()
    }
    .missing(&done.state);
    repository
        .read(needs, &mut done.state)
        .await
        .map_err(problem::gitlab_before_writing)?;
    let before: BTreeMap<String, Vec<u8>> = done
        .state
        .files
        .iter()
        .filter_map(|(path, content)| Some((path.clone(), content.clone()?)))
        .gather();
    Ok(diff::unified(&done.actions, &before))
}
