//! One change of the repository, whoever else writes: read everything at one head, decide, commit, and
//! start over where somebody was faster.
//!
//! GitLab refuses a commit when one of its files changed since the head that was read, or when the branch
//! moved while the commit was made; then everything is read and decided anew. Between GitLab's own check
//! and its commit lies a window of milliseconds in which a foreign commit goes unnoticed; it shows in the
//! new commit's parent. Then everything is read and decided anew as well, with the list of all clusters made from
//! the folder of their files (`list_source`), and what was lost is repaired by a further commit.

mod attempt;
mod decide;
mod deliver;
mod list_source;
mod list_turn;
mod merge_request;
mod merge_request_text;
mod mode;
mod obstacle;
mod progress;

use domain::render::Tree;
use gitlab::message::Approval;
use gitlab::{Action, Commit, MergeRequest};

use crate::incoming::Caller;
use crate::problem::Refusal;
use crate::repository::ProjectAccess;
use crate::settings::Settings;
use crate::snapshot::{Snapshot, Subject};

pub use deliver::{deliver, not_merged};
pub use mode::Mode;

/// A change to decide upon.
pub trait Change {
    /// Data that the decision carries besides the tree.
    type Payload;
    /// The cluster it is about.
    fn subject(&self) -> &Subject;
    /// `SaveCluster` or `DeleteCluster`.
    fn operation(&self) -> &'static str;
    /// Beginning of the name of the branch that proposes it.
    fn branch_prefix(&self) -> &'static str;
    /// Sentence of a merge request about the time after it is merged. `path` is the cluster's in this API.
    fn after_merge(&self, path: &str) -> String;
    /// Looks at the management cluster, for the decision that follows: beside the reads of the repository, so
    /// that it takes no round trip of its own.
    fn look(&self) -> impl Future<Output = ()>;
    /// Decides, given the repository at one commit. Called again for every attempt.
    fn decide(
        &self,
        opened: &ProjectAccess,
        state: &Snapshot,
    ) -> impl Future<Output = Result<Plan<Self::Payload>, Refusal>>;
}

/// The branch that proposes a change: one for each cluster, so that a later request finds the former one's.
fn source_branch<C: Change>(change: &C) -> String {
    format!("{}{}", change.branch_prefix(), change.subject().name)
}

/// A decision.
pub struct Plan<D> {
    /// The repository as it should look.
    pub tree: Tree,
    /// One sentence for the commit message.
    pub summary: String,
    /// Approval beyond the commit's files that whoever approves the commit gives with it.
    pub approval: Option<Approval>,
    /// The cluster neither depends on another one nor is one depended on: its own files may be committed before the list
    /// that all clusters share, without which commits would not be in each other's way.
    pub is_independent: bool,
    /// Notes for whoever merges the change.
    pub warnings: Vec<String>,
    /// Whatever the caller of [`deliver`] needs.
    pub detail: D,
}

/// A change that is carried out, or would be.
pub struct Outcome<D> {
    /// The decision's detail.
    pub detail: D,
    /// The last commit's changes of files, or those it would make.
    pub actions: Vec<Action>,
    /// The last commit of this request; `None` where nothing had to change.
    pub commit: Option<Commit>,
    /// The repository as it was read for the decision.
    pub state: Snapshot,
    /// Number of files that this request's commits changed.
    pub files_changed: usize,
    /// State of the change as a merge request.
    pub proposal: MergeRequestResult,
}

/// A change as a merge request.
#[derive(Default)]
pub struct MergeRequestResult {
    /// Where it stands.
    pub is: MergeState,
    /// The merge request to speak of, if there is one.
    pub merge_request: Option<MergeRequest>,
    /// Warnings about the merge request for the caller.
    pub warnings: Vec<String>,
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MergeState {
    /// The branch that counts has all of it, or gets it directly.
    #[default]
    Nothing,
    /// The merge request waits to be merged, or in a dry run would.
    Open,
}

/// Everything that a change is carried out with.
pub struct Context<'a, W, D> {
    /// The runtime.
    pub runtime: &'a W,
    /// The pure functions.
    pub components: &'a D,
    /// The operator's settings.
    pub settings: &'a Settings,
    /// Who asks.
    pub caller: &'a Caller,
    /// Nothing is to be written.
    pub dry: bool,
}

impl<D> Outcome<D> {
    /// The member `commit` of an answer.
    #[must_use]
    pub fn commit_member(&self) -> Option<api::Commit> {
        let commit = self.commit.as_ref();
        commit.map(|commit| crate::response::commit(commit, self.files_changed))
    }

    /// The same, with what has become of it as a merge request.
    #[must_use]
    pub fn proposed(self, proposal: MergeRequestResult) -> Self {
        Self { proposal, ..self }
    }
}

impl MergeRequestResult {
    /// The number of the merge request that has to be merged first.
    #[must_use]
    pub fn waits_for(&self) -> Option<u64> {
        let open = self.merge_request.as_ref();
        open.filter(|_| self.is == MergeState::Open)
            .map(|it| it.iid)
    }

    /// The member `merge_request` of an answer, where there is one.
    #[must_use]
    pub fn merge_request_member(&self) -> Option<api::MergeRequest> {
        let merge_request = self.merge_request.as_ref();
        merge_request.map(crate::response::merge_request)
    }
}
