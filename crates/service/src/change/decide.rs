//! Read, decide, compare: what an attempt is made of.

use domain::File;
use gather::Gather as _;
use gitlab::path::PathError;
use gitlab::{Action, NewCommit, Provenance, Start};
use domain::render::Tree;

use super::interleaved::Found;
use super::progress::{Place, Posted};
use super::{Change, Decided};
use crate::call::Caller;
use crate::paths;
use crate::ports::{Domain, World};
use crate::problem::{self, Problem, Refusal};
use crate::repository::{Opened, Repository};
use crate::state::{Depth, Needs, State, Subject};

/// Reads, decides and compares at a commit.
pub(super) async fn at<W: World, D: Domain, C: Change>(
    domain: &D,
    repository: &Repository<'_, W>,
    change: &C,
    opened: &Opened,
    head: &str,
    found: &Found,
) -> Result<(Posted, Decided<C::Detail>), Refusal> {
    let mut state = load(domain, repository, change.subject(), opened, head, found).await?;
    let decided = change.decide(opened, &state).await?;
    read_unknown(repository, &decided.tree, &mut state).await?;
    let actions = actions(&decided.tree, &state)?;
    let branch = repository.branch_name().to_owned();
    let posted = Posted {
        branch,
        place: Place::Top,
        state,
        actions,
    };
    Ok((posted, decided))
}

/// The folder whose subfolders are asked for along with the branch.
pub(super) fn likely_folder(subject: &Subject) -> Option<String> {
    let host = subject.likely_host();
    let host = host.filter(|name| paths::is_cluster_name(name));
    host.map(paths::virtual_clusters)
}

async fn load<W: World, D: Domain>(
    domain: &D,
    repository: &Repository<'_, W>,
    subject: &Subject,
    opened: &Opened,
    head: &str,
    found: &Found,
) -> Result<State, Refusal> {
    let mut state = State::at(head);
    let mut needs = Needs::of(subject, None, &state);
    needs.guess(&opened.folders);
    loop {
        let missing = needs.missing(&state);
        if missing.is_empty() {
            return Ok(state);
        }
        repository.read(missing, &mut state).await?;
        if state.assumed.is_empty() {
            state.assumed = found.assume(repository, &state).await?;
        }
        let current = current(domain, subject, &state)?;
        needs = Needs::of(subject, current.as_ref(), &state);
    }
}

fn current<D: Domain>(
    domain: &D,
    subject: &Subject,
    state: &State,
) -> Result<Option<domain::References>, Problem> {
    let path = domain::resource::path(&subject.name);
    let Some(content) = state.registered(&subject.name).cloned() else {
        return Ok(None);
    };
    let file = File { path, content };
    domain
        .inspect(&file)
        .map(Some)
        .map_err(|rejection| problem::rejected_file(rejection, &subject.name, &[file]))
}

/// Reads what the tree names and nobody has looked at yet, so that a file is never taken for missing.
async fn read_unknown<W: World>(
    repository: &Repository<'_, W>,
    tree: &Tree,
    state: &mut State,
) -> Result<(), Refusal> {
    let mut needs = Needs::default();
    for path in &tree.folders {
        if !state.covers(&format!("{path}/a/b")) {
            needs.folder(path.clone(), Depth::Recursive);
        }
    }
    let paths = tree.files.keys().chain(&tree.absent);
    let unknown: Vec<&String> = paths
        .filter(|path| !state.covers(path) && !needs.covers(path))
        .collect();
    needs.files.extend(unknown.into_iter().cloned());
    if needs.is_empty() {
        return Ok(());
    }
    Ok(repository.read(needs, state).await?)
}

fn actions(tree: &Tree, state: &State) -> Result<Vec<Action>, Problem> {
    let desired = gitlab::diff::Desired {
        files: tree
            .files
            .iter()
            .map(|(path, content)| (path.as_str(), content.as_slice()))
            .gather(),
        absent: tree.absent.iter().map(String::as_str).gather(),
        folders: tree.folders.iter().map(String::as_str).gather(),
    };
    let listing = state.blob_ids(|content| gitlab::blob::id_like(&state.head, content));
    gitlab::diff::actions(&desired, &listing, &state.head).map_err(|error| match &error {
        PathError::Folder(path) => problem::unreadable_file(path, "it should be a file"),
        PathError::Invalid(_) => Problem::new(500, "INTERNAL", error.to_string()),
    })
}

pub(super) fn new_commit<C: Change>(
    caller: &Caller,
    change: &C,
    summary: &str,
    posted: &Posted,
) -> NewCommit {
    let start = || Start::Commit(posted.state.head.clone());
    NewCommit {
        branch: posted.branch.clone(),
        start: (posted.place != Place::Top).then(start),
        force: posted.place == Place::Anew,
        message: gitlab::message::message(&Provenance {
            operation: change.operation().to_owned(),
            cluster: change.subject().name.clone(),
            summary: summary.to_owned(),
            request_id: caller.request_id.clone(),
            base: posted.state.head.clone(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        }),
        author: None,
        actions: posted.actions.clone(),
    }
}
