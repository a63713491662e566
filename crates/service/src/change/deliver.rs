//! A change, carried out in one of the ways.

use super::attempt::{Attempt, attempt};
use super::decide::new_commit;
use super::merge_request::{self, Words};
use super::progress::Progress;
use super::way::may_install;
use super::{Change, Context, Done, Proposal, Proposing, Way, source_branch};
use crate::delivery::Delivery;
use crate::ports::{Domain, World};
use crate::problem::{self, Problem, Refusal, Written};
use crate::repository::{Repository, Standing};

/// Carries out a change; in a dry run it stops before the first write. A change that was merged is done.
///
/// # Errors
/// Everything that stands against it. Where commits of this request are in the repository all the same,
/// the problem has a member `commit`. `NOT_MERGED` where nothing is to be delivered and something is lacking.
pub async fn deliver<W: World, D: Domain, C: Change>(
    context: &Context<'_, W, D>,
    way: Way,
    repository: &mut Repository<'_, W>,
    change: &C,
) -> Result<Done<C::Detail>, Problem> {
    let (world, caller, name) = (context.world, context.caller, &change.subject().name);
    let mut progress = Progress::default();
    loop {
        let attempted = attempt(context, way, repository, change, &progress.found).await;
        let attempt = match attempted {
            Ok(attempt) => attempt,
            Err(refusal) => {
                progress.start_over(world, refusal).await?;
                continue;
            }
        };
        let Some(posted) = attempt.posted() else {
            return undelivered(context, way, repository, change, attempt, progress).await;
        };
        if progress.may_be_made(posted) && progress.made_late(repository, caller, name).await? {
            continue;
        }
        let is_direct = posted.branch == repository.branch_name();
        if is_direct && progress.overlooked(repository, name, posted).await? {
            continue;
        }
        let settled = if posted.actions.is_empty() {
            true
        } else {
            let commit = new_commit(caller, change, &attempt.decided.summary, posted);
            match repository.commit(&commit).await {
                Ok(commit) => progress.made(repository, name, commit, posted).await?,
                Err(failure) => {
                    progress
                        .failed(world, repository, caller, name, failure, posted)
                        .await?
                }
            }
        };
        if settled {
            return conclude(context, way, repository, change, attempt, progress).await;
        }
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

/// There is nothing to write, or nothing may be written.
async fn undelivered<W: World, D, C: Change>(
    context: &Context<'_, W, D>,
    way: Way,
    repository: &Repository<'_, W>,
    change: &C,
    attempt: Attempt<C::Detail>,
    progress: Progress,
) -> Result<Done<C::Detail>, Problem> {
    let differing = attempt.there.actions.len();
    let open = attempt.proposed.open();
    let proposal = match way {
        Way::Check if differing > 0 => {
            let differing = format!("{differing} files differ");
            return Err(not_merged(repository, change, &differing).await);
        }
        Way::Deliver(Delivery::MergeRequest) if differing > 0 => Proposal {
            is: Proposing::Open,
            merge_request: open.cloned(),
            warnings: Vec::new(),
        },
        Way::Deliver(Delivery::MergeRequest) => {
            let (opened, proposed) = (&attempt.opened, &attempt.proposed);
            if !context.dry && !may_install(context.settings, opened, proposed) {
                return Err(problem::install_forbidden(repository.branch_name()));
            }
            Proposal {
                is: Proposing::Nothing,
                merge_request: proposed.latest().cloned(),
                warnings: open.map(still_open).into_iter().collect(),
            }
        }
        Way::Check | Way::Deliver(Delivery::Commit) => Proposal::default(),
    };
    Ok(progress
        .done(attempt.there, attempt.decided.detail)
        .proposed(proposal))
}

fn still_open(merge_request: &gitlab::MergeRequest) -> String {
    format!(
        "merge request {} is still open and would change this cluster; close it unless that is wanted",
        merge_request.web_url
    )
}

/// The branch is as it should be; now the merge request, if it takes one.
async fn conclude<W: World, D, C: Change>(
    context: &Context<'_, W, D>,
    way: Way,
    repository: &Repository<'_, W>,
    change: &C,
    attempt: Attempt<C::Detail>,
    progress: Progress,
) -> Result<Done<C::Detail>, Problem> {
    if way != Way::Deliver(Delivery::MergeRequest) {
        return Ok(progress.done(attempt.there, attempt.decided.detail));
    }
    let target = repository.branch_name();
    let words = Words::of(change, &attempt.decided, &attempt.there.actions, target);
    let open = attempt.proposed.open().cloned();
    let source = source_branch(change);
    let merge_request =
        merge_request::ensure(context.world, repository, &source, open, &words).await;
    let merge_request = merge_request
        .map_err(|failure| progress.tell_of(Refusal::GitLab(failure), Written::Proposal))?;
    let foreign = (attempt.standing == Standing::Foreign).then(|| {
        format!(
            "the branch {source} has commits of others, which were kept: look at the whole merge request"
        )
    });
    let proposal = Proposal {
        is: Proposing::Open,
        merge_request: Some(merge_request),
        warnings: foreign.into_iter().collect(),
    };
    Ok(progress
        .done(attempt.there, attempt.decided.detail)
        .proposed(proposal))
}
