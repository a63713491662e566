//! Where a change stands after some attempts.

use std::time::Duration;

use gitlab::retry::{Decision, Retries};
use gitlab::{Action, Commit, Provenance, RaceKind, message};

use super::list_source::ListSource;
use super::{MergeRequestResult, Outcome};
use crate::paths;
use crate::problem::{self, Problem, Refusal, WriteProgress};
use crate::repository::{Failure, Repository};
use crate::runtime::Runtime;
use crate::snapshot::Snapshot;

/// Foreign commits in the window that are followed up before giving up.
const INTERLEAVED: u32 = 10;

/// What was sent to be committed, or would have been.
#[derive(Clone)]
pub(super) struct PendingCommit {
    /// The branch.
    pub branch: String,
    /// What of the branch.
    pub place: CommitBase,
    /// The repository as it was read for it.
    pub state: Snapshot,
    /// The difference.
    pub actions: Vec<Action>,
    /// The list of all clusters is left for a further commit.
    pub is_partial: bool,
}

impl PendingCommit {
    /// The cluster's own files, where the list is what GitLab refused. What all clusters of a tenant need goes with the
    /// list, as only the list tells whether a new one has come.
    pub(super) fn where_list_is_refused(&self, failure: &Failure) -> Option<Self> {
        match failure {
            Failure::Answer(gitlab::Error::LostRace(RaceKind::FileChanged { path }))
                if path == paths::KUSTOMIZATION =>
            {
                self.without_list()
            }
            _ => None,
        }
    }

    /// The cluster's own files, where there are any, and the list for a further commit.
    pub(super) fn without_list(&self) -> Option<Self> {
        let is_list = |path: &str| path == paths::KUSTOMIZATION;
        let waits = |action: &&Action| match action {
            Action::Delete { path, .. } => !path.starts_with(paths::TENANT),
            action => !is_list(action.path()),
        };
        let actions: Vec<Action> = self.actions.iter().filter(waits).cloned().collect();
        let is_possible = self.place == CommitBase::Tip
            && !actions.is_empty()
            && self.actions.iter().any(|action| is_list(action.path()));
        is_possible.then(|| Self {
            actions,
            is_partial: true,
            ..self.clone()
        })
    }
}

/// Where a commit goes on its branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommitBase {
    /// On top of it, as it was read.
    Tip,
    /// On top of the commit that was read, where the branch begins.
    NewBranch,
    /// The same, and what the branch had before is gone from it.
    ResetBranch,
}

/// Where a change stands after some attempts.
#[derive(Default)]
pub(super) struct Progress {
    /// What every commit of this request tells.
    provenance: Provenance,
    retries: Retries,
    interleaved: u32,
    commit: Option<Commit>,
    files_changed: usize,
    /// A commit that GitLab did not confirm and that was not to be found: what it was.
    unconfirmed: Option<PendingCommit>,
    /// What the list is made from, once it is known.
    pub list_source: Option<ListSource>,
}

/// Own files that were committed first wait at most this long for their entry in the list: of sixteen clients whose
/// rounds take 100 ms, most find it made by one of the others then.
const GATHERING: Duration = Duration::from_millis(600);

impl Progress {
    /// At the beginning of a request.
    pub(super) fn of(provenance: Provenance) -> Self {
        Self {
            provenance,
            ..Self::default()
        }
    }

    /// After a refusal before anything was sent: a lost race is run again, all else is the end.
    pub(super) async fn start_over<W: Runtime>(
        &mut self,
        runtime: &W,
        refusal: Refusal,
    ) -> Result<(), Problem> {
        if let Refusal::GitLab(Failure::Answer(error @ gitlab::Error::LostRace(_))) = &refusal
            && let Decision::RetryAfter(wait) =
                self.retries
                    .next(runtime.elapsed(), error, runtime.random())
        {
            runtime.sleep(wait).await;
            return Ok(());
        }
        Err(self.tell(refusal))
    }

    /// Takes note of a commit. `false`: look again, as a foreign commit came in between, it is an earlier try's, or the
    /// list is left to be committed.
    pub(super) async fn made<W: Runtime>(
        &mut self,
        repository: &Repository<'_, W>,
        name: &str,
        commit: Commit,
        pending: &PendingCommit,
    ) -> Result<bool, Problem> {
        self.files_changed += pending.actions.len();
        self.unconfirmed = None;
        let made_from = message::base(&commit.message);
        let is_own_try = made_from.is_none_or(|base| base == pending.state.head);
        let is_on_top = commit.parent_ids.first().map_or("", String::as_str) == pending.state.head;
        let commit = self.commit.insert(commit);
        let source = self.list_source.get_or_insert_default();
        if is_own_try && is_on_top && !pending.is_partial {
            return Ok(true);
        }
        source.follow_folder(name, &pending.state);
        let followed = match pending.is_partial {
            true => Ok(()),
            false => source.follow_overwritten(repository, commit).await,
        };
        followed.map_err(|failure| self.tell(failure.into()))?;
        self.interleaved += u32::from(!pending.is_partial);
        if self.interleaved > INTERLEAVED {
            let problem = problem::concurrent_change(
                "foreign commits keep coming in between; send the request again to have the shared files \
                 checked once more",
            );
            return Err(self.tell(problem.into()));
        }
        Ok(false)
    }

    /// The cluster's own files alone, where other writers were seen already.
    pub(super) fn own_files_first(&self, pending: &PendingCommit) -> Option<PendingCommit> {
        let source = self.list_source.as_ref();
        source
            .filter(|source| source.is_contended)
            .and_then(|_| pending.without_list())
    }

    /// Leaves the list to others for a moment.
    pub(super) async fn gather<W: Runtime>(&self, runtime: &W) {
        let most = u64::try_from(GATHERING.as_millis()).unwrap_or(u64::MAX);
        runtime
            .sleep(Duration::from_millis(runtime.random() % most))
            .await;
    }

    /// After a commit that GitLab did not confirm: waits, and looks whether it was made after all.
    pub(super) async fn failed<W: Runtime>(
        &mut self,
        runtime: &W,
        repository: &Repository<'_, W>,
        name: &str,
        failure: Failure,
        pending: &PendingCommit,
    ) -> Result<bool, Problem> {
        let error = failure.as_commit_error();
        if matches!(error, gitlab::Error::UnknownOutcome { .. }) {
            self.unconfirmed = Some(pending.clone());
        }
        let random = runtime.random();
        match self.retries.next(runtime.elapsed(), &error, random) {
            Decision::RetryAfter(wait) => runtime.sleep(wait).await,
            Decision::LookFirst(wait) => {
                runtime.sleep(wait).await;
                return match self.look(repository).await? {
                    Some(commit) => self.made(repository, name, commit, pending).await,
                    None => Ok(false),
                };
            }
            Decision::GiveUp => return Err(self.tell(failure.into())),
        }
        Ok(false)
    }

    /// Whether an unconfirmed commit may have been made since it was looked for: there is nothing left to do, or the
    /// branch has moved. Where others have undone part of it, there is something to do all the same.
    pub(super) fn may_be_made(&self, pending: &PendingCommit) -> bool {
        let is_elsewhere = |former: &PendingCommit| former.state.head != pending.state.head;
        let unconfirmed = self.unconfirmed.as_ref();
        unconfirmed.is_some_and(|former| pending.actions.is_empty() || is_elsewhere(former))
    }

    /// Whether an unconfirmed commit was made after it had been looked for, and a foreign one before it.
    pub(super) async fn made_late<W: Runtime>(
        &mut self,
        repository: &Repository<'_, W>,
        name: &str,
    ) -> Result<bool, Problem> {
        let Some(commit) = self.look(repository).await? else {
            return Ok(false);
        };
        match self.unconfirmed.take() {
            Some(pending) => Ok(!self.made(repository, name, commit, &pending).await?),
            None => Ok(false),
        }
    }

    async fn look<W: Runtime>(
        &self,
        repository: &Repository<'_, W>,
    ) -> Result<Option<Commit>, Problem> {
        let Some(pending) = &self.unconfirmed else {
            return Ok(None);
        };
        let (branch, since) = (&pending.branch, &pending.state.head);
        let found = repository.find_own_commit(branch, &self.provenance, since);
        let found = found.await.map_err(|failure| self.tell(failure.into()))?;
        // Of a branch that was to begin anew, the former commits may be there still.
        let is_in_place = |commit: &Commit| {
            pending.place != CommitBase::ResetBranch || commit.parent_ids.iter().eq([since])
        };
        Ok(found.filter(is_in_place))
    }

    /// A problem that comes after a commit says so.
    pub(super) fn tell(&self, refusal: Refusal) -> Problem {
        let written = match (&self.commit, &self.unconfirmed) {
            (Some(_), _) => WriteProgress::Commit,
            (None, Some(_)) => WriteProgress::Unknown,
            (None, None) => WriteProgress::Nothing,
        };
        self.tell_of(refusal, written)
    }

    /// The same where more is known of what was written.
    pub(super) fn tell_of(&self, refusal: Refusal, written: WriteProgress) -> Problem {
        let problem = refusal.problem(written);
        match &self.commit {
            Some(commit) => problem.member(
                "commit",
                crate::response::commit(commit, self.files_changed),
            ),
            None => problem,
        }
    }

    /// Whether nothing was committed.
    pub(super) fn is_without_commit(&self) -> bool {
        self.commit.is_none()
    }

    pub(super) fn done<D>(self, pending: PendingCommit, detail: D) -> Outcome<D> {
        Outcome {
            detail,
            actions: pending.actions,
            commit: self.commit,
            state: pending.state,
            files_changed: self.files_changed,
            proposal: MergeRequestResult::default(),
        }
    }
}
