//! Repairing what a commit undid that it did not know of.
//!
//! GitLab checks that no file changed since it was read, and reads the branch again to commit on top of it.
//! A foreign commit in between becomes the parent, and what it wrote to the same files is overwritten. Most
//! files are made from the resource files and come right when they are made again. Two lists are not: they
//! are read, given an entry or relieved of one, and written. For these the parent's content tells what the
//! foreign commit did ([`list`]).
//!
//! A request may end before its repair is made. The commit's message names the commit that was read, so the
//! same request sent again sees by its parent that there is something to look after.

mod list;

use std::collections::{BTreeMap, BTreeSet};

use gather::Gather as _;
use gitlab::{Action, Commit, message};

use super::progress::PendingCommit;
use crate::paths;
use crate::repository::{Failure, Repository};
use crate::runtime::Runtime;
use crate::snapshot::{ReadSet, Snapshot};
use list::List;

/// The lists that are read and written.
const LISTS: [&str; 2] = [paths::KUSTOMIZATION, paths::HOST_APPLICATION_SET];

/// What the next decision has to know of foreign commits.
#[derive(Default)]
pub(super) struct Found {
    /// The cluster's own resource file as it was before this request: where a cluster comes from, or that
    /// it was there at all, must not be forgotten because the first commit has changed it.
    own: Option<(String, Option<Vec<u8>>)>,
    lists: Vec<List>,
}

impl Found {
    /// Reads the shared lists at the parent of a commit that was made from another head.
    pub(super) async fn read<W: Runtime>(
        repository: &Repository<'_, W>,
        name: &str,
        pending: &PendingCommit,
        parent: &str,
        former: &Self,
    ) -> Result<Self, Failure> {
        let overwritten = pending
            .actions
            .iter()
            .filter(|action| !matches!(action, Action::Create { .. }))
            .map(Action::path)
            .filter(|path| LISTS.contains(path));
        let theirs = files_at(repository, parent, overwritten.map(str::to_owned)).await?;
        let own = domain::resource::path(name);
        Ok(Self {
            lists: lists(&pending.state.files, theirs, former),
            own: Some((own.clone(), pending.state.content(&own).cloned())),
        })
    }

    /// What the newest commit that was made for this cluster overwrote in each list and nobody has repaired; nothing
    /// where its parent is the commit that was read for it.
    pub(super) async fn overlooked<W: Runtime>(
        repository: &Repository<'_, W>,
        name: &str,
        state: &Snapshot,
    ) -> Result<Self, Failure> {
        if state.head.is_empty() {
            return Ok(Self::default());
        }
        let own = domain::resource::path(name);
        let newest = repository.newest_own(LISTS, name, &state.head).await?;
        let mut found = Self::default();
        for (path, commit) in LISTS.into_iter().zip(newest.of_files) {
            if let Some(commit) = commit {
                let [before, theirs, after] = overwritten(repository, path, commit).await?;
                // What the commit itself brought back or took away follows the files as well.
                let former = Self {
                    own: None,
                    lists: lists(&before, after, &Self::default()),
                };
                found.lists.extend(lists(&before, theirs, &former));
            }
        }
        // A removal is decided upon what was removed, which the newest commit may not have been the one to do.
        let removed = newest.of_own.filter(|_| !found.lists.is_empty());
        let removed = removed.filter(|_| state.content(&own).is_none());
        if let Some(base) = removed.and_then(|commit| message::base(&commit.message)) {
            let files = files_at(repository, &base, [own.clone()].into_iter()).await;
            let was = known(files)?.and_then(|mut files| files.remove(&own).flatten());
            found.own = Some((own, was));
        }
        let repaired = found.assume_lists(repository, state).await?;
        let is_right = repaired
            .iter()
            .all(|(path, content)| state.files.get(path) == Some(content));
        Ok(if is_right { Self::default() } else { found })
    }

    /// Whether there is nothing to know.
    pub(super) fn is_empty(&self) -> bool {
        self.own.is_none() && self.lists.is_empty()
    }

    /// What the decision is to take for the content of files, whatever is there.
    ///
    /// # Errors
    /// GitLab failed.
    pub(super) async fn assume<W: Runtime>(
        &self,
        repository: &Repository<'_, W>,
        state: &Snapshot,
    ) -> Result<BTreeMap<String, Option<Vec<u8>>>, Failure> {
        let mut overrides = self.assume_lists(repository, state).await?;
        overrides.extend(self.own.clone());
        Ok(overrides)
    }

    async fn assume_lists<W: Runtime>(
        &self,
        repository: &Repository<'_, W>,
        state: &Snapshot,
    ) -> Result<BTreeMap<String, Option<Vec<u8>>>, Failure> {
        let now = |list: &List| state.files.get(&list.path).and_then(Option::as_ref);
        let in_doubt: BTreeSet<String> = self.lists.iter().flat_map(List::in_doubt).gather();
        let there = files_at(repository, &state.head, in_doubt.into_iter()).await?;
        let lists = self.lists.iter().map(|list| {
            let is_there = |file: &str| there.get(file).map(Option::is_some);
            // Where this request has removed the file, rendering takes its entry from theirs.
            let merged = match now(list) {
                Some(now) => list.merged(now, is_there),
                None => list.theirs_still_there(is_there),
            };
            (list.path.clone(), Some(merged))
        });
        Ok(lists.gather())
    }
}

type Files = BTreeMap<String, Option<Vec<u8>>>;

/// Those that the foreign commit changed, and those that `former` had repaired before it came.
fn lists(base: &Files, theirs: Files, former: &Found) -> Vec<List> {
    let list = |(path, theirs): (String, Option<Vec<u8>>)| {
        let base = base.get(&path)?.clone()?;
        let former = former.lists.iter().find(|list| list.path == path);
        let repaired = former.map(List::in_doubt).unwrap_or_default();
        let theirs = theirs.filter(|theirs| *theirs != base || !repaired.is_empty())?;
        Some(List {
            path,
            base,
            theirs,
            repaired,
        })
    };
    theirs.into_iter().filter_map(list).collect()
}

/// A list as it was read for a commit, as its parent has it, and as the commit left it; nothing where the parent is the
/// commit that was read.
async fn overwritten<W: Runtime>(
    repository: &Repository<'_, W>,
    path: &str,
    commit: Commit,
) -> Result<[Files; 3], Failure> {
    let parent = commit.parent_ids.first().cloned();
    let (base, parent) = match (message::base(&commit.message), parent) {
        (Some(base), Some(parent)) if base != parent => (base, parent),
        _ => return Ok(Default::default()),
    };
    let list = |commit| files_at(repository, commit, [path.to_owned()].into_iter());
    let (before, theirs, after) = futures::join!(list(&base), list(&parent), list(&commit.id));
    Ok(match (known(before)?, known(theirs)?) {
        (Some(before), Some(theirs)) => [before, theirs, after?],
        _ => Default::default(),
    })
}

/// `None` where the commit is not there any more: the branch was rewritten.
fn known(files: Result<Files, Failure>) -> Result<Option<Files>, Failure> {
    match files {
        Err(Failure::Answer(gitlab::Error::LostRace(gitlab::RaceKind::CommitGone))) => Ok(None),
        files => files.map(Some),
    }
}

/// Files at a commit, in a state of their own: what is read here is nobody's neighbour.
async fn files_at<W: Runtime>(
    repository: &Repository<'_, W>,
    commit: &str,
    files: impl Iterator<Item = String>,
) -> Result<Files, Failure> {
    let needs = ReadSet {
        files: files.gather(),
        ..ReadSet::default()
    };
    let mut state = Snapshot::at(commit);
    repository.read(needs, &mut state).await?;
    Ok(state.files)
}
