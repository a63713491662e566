use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use git2::{Commit, ErrorCode, Oid, Repository, Sort, Tree};

/// Answers kept before the cache starts afresh: some ten megabytes.
const CACHE_LIMIT: usize = 50_000;

/// Remembers which commit last touched a path as of a commit: that never changes, and the next
/// commit's walk ends where the previous one began.
#[derive(Default)]
pub(crate) struct HistoryCache(Mutex<HashMap<(Oid, String), Option<Oid>>>);

impl HistoryCache {
    fn get(&self, key: &(Oid, String)) -> Option<Option<Oid>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .copied()
    }

    fn set(&self, key: (Oid, String), value: Option<Oid>) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= CACHE_LIMIT {
            answers.clear();
        }
        answers.insert(key, value);
    }
}

/// The last commit that touched the literal path as of `start`, as `git log -1 <start> -- <path>` finds
/// it: a parent with the same content is followed alone; a deletion is a touch. `None` when the path
/// never existed.
pub(crate) fn last_commit(
    repository: &Repository,
    cache: &HistoryCache,
    start: Oid,
    path: &str,
) -> Result<Option<Oid>, git2::Error> {
    let mut key = (start, path.to_owned());
    let mut commit = repository.find_commit(start)?;
    let answer = loop {
        key.0 = commit.id();
        if let Some(known) = cache.get(&key) {
            break known;
        }
        match HistoryStep::from(&commit, path)? {
            HistoryStep::Same(parent) => commit = parent,
            HistoryStep::Touched => break Some(commit.id()),
            HistoryStep::NeverExisted => break None,
        }
    };
    cache.set((start, key.1), answer);
    Ok(answer)
}

enum HistoryStep<'repo> {
    Same(Commit<'repo>),
    Touched,
    NeverExisted,
}

impl<'repo> HistoryStep<'repo> {
    fn from(commit: &Commit<'repo>, path: &str) -> Result<Self, git2::Error> {
        let mut own = PathLookup::new(commit, path);
        for parent in commit.parents() {
            if parent.tree_id() == commit.tree_id()
                || entry_id(&parent.tree()?, path)? == own.entry()?
            {
                return Ok(Self::Same(parent));
            }
        }
        let existed = commit.parent_count() > 0 || own.entry()?.is_some();
        Ok(if existed {
            Self::Touched
        } else {
            Self::NeverExisted
        })
    }
}

/// The path in a commit's tree, looked up once and only when needed.
struct PathLookup<'a, 'repo> {
    commit: &'a Commit<'repo>,
    path: &'a str,
    found: Option<Option<(Oid, i32)>>,
}

impl<'a, 'repo> PathLookup<'a, 'repo> {
    fn new(commit: &'a Commit<'repo>, path: &'a str) -> Self {
        Self {
            commit,
            path,
            found: None,
        }
    }

    fn entry(&mut self) -> Result<Option<(Oid, i32)>, git2::Error> {
        if let Some(found) = self.found {
            return Ok(found);
        }
        let found = entry_id(&self.commit.tree()?, self.path)?;
        self.found = Some(found);
        Ok(found)
    }
}

fn entry_id(tree: &Tree<'_>, path: &str) -> Result<Option<(Oid, i32)>, git2::Error> {
    match tree.get_path(Path::new(path)) {
        Ok(entry) => Ok(Some((entry.id(), entry.filemode()))),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Selection of commits to list.
#[derive(Default)]
pub(crate) struct CommitFilter<'a> {
    /// Only commits that changed this path.
    pub(crate) path: Option<&'a str>,
    /// Earliest and latest commit time, in seconds since 1970.
    pub(crate) since: Option<i64>,
    pub(crate) until: Option<i64>,
    /// Commits reachable from here are left out.
    pub(crate) except: Option<Oid>,
}

/// Commits reachable from `start`, newest first, `limit` of them after the first `offset`.
pub(crate) fn commits<'repo>(
    repository: &'repo Repository,
    start: Oid,
    filter: &CommitFilter<'_>,
    offset: usize,
    limit: usize,
) -> Result<Vec<Commit<'repo>>, git2::Error> {
    let mut walk = repository.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
    walk.push(start)?;
    if let Some(except) = filter.except {
        walk.hide(except)?;
    }
    let mut selected = Vec::new();
    let mut passed = 0;
    for id in walk {
        if selected.len() == limit {
            break;
        }
        let commit = repository.find_commit(id?)?;
        if !filter.selects(&commit)? {
            continue;
        }
        passed += 1;
        if passed > offset {
            selected.push(commit);
        }
    }
    Ok(selected)
}

impl CommitFilter<'_> {
    fn selects(&self, commit: &Commit<'_>) -> Result<bool, git2::Error> {
        let seconds = commit.time().seconds();
        if self.since.is_some_and(|since| seconds < since)
            || self.until.is_some_and(|until| seconds > until)
        {
            return Ok(false);
        }
        match self.path {
            Some(path) => Ok(matches!(
                HistoryStep::from(commit, path)?,
                HistoryStep::Touched
            )),
            None => Ok(true),
        }
    }
}

/// True where `ancestor` is `descendant` or reachable from it.
pub(crate) fn reaches(
    repository: &Repository,
    descendant: Oid,
    ancestor: Oid,
) -> Result<bool, git2::Error> {
    Ok(descendant == ancestor || repository.graph_descendant_of(descendant, ancestor)?)
}
