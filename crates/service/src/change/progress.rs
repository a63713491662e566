//! Where a change stands after some attempts.

use gitlab::retry::{Decision, Retries};
use gitlab::{Action, Commit, Provenance, message};

use super::interleaved::Found;
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
    /// Whether there is no commit left to be looked at of an earlier request, or of a try of this one that came late.
    looked: bool,
    /// What the next decision has to know of foreign commits that came in between.
    pub found: Found,
}

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

    /// Takes note of a commit. `false`: a foreign commit came in between, or it is an earlier try's; look again.
    pub(super) async fn made<W: Runtime>(
        &mut self,
        repository: &Repository<'_, W>,
        name: &str,
        commit: Commit,
        pending: &PendingCommit,
    ) -> Result<bool, Problem> {
        let parent = commit.parent_ids.first().cloned().unwrap_or_default();
        self.files_changed += pending.actions.len();
        let base = message::base(&commit.message);
        self.commit = Some(commit);
        self.unconfirmed = None;
        // An earlier try was carried out after all, and what it was made from has been forgotten.
        self.looked = base.is_none_or(|base| base == pending.state.head);
        if !self.looked {
            return Ok(false);
        }
        if parent == pending.state.head {
            return Ok(true);
        }
        self.interleaved += 1;
        if self.interleaved > INTERLEAVED {
            let problem = problem::concurrent_change(
                "foreign commits keep coming in between; send the request again to have the shared files \
                 checked once more",
            );
            return Err(self.tell(problem.into()));
        }
        let found = Found::read(repository, name, pending, &parent, &self.found).await;
        self.found = found.map_err(|failure| self.tell(failure.into()))?;
        Ok(false)
    }

    /// Whether an earlier request for this cluster ended before it had repaired what its commit overwrote. It is
    /// looked at where the cluster's own resource file is right already, as when a request is sent again, or is to go.
    pub(super) async fn overlooked<W: Runtime>(
        &mut self,
        repository: &Repository<'_, W>,
        name: &str,
        pending: &PendingCommit,
    ) -> Result<bool, Problem> {
        let own = domain::resource::path(name);
        // No commit was made for a name that no cluster can have, and no path is made of it.
        let is_written = |it: &Action| it.path() == own && !matches!(it, Action::Delete { .. });
        if self.looked || !paths::is_cluster_name(name) || pending.actions.iter().any(is_written) {
            return Ok(false);
        }
        self.looked = true;
        let found = Found::overlooked(repository, name, &pending.state).await;
        self.found = found.map_err(|failure| self.tell(failure.into()))?;
        Ok(!self.found.is_empty())
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
