//! The ways in which a change is carried out, and who may go them.

use super::Context;
use crate::delivery::Delivery;
use crate::problem::{self, Problem};
use crate::repository::{ExistingMergeRequest, ProjectAccess, Repository};
use crate::runtime::Runtime;
use crate::settings::Settings;

/// How a request is to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By a commit or by a merge request.
    Apply(Delivery),
    /// Not at all: the branch that counts has to have it already.
    VerifyMerged,
}

impl Mode {
    /// The first round trip, ended here for callers who may not go this way.
    ///
    /// # Errors
    /// Authentication, permission, or GitLab's failure.
    pub async fn open<W: Runtime, D>(
        self,
        context: &Context<'_, W, D>,
        repository: &mut Repository<'_, W>,
    ) -> Result<(), Problem> {
        let opened = repository.open().await;
        let opened = opened.map_err(problem::gitlab_before_writing)?;
        let none = ExistingMergeRequest::default();
        self.accept(context, &opened, &none, repository.branch_name(), "")
    }

    /// Refuses a caller who may not go this way. `target` is the target branch, `source` the proposal's. A source branch that is not
    /// there yet takes the role that may make branches: whoever only reads learns nothing of what the management cluster has.
    pub(super) fn accept<W, D>(
        self,
        context: &Context<'_, W, D>,
        opened: &ProjectAccess,
        proposed: &ExistingMergeRequest,
        target: &str,
        source: &str,
    ) -> Result<(), Problem> {
        let may_make_branches = || opened.can_push() || opened.project.is_developer();
        let source_branch = proposed.branch.as_ref();
        let may_propose = source_branch.map_or_else(may_make_branches, |it| it.can_push);
        let refused = |branch, delivery| {
            Err(problem::push_forbidden(
                branch,
                opened.project.role(),
                delivery,
            ))
        };
        match self {
            Self::Apply(_) if opened.project.archived => Err(problem::archived()),
            Self::Apply(Delivery::Commit) if !opened.can_push() => {
                refused(target, Delivery::Commit)
            }
            Self::Apply(Delivery::MergeRequest) if opened.branch.is_none() => {
                Err(problem::nothing_to_merge_into(target))
            }
            Self::Apply(Delivery::MergeRequest) if !may_propose => {
                refused(source, Delivery::MergeRequest)
            }
            Self::VerifyMerged if may_install(context.settings, opened, proposed) => Ok(()),
            Self::VerifyMerged if opened.project.archived => Err(problem::archived()),
            Self::VerifyMerged => Err(problem::install_forbidden(target)),
            _ => Ok(()),
        }
    }
}

/// Tells whether the caller may have the state of the target branch installed: everyone may who could have brought it
/// there. A request brings credentials along that no merge request shows, so to be able to read is not enough.
pub(super) fn may_install(
    settings: &Settings,
    opened: &ProjectAccess,
    proposed: &ExistingMergeRequest,
) -> bool {
    let may_propose = proposed.branch.as_ref().is_some_and(|it| it.can_push);
    let by_merge_request = settings.delivery == Delivery::MergeRequest;
    opened.can_push() || (by_merge_request && (may_propose || opened.project.is_developer()))
}
