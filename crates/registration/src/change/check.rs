//! Whether the branch that counts has a change already, and who may act upon that.

use super::attempt::{at, open};
use super::interleaved::Found;
use super::progress::Progress;
use super::{Change, Context, Done, source_branch};
use crate::delivery::Delivery;
use crate::ports::{Domain, World};
use crate::problem::{self, Problem, Refusal, Written};
use crate::repository::{Opened, Repository};
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
    pub async fn open<W: World>(
        self,
        repository: &mut Repository<'_, W>,
        settings: &Settings,
    ) -> Result<(), Problem> {
        let told = |refusal: Refusal| refusal.problem(Written::Nothing);
        let opened = repository.open(None).await.map_err(|it| told(it.into()))?;
        let is_allowed = match self {
            Self::Deliver(Delivery::Commit) => opened.can_push(),
            // GitLab judges who may push to a branch that is not there yet.
            Self::Deliver(Delivery::MergeRequest) => true,
            Self::Check => may_install(settings, &opened, false),
        };
        match (is_allowed, self) {
            (true, _) => Ok(()),
            (false, Self::Check) => Err(problem::install_forbidden(repository.branch_name())),
            (false, _) => Err(problem::push_forbidden(repository.branch_name())),
        }
    }
}

/// Whether the caller may have installed what the branch that counts has: whoever could have brought it there.
/// A request brings credentials along that no merge request shows, so to be able to read is not enough.
pub(super) fn may_install(settings: &Settings, opened: &Opened, may_propose: bool) -> bool {
    let by_merge_request = settings.delivery == Delivery::MergeRequest;
    opened.can_push() || (by_merge_request && (may_propose || opened.project.is_developer()))
}

/// Decides upon a change without carrying it out.
///
/// # Errors
/// Everything that stands against it, and `NOT_MERGED` where the branch that counts does not have it.
pub async fn check<W: World, D: Domain, C: Change>(
    context: &Context<'_, W, D>,
    repository: &mut Repository<'_, W>,
    change: &C,
) -> Result<Done<C::Detail>, Problem> {
    let mut progress = Progress::default();
    loop {
        let (posted, decided) = match attempt(context, repository, change).await {
            Ok(attempted) => attempted,
            Err(refusal) => {
                progress.start_over(context.world, refusal).await?;
                continue;
            }
        };
        if !posted.actions.is_empty() {
            let differing = format!("{} files differ", posted.actions.len());
            return Err(not_merged(repository, change, &differing).await);
        }
        return Ok(progress.done(posted, decided.detail));
    }
}

/// The branch that counts lacks something; names the merge request that may bring it.
pub async fn not_merged<W: World, C: Change>(
    repository: &Repository<'_, W>,
    change: &C,
    differing: &str,
) -> Problem {
    let open = repository.open_merge_request(&source_branch(change)).await;
    // Without it the answer is as true.
    let open = open.ok().flatten();
    problem::not_merged(repository.branch_name(), differing, open.as_ref())
}

type Attempted<C> = (
    super::progress::Posted,
    super::Decided<<C as Change>::Detail>,
);

async fn attempt<W: World, D: Domain, C: Change>(
    context: &Context<'_, W, D>,
    repository: &mut Repository<'_, W>,
    change: &C,
) -> Result<Attempted<C>, Refusal> {
    let opened = open(repository, change.subject()).await?;
    if !may_install(context.settings, &opened, false) {
        return Err(problem::install_forbidden(repository.branch_name()).into());
    }
    let (none, domain) = (Found::default(), context.domain);
    at(domain, repository, change, &opened, opened.head(), &none).await
}
