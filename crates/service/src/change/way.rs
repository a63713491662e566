//! The ways in which a change is carried out, and who may go them.

use super::Context;
use crate::delivery::Delivery;
use crate::ports::World;
use crate::problem::{self, Problem, Refusal, Written};
use crate::repository::{Opened, Proposed, Repository};
use crate::settings::Settings;

/// How a request is to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By a commit or by a merge request.
    Deliver(Delivery),
    /// Not at all: the branch that counts has to have it already.
    Check,
}

impl Way {
    /// The first round trip, ended here for callers who may not go this way.
    ///
    /// # Errors
    /// Authentication, permission, or GitLab's failure.
    pub async fn open<W: World, D>(
        self,
        context: &Context<'_, W, D>,
        repository: &mut Repository<'_, W>,
    ) -> Result<(), Problem> {
        let opened = repository.open(None).await;
        let opened = opened.map_err(|it| Refusal::from(it).problem(Written::Nothing))?;
        let none = Proposed::default();
        self.accept(
            context.settings,
            &opened,
            &none,
            repository.branch_name(),
            "",
        )
    }

    /// Whether the caller may go this way. `target` is the branch that counts, `source` the proposal's. Who may
    /// push to a proposal's branch that is not there yet is GitLab's to judge.
    pub(super) fn accept(
        self,
        settings: &Settings,
        opened: &Opened,
        proposed: &Proposed,
        target: &str,
        source: &str,
    ) -> Result<(), Problem> {
        let may_propose = proposed.branch.as_ref().is_none_or(|it| it.can_push);
        match self {
            Self::Deliver(Delivery::Commit) if !opened.can_push() => {
                Err(problem::push_forbidden(target))
            }
            Self::Deliver(Delivery::MergeRequest) if opened.branch.is_none() => {
                Err(problem::nothing_to_merge_into(target))
            }
            Self::Deliver(Delivery::MergeRequest) if !may_propose => {
                Err(problem::push_forbidden(source))
            }
            Self::Check if !may_install(settings, opened, proposed) => {
                Err(problem::install_forbidden(target))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the caller may have installed what the branch that counts has: whoever could have brought it there.
/// A request brings credentials along that no merge request shows, so to be able to read is not enough.
pub(super) fn may_install(settings: &Settings, opened: &Opened, proposed: &Proposed) -> bool {
    let may_propose = proposed.branch.as_ref().is_some_and(|it| it.can_push);
    let by_merge_request = settings.delivery == Delivery::MergeRequest;
    opened.can_push() || (by_merge_request && (may_propose || opened.project.is_developer()))
}
