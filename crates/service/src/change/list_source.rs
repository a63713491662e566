//! Source of the list of all clusters: the list itself, or the folder.
//!
//! A request gives the list its own entry, or takes it away. Where its commit replaced a list that it had not read, the
//! list is made from the folder of the resource files instead, as whose entry is lost can't be told from the list: see
//! `domain::render::list_from_folder`.

use domain::render::OverwrittenList;
use gather::Gather as _;
use gitlab::{Commit, message};

use crate::paths;
use crate::problem::{self, Refusal};
use crate::repository::{Failure, Repository};
use crate::runtime::{Components, Runtime};
use crate::snapshot::{ReadSet, Snapshot};

/// Knowledge that a decision needs of commits that came in between.
#[derive(Default)]
pub(super) struct ListSource {
    /// The folder says what is in the list; otherwise the list itself does.
    pub from_folder: bool,
    /// The newest commit was asked what an earlier request has left behind.
    pub has_asked: bool,
    /// The newest commit at the beginning, which is to be asked later: this request's own files went first.
    pub to_ask: Option<Commit>,
    /// Overwritten states of the list, the oldest first: people keep entries in the list that no file of the folder
    /// tells.
    overwritten: Vec<OverwrittenList>,
    /// The cluster's own resource file before this change: where a cluster comes from, or that it was there at all, must
    /// not be forgotten because a first commit has changed it.
    before: Option<(String, Option<Vec<u8>>)>,
}

impl ListSource {
    /// Nothing is known yet of what others have left behind.
    pub(super) fn is_unknown(&self) -> bool {
        !self.has_asked && !self.from_folder
    }

    /// The list follows the folder from now on, and the change is still the one that was decided upon with `state`.
    pub(super) fn follow_folder(&mut self, name: &str, state: &Snapshot) {
        self.from_folder = true;
        let own = domain::resource::path(name);
        let before = state.content(&own).cloned();
        self.before.get_or_insert((own, before));
    }

    /// Something that others keep in the list is to be brought back.
    pub(super) fn has_overwritten(&self) -> bool {
        !self.overwritten.is_empty()
    }

    /// As [`Self::follow_folder`], with what a commit of this request overwrote because its parent is not the commit it was made from.
    ///
    /// # Errors
    /// GitLab failed.
    pub(super) async fn follow_overwritten<W: Runtime>(
        &mut self,
        repository: &Repository<'_, W>,
        commit: &Commit,
    ) -> Result<(), Failure> {
        self.from_folder = true;
        let parent = commit.parent_ids.first().map(String::as_str);
        let base = message::base(&commit.message).unwrap_or_default();
        let list = |commit| file_at(repository, commit, paths::KUSTOMIZATION.to_owned());
        let (base, theirs) = futures::join!(list(&base), list(parent.unwrap_or_default()));
        if let (Some(base), Some(theirs)) = (known(base)?, known(theirs)?)
            && base != theirs
        {
            let (base, theirs) = (base.unwrap_or_default(), theirs.unwrap_or_default());
            self.overwritten.push(OverwrittenList { base, theirs });
        }
        Ok(())
    }

    /// Takes over what an earlier request has left behind that ended in the middle. Its commit is the newest then, and its
    /// message tells that the list is to follow, or that it was made from another commit than its parent.
    ///
    /// # Errors
    /// GitLab failed.
    pub(super) async fn take_over<W: Runtime>(
        &mut self,
        repository: &Repository<'_, W>,
        name: &str,
        newest: &Commit,
    ) -> Result<(), Failure> {
        self.has_asked = true;
        if !is_met(newest) {
            return Ok(());
        }
        self.from_folder = true;
        if !message::is_list_pending(&newest.message) {
            self.follow_overwritten(repository, newest).await?;
        }
        // A removal is decided upon what was removed.
        let base = message::base(&newest.message);
        if let Some(base) = base.filter(|_| message::is_own(&newest.message, name))
            && self.before.is_none()
        {
            let own = domain::resource::path(name);
            let file = |commit| file_at(repository, commit, own.clone());
            let (before, now) = futures::join!(file(&base), file(&newest.id));
            let is_gone = known(now)? == Some(None);
            let before = known(before)?.filter(|_| is_gone);
            self.before = before.map(|before| (own, before));
        }
        Ok(())
    }

    /// Has the decision taken for what was there before this change, and the list for what the folder says.
    ///
    /// # Errors
    /// GitLab failed, or the list can't be read.
    pub(super) async fn apply<W: Runtime, D: Components>(
        &self,
        components: &D,
        repository: &Repository<'_, W>,
        state: &mut Snapshot,
    ) -> Result<(), Refusal> {
        if self.from_folder
            && let Some(list) = list(components, repository, &self.overwritten, state).await?
        {
            state
                .overrides
                .insert(paths::KUSTOMIZATION.to_owned(), Some(list));
        }
        Ok(())
    }

    /// The cluster's own resource file for the decision, where it is not the one that is there.
    pub(super) fn before(&self) -> impl Iterator<Item = (String, Option<Vec<u8>>)> {
        self.before.clone().into_iter()
    }
}

/// Tells whether others write at this moment, or one of them ended in the middle: the newest commit has left the list for a
/// further one, or was made from another commit than its parent.
pub(super) fn is_met(newest: &Commit) -> bool {
    let base = message::base(&newest.message);
    message::is_list_pending(&newest.message)
        || base.is_some_and(|base| !newest.parent_ids.iter().eq([&base]))
}

/// The list as the folder has it.
pub(super) async fn list<W: Runtime, D: Components>(
    components: &D,
    repository: &Repository<'_, W>,
    overwritten: &[OverwrittenList],
    state: &mut Snapshot,
) -> Result<Option<Vec<u8>>, Refusal> {
    let list = state
        .files
        .get(paths::KUSTOMIZATION)
        .and_then(Option::as_ref);
    // One line for an entry, in whatever style: enough to know how many pages to ask for.
    let entries = list.map_or(0, |list| list.split(|byte| *byte == b'\n').count());
    repository
        .list(paths::RESOURCE_FILES, entries, state)
        .await?;
    let Some(listing) = state.listing(overwritten) else {
        return Ok(None);
    };
    let list = components.list_from_folder(listing);
    Ok(Some(list.map_err(|error| problem::unrenderable(&error))?))
}

/// `None` where the commit is not there any more: the branch was rewritten.
fn known<T>(read: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match read {
        Err(Failure::Answer(gitlab::Error::LostRace(gitlab::RaceKind::CommitGone))) => Ok(None),
        read => read.map(Some),
    }
}

/// A file at a commit, in a state of its own: what is read here is nobody's neighbour.
async fn file_at<W: Runtime>(
    repository: &Repository<'_, W>,
    commit: &str,
    path: String,
) -> Result<Option<Vec<u8>>, Failure> {
    let needs = ReadSet {
        files: [path.clone()].into_iter().gather(),
        ..ReadSet::default()
    };
    let mut state = Snapshot::at(commit);
    repository.read(needs, &mut state).await?;
    Ok(state.files.remove(&path).flatten())
}
