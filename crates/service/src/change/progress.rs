//! Where a change stands after some attempts.

use std::time::Duration;

use gitlab::retry::{Decision, RetryCounter};
use gitlab::{Action, Commit, Provenance, RaceKind, message};

use super::list_source::ListSource;
use super::{MergeRequestResult, Outcome, obstacle};
use crate::paths;
use crate::problem::{self, Problem, Refusal, WriteProgress};
use crate::repository::{Failure, Repository};
use crate::runtime::Runtime;
use crate::snapshot::Snapshot;

/// Foreign commits in the window that are followed up before giving up.
const INTERLEAVED: u32 = 10;
/// Who loses a race waits for up to six commits, and after each further one for twice as long, up to so many times: of
/// sixteen writers two of three commits succeed then, and sixty come through as well (`tests/scenarios/crowd.rs`).
const DOUBLINGS: u32 = 4;
/// A commit is taken to last at least so long: GitLab's own way from the branch to the moved branch is most of a shorter one.
const SHORTEST: Duration = Duration::from_millis(40);

/// A difference that was sent to be committed, or would have been.
#[derive(Clone)]
pub(super) struct PendingCommit {
    /// Bits that no other commit has.
    pub nonce: String,
    /// The branch.
    pub branch: String,
    /// Place of the commit on the branch.
    pub place: CommitBase,
    /// The repository as it was read for it.
    pub state: Snapshot,
    /// The difference.
    pub actions: Vec<Action>,
    /// The list of all clusters is left for a further commit.
    pub is_partial: bool,
    /// GitLab has judged the right to write already.
    pub is_proved: bool,
}

impl PendingCommit {
    /// The cluster's own files, where there are any, and the list for a further commit. What all clusters of a tenant need
    /// goes with the list where it is removed, as only the list tells whether a new one has come.
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
            // Another commit than the whole one, which may have been sent as well.
            nonce: format!("{}-own", self.nonce),
            actions,
            is_partial: true,
            ..self.clone()
        })
    }

    /// Nothing but the list of all clusters changes.
    pub(super) fn is_list_alone(&self) -> bool {
        let mut actions = self.actions.iter();
        actions.all(|action| action.path() == paths::KUSTOMIZATION)
    }

    /// Tells whether every changed file is this cluster's alone, and so guarded by what was read.
    pub(super) fn is_own(&self) -> bool {
        let mut actions = self.actions.iter();
        !actions.any(|action| is_shared(action.path()))
    }

    /// Nothing that was there before is changed or removed.
    pub(super) fn is_new(&self) -> bool {
        let mut actions = self.actions.iter();
        actions.all(|action| matches!(action, Action::Create { .. }))
    }

    /// Completes the trailers that all commits of the request share with this commit's own.
    pub(super) fn told(&self, all: Provenance) -> Provenance {
        Provenance {
            nonce: self.nonce.clone(),
            base: self.state.head.clone(),
            ..all
        }
    }

    /// Tells whether files of the cluster itself are in the difference, not only what clusters share.
    fn is_about_cluster(&self) -> bool {
        let mut actions = self.actions.iter();
        actions.any(|action| !is_shared(action.path()))
    }
}

/// Tells whether all clusters of a tenant share a file: the list, or one of the tenant's folder.
fn is_shared(path: &str) -> bool {
    path == paths::KUSTOMIZATION || path.starts_with(paths::TENANT)
}

/// A random number as a share of one.
fn share(random: u64) -> f64 {
    f64::from(u32::try_from(random >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

/// Tells whether GitLab refused a commit for the list of all clusters alone.
pub(super) fn is_list_refused(failure: &Failure) -> bool {
    match failure {
        Failure::Answer(gitlab::Error::LostRace(RaceKind::FileChanged { path })) => {
            path == paths::KUSTOMIZATION
        }
        _ => false,
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
    /// Trailers that all commits of this request share.
    provenance: Provenance,
    retries: RetryCounter,
    interleaved: u32,
    made_way: u32,
    /// How often a new file's name was taken.
    taken: u32,
    commit: Option<Commit>,
    files_changed: usize,
    /// Others write at the same time.
    pub is_crowded: bool,
    /// Own files that were committed without the list, as what, and how long that took.
    pub own_files: Option<(PendingCommit, Commit, Duration)>,
    /// Commits that GitLab did not confirm and that were not to be found, in the order in which they were sent.
    unconfirmed: Vec<PendingCommit>,
    /// Source of the list, once it is known.
    pub list_source: ListSource,
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

    /// Takes note of a commit, which is the one that was `pending`. `false`: look again, as a foreign commit came in
    /// between, or the list is left to be committed.
    pub(super) async fn made<W: Runtime>(
        &mut self,
        repository: &Repository<'_, W>,
        name: &str,
        commit: Commit,
        pending: &PendingCommit,
    ) -> Result<bool, Problem> {
        self.files_changed += pending.actions.len();
        self.unconfirmed.clear();
        let is_on_top = commit.parent_ids.first().map_or("", String::as_str) == pending.state.head;
        self.commit = Some(commit.clone());
        if is_on_top && !pending.is_partial {
            return Ok(true);
        }
        self.list_source.follow_folder(name, &pending.state);
        if pending.is_partial {
            return Ok(false);
        }
        if pending.is_list_alone() {
            let met = repository.came_between(&pending.state.head, &commit).await;
            let met = met.map_err(|failure| self.tell(failure.into()))?;
            let leaves_list = |met: &Commit| message::is_list_pending(&met.message);
            if met.is_some_and(|met| met.iter().all(leaves_list)) {
                return Ok(true);
            }
        }
        let followed = self.list_source.follow_overwritten(repository, &commit);
        let followed = followed.await;
        followed.map_err(|failure| self.tell(failure.into()))?;
        self.interleaved += 1;
        if self.interleaved > INTERLEAVED {
            let problem = problem::concurrent_change(
                "foreign commits keep coming in between; send the request again",
            );
            return Err(self.tell(problem.into()));
        }
        Ok(false)
    }

    /// Waits until a commit can be sent again as it is; `false` where it has to be made anew. Somebody has moved the branch
    /// while it was made, which took as long as `lap`, and GitLab compares the files once more.
    pub(super) async fn may_resend<W: Runtime>(
        &mut self,
        runtime: &W,
        failure: &Failure,
        pending: &PendingCommit,
        lap: Duration,
    ) -> bool {
        use RaceKind::{RefLocked, RefMoved};
        let Failure::Answer(error @ gitlab::Error::LostRace(RefMoved | RefLocked)) = failure else {
            return false;
        };
        let decision = self
            .retries
            .next(runtime.elapsed(), error, runtime.random());
        let may = matches!(decision, Decision::RetryAfter(_));
        self.is_crowded |= may;
        match may {
            // Others wait for it.
            true if pending.is_list_alone() => {
                runtime
                    .sleep(lap.mul_f64(2.0 * share(runtime.random())))
                    .await;
            }
            true => self.make_way(runtime, lap).await,
            false => {}
        }
        may
    }

    /// Tells whether entries of the list were overwritten, by this request or by one whose commit was the newest when this one began:
    /// that one may have ended, and others who bring the list do not know.
    pub(super) async fn owes_list<W: Runtime>(
        &mut self,
        repository: &Repository<'_, W>,
        name: &str,
    ) -> Result<bool, Problem> {
        if let Some(newest) = self.list_source.to_ask.take() {
            let asked = self.list_source.take_over(repository, name, &newest).await;
            asked.map_err(|failure| self.tell(failure.into()))?;
        }
        Ok(self.list_source.has_overwritten())
    }

    /// Those who have waited for the same list begin their next requests together: the first attempt waits as long again as
    /// it has taken so far, at the most, so that their commits do not meet.
    pub(super) async fn spread<W: Runtime>(&self, runtime: &W) {
        if self.made_way == 0 {
            let most = runtime.elapsed().min(gitlab::retry::CAP);
            runtime.sleep(most.mul_f64(share(runtime.random()))).await;
        }
    }

    /// Waits for others who commit files of their own, as long as it takes.
    async fn make_way<W: Runtime>(&mut self, runtime: &W, lap: Duration) {
        self.made_way = (self.made_way + 1).min(DOUBLINGS);
        let span = (lap.max(SHORTEST) * (3 << self.made_way)).min(gitlab::retry::CAP);
        let left = gitlab::retry::TOTAL.saturating_sub(runtime.elapsed());
        let wait = span.mul_f64(share(runtime.random()));
        runtime.sleep(wait.min(left)).await;
    }

    /// After a commit that GitLab did not confirm: waits, and looks whether it was made after all.
    pub(super) async fn failed<W: Runtime>(
        &mut self,
        runtime: &W,
        repository: &Repository<'_, W>,
        name: &str,
        failure: Failure,
        pending: &PendingCommit,
        lap: Duration,
    ) -> Result<bool, Problem> {
        let error = failure.as_commit_error();
        let is_race = matches!(error, gitlab::Error::LostRace(_));
        match error {
            gitlab::Error::UnknownOutcome { .. } => self.unconfirmed.push(pending.clone()),
            gitlab::Error::LostRace(RaceKind::FileExists) => {
                self.taken += 1;
                // Somebody else's file is seen by the next look.
                if self.taken == 3 {
                    let refused = obstacle::refuse(repository, pending).await;
                    refused.map_err(|refusal| self.tell(refusal))?;
                }
            }
            _ => {}
        }
        let random = runtime.random();
        match self.retries.next(runtime.elapsed(), &error, random) {
            Decision::RetryAfter(_) if is_race && pending.without_list().is_some() => {
                self.make_way(runtime, lap).await;
            }
            Decision::RetryAfter(wait) => runtime.sleep(wait).await,
            Decision::LookFirst(wait) => {
                runtime.sleep(wait).await;
                return match self.look(repository).await? {
                    Some((commit, sent)) => self.made(repository, name, commit, &sent).await,
                    None => Ok(false),
                };
            }
            Decision::GiveUp => return Err(self.tell(failure.into())),
        }
        Ok(false)
    }

    /// Tells whether an unconfirmed commit may have been made since it was looked for: there is nothing left to do,
    /// or the branch has moved. Where others have undone part of it, there is something to do all the same.
    pub(super) fn may_be_made(&self, pending: &PendingCommit) -> bool {
        let is_elsewhere = |former: &PendingCommit| former.state.head != pending.state.head;
        let mut unconfirmed = self.unconfirmed.iter();
        unconfirmed.any(|former| pending.actions.is_empty() || is_elsewhere(former))
    }

    /// Tells whether the list must be checked. GitLab may carry out a commit after it was looked for and not found;
    /// if ours shows up now and another commit is its parent, the list may lack entries. `pending` is what is lacking
    /// now.
    pub(super) async fn made_late<W: Runtime>(
        &mut self,
        repository: &Repository<'_, W>,
        name: &str,
        pending: &PendingCommit,
    ) -> Result<bool, Problem> {
        let Some((commit, sent)) = self.look(repository).await? else {
            return Ok(false);
        };
        let is_settled = self.made(repository, name, commit, &sent).await?;
        // Whoever changed the cluster after that knew of it: theirs is not undone.
        if is_settled && pending.is_about_cluster() {
            return Err(self.tell(problem::changed_since(name).into()));
        }
        Ok(!is_settled)
    }

    /// The newest of the unconfirmed commits that was made after all, and what it was.
    async fn look<W: Runtime>(
        &self,
        repository: &Repository<'_, W>,
    ) -> Result<Option<(Commit, PendingCommit)>, Problem> {
        // All go to one branch, and the first was made from its oldest head.
        let Some(first) = self.unconfirmed.first() else {
            return Ok(None);
        };
        let commits = repository.commits_since(&first.branch, &first.state.head);
        let commits = commits.await.map_err(|failure| self.tell(failure.into()))?;
        let sent = |commit: &Commit| {
            let is_it = |sent: &&PendingCommit| {
                message::is_made_by(&commit.message, &sent.told(self.provenance.clone()))
            };
            self.unconfirmed.iter().find(is_it).cloned()
        };
        let mut commits = commits.into_iter();
        Ok(commits.find_map(|commit| {
            let sent = sent(&commit)?;
            Some((commit, sent))
        }))
    }

    /// A problem that comes after a commit says so.
    pub(super) fn tell(&self, refusal: Refusal) -> Problem {
        let written = match (&self.commit, self.unconfirmed.is_empty()) {
            (Some(_), _) => WriteProgress::Commit,
            (None, false) => WriteProgress::Unknown,
            (None, true) => WriteProgress::Nothing,
        };
        self.tell_of(refusal, written)
    }

    /// The same where more is known of what was written.
    pub(super) fn tell_of(&self, refusal: Refusal, written: WriteProgress) -> Problem {
        let mut problem = refusal.problem(written);
        let commit = self.commit.as_ref();
        problem.commit =
            commit.map(|commit| Some(crate::response::commit(commit, self.files_changed)));
        problem
    }

    /// Tells whether nothing was committed.
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
