//! Read, decide, compare: what an attempt is made of.

use api::Reason;
use domain::File;
use domain::render::Tree;
use gather::Gather as _;
use gitlab::path::FilePathError;
use gitlab::{Action, BranchStart, NewCommit, Provenance};

use super::list_source::{self, ListSource};
use super::progress::{CommitBase, PendingCommit};
use super::{Change, Plan, source_branch};
use crate::incoming::Caller;
use crate::paths;
use crate::problem::{self, Problem, Refusal};
use crate::repository::{ProjectAccess, Repository};
use crate::runtime::{Components, Runtime};
use crate::snapshot::{Depth, ReadSet, Snapshot, Subject};

/// Reads, decides and compares at a commit. `is_final`: where nothing differs, the list is compared with the folder
/// before that is believed.
pub(super) async fn at<W: Runtime, D: Components, C: Change>(
    components: &D,
    repository: &Repository<'_, W>,
    change: &C,
    opened: &ProjectAccess,
    head: &str,
    source: &ListSource,
    is_final: bool,
) -> Result<(PendingCommit, Plan<C::Payload>), Refusal> {
    let subject = change.subject();
    // On the heap: the steps of a save are large, and one inside the other they fill a thread's stack.
    let (state, ()) = futures::join!(
        Box::pin(load(components, repository, subject, opened, head, source)),
        Box::pin(change.look()),
    );
    let mut state = state?;
    source.apply(components, repository, &mut state).await?;
    let mut decided = match Box::pin(change.decide(opened, &state)).await {
        Ok(decided) => decided,
        Err(refusal) => {
            if refusal.names_objects() {
                prove_write(repository, opened, change).await?;
            }
            return Err(refusal);
        }
    };
    if let Some(Some(list)) = state.overrides.get(paths::KUSTOMIZATION) {
        // A removal of what is gone already says nothing of the list.
        let files = &mut decided.tree.files;
        files
            .entry(paths::KUSTOMIZATION.to_owned())
            .or_insert_with(|| list.clone());
    }
    read_unknown(repository, &decided.tree, &mut state).await?;
    let mut actions = actions(&decided.tree, &state)?;
    let mut is_proved = false;
    if actions.is_empty() && is_final && !source.from_folder {
        // Most likely nothing is to be committed, so that the right to write has to be proved as well.
        let (list, proved) = futures::join!(
            list_source::list(components, repository, &[], &mut state),
            prove_write(repository, opened, change),
        );
        proved?;
        is_proved = true;
        let list = list?.map(|list| (paths::KUSTOMIZATION.to_owned(), list));
        decided.tree.files.extend(list);
        actions = self::actions(&decided.tree, &state)?;
    }
    let branch = repository.branch_name().to_owned();
    let pending = PendingCommit {
        nonce: repository.nonce(),
        branch,
        place: CommitBase::Tip,
        state,
        actions,
        is_partial: false,
        is_proved,
    };
    Ok((pending, decided))
}

/// Where nothing is committed, GitLab has not judged the token's scope yet. Before the management cluster changes, or
/// names of its objects are told, it does.
pub(super) async fn prove_write<W: Runtime, C: Change>(
    repository: &Repository<'_, W>,
    opened: &ProjectAccess,
    change: &C,
) -> Result<(), Problem> {
    let branch = match opened.can_push() {
        true => repository.branch_name().to_owned(),
        false => source_branch(change),
    };
    let proved = repository.prove_write(&branch).await;
    proved.map_err(problem::gitlab_before_writing)
}

/// The folder whose subfolders are asked for along with the branch.
pub(super) fn likely_folder(subject: &Subject) -> Option<String> {
    let host = subject.likely_host();
    let host = host.filter(|name| paths::is_cluster_name(name));
    host.map(paths::virtual_clusters)
}

/// The cluster's resource file: it tells what else is to be read.
pub(super) fn own_file(subject: &Subject) -> Option<String> {
    paths::is_cluster_name(&subject.name).then(|| domain::resource::path(&subject.name))
}

async fn load<W: Runtime, D: Components>(
    components: &D,
    repository: &Repository<'_, W>,
    subject: &Subject,
    opened: &ProjectAccess,
    head: &str,
    source: &ListSource,
) -> Result<Snapshot, Refusal> {
    let mut state = Snapshot::at(head);
    state.overrides.extend(source.before());
    if opened.head() == head {
        state.files.extend(opened.files.clone());
    }
    loop {
        let current = current(components, subject, &state)?;
        let mut needs = ReadSet::of(subject, current.as_ref(), &state);
        needs.guess(&opened.folders);
        let missing = needs.missing(&state);
        if missing.is_empty() {
            return Ok(state);
        }
        repository.read(missing, &mut state).await?;
    }
}

fn current<D: Components>(
    components: &D,
    subject: &Subject,
    state: &Snapshot,
) -> Result<Option<domain::References>, Problem> {
    let path = domain::resource::path(&subject.name);
    let Some(content) = state.registered(&subject.name).cloned() else {
        return Ok(None);
    };
    let file = File { path, content };
    components
        .inspect(&file)
        .map(Some)
        .map_err(|rejection| problem::rejected_file(rejection, &subject.name, &[file]))
}

/// Reads what the tree names and nobody has looked at yet, so that a file is never taken for missing.
async fn read_unknown<W: Runtime>(
    repository: &Repository<'_, W>,
    tree: &Tree,
    state: &mut Snapshot,
) -> Result<(), Refusal> {
    let mut needs = ReadSet::default();
    add_unknown(&mut needs, tree, state);
    if needs.is_empty() {
        return Ok(());
    }
    Ok(repository.read(needs, state).await?)
}

/// Adds what a tree names and neither the needs nor the state have.
pub(super) fn add_unknown(needs: &mut ReadSet, tree: &Tree, state: &Snapshot) {
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
}

pub(super) fn actions(tree: &Tree, state: &Snapshot) -> Result<Vec<Action>, Problem> {
    if let Some(path) = state.submodule_at(tree.files.keys()) {
        return Err(problem::submodule(path));
    }
    let desired = gitlab::diff::DesiredFiles {
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
        FilePathError::Folder(path) => problem::unreadable_file(path, "it should be a file"),
        FilePathError::Invalid(_) => Problem::new(500, Reason::Internal, error.to_string()),
    })
}

/// Builds the trailers that all commits of this request share.
pub(super) fn provenance<C: Change>(caller: &Caller, change: &C) -> Provenance {
    Provenance {
        operation: change.operation().to_owned(),
        cluster: change.subject().name.clone(),
        request_id: caller.request_id.clone(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Provenance::default()
    }
}

pub(super) fn new_commit<C: Change>(
    caller: &Caller,
    change: &C,
    plan: &Plan<C::Payload>,
    pending: &PendingCommit,
) -> NewCommit {
    let start = || BranchStart::Commit(pending.state.head.clone());
    NewCommit {
        branch: pending.branch.clone(),
        start: (pending.place != CommitBase::Tip).then(start),
        force: pending.place == CommitBase::ResetBranch,
        message: gitlab::message::message(&Provenance {
            summary: plan.summary.clone(),
            approval: plan.approval.clone(),
            list_pending: pending.is_partial,
            ..pending.told(provenance(caller, change))
        }),
        author: None,
        actions: pending.actions.clone(),
    }
}
