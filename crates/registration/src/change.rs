//! One change of the repository, whoever else writes: read everything at one head, decide, commit, and
//! start over where somebody was faster.
//!
//! GitLab refuses a commit when one of its files changed since the head that was read, or when the branch
//! moved while the commit was made; then everything is read and decided anew. Between GitLab's own check
//! and its commit lies a window of milliseconds in which a foreign commit goes unnoticed; it shows in the
//! new commit's parent. Then everything is read and decided anew as well, with what the foreign commit did
//! to the shared lists ([`interleaved`]), and what was lost is repaired by a further commit.

mod attempt;
mod interleaved;
mod progress;

use gitlab::{Action, Commit};
use manifests::Tree;

use crate::call::Caller;
use crate::ports::{Domain, World};
use crate::problem::{Problem, Refusal};
use crate::repository::{Opened, Repository};
use crate::state::{State, Subject};

pub use attempt::open_for_writing;
use attempt::{attempt, new_commit};
use progress::Progress;

/// A change to decide upon.
pub trait Change {
    /// What the decision carries besides the tree.
    type Detail;
    /// The cluster it is about.
    fn subject(&self) -> &Subject;
    /// `SaveCluster` or `DeleteCluster`.
    fn operation(&self) -> &'static str;
    /// Decides, given the repository at one commit. Called again for every attempt.
    fn decide(
        &self,
        opened: &Opened,
        state: &State,
    ) -> impl Future<Output = Result<Decided<Self::Detail>, Refusal>>;
}

/// A decision.
pub struct Decided<D> {
    /// What the repository should look like.
    pub tree: Tree,
    /// One sentence for the commit message.
    pub summary: String,
    /// Whatever the caller of [`carry_out`] needs.
    pub detail: D,
}

/// A change that is carried out, or would be.
pub struct Done<D> {
    /// The decision's detail.
    pub detail: D,
    /// What was changed by the last commit, or would be.
    pub actions: Vec<Action>,
    /// The last commit of this request; `None` where nothing had to change.
    pub commit: Option<Commit>,
    /// The repository as it was read for the decision.
    pub state: State,
    /// Number of files that this request's commits changed.
    pub files_changed: usize,
}

/// Carries out a change; with `dry` it stops before the first write.
///
/// # Errors
/// Everything that stands against it. Where commits of this request are in the repository all the same,
/// the problem has a member `commit`.
pub async fn carry_out<W: World, D: Domain, C: Change>(
    world: &W,
    domain: &D,
    repository: &mut Repository<'_, W>,
    caller: &Caller,
    change: &C,
    dry: bool,
) -> Result<Done<C::Detail>, Problem> {
    let mut progress = Progress::default();
    loop {
        let (posted, decided) = match attempt(domain, repository, change, &progress.found).await {
            Ok(attempted) => attempted,
            Err(refusal) => {
                progress.start_over(world, refusal).await?;
                continue;
            }
        };
        let name = &change.subject().name;
        if dry || posted.actions.is_empty() {
            if progress.made_late(repository, caller, name).await? {
                continue;
            }
            return Ok(progress.done(posted, decided.detail));
        }
        let commit = new_commit(repository, caller, change, decided.summary, &posted.actions);
        let settled = match repository.commit(&commit).await {
            Ok(commit) => progress.made(repository, name, commit, &posted).await?,
            Err(failure) => {
                progress
                    .failed(world, repository, caller, name, failure, &posted)
                    .await?
            }
        };
        if settled {
            return Ok(progress.done(posted, decided.detail));
        }
    }
}

impl<D> Done<D> {
    /// The member `commit` of an answer.
    #[must_use]
    pub fn commit_member(&self) -> serde_json::Value {
        let commit = self.commit.as_ref();
        commit.map_or(serde_json::Value::Null, |commit| {
            crate::answer::commit(commit, self.files_changed)
        })
    }
}
