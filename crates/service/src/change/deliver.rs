//! A change, carried out in one of the ways.

use super::attempt::{Attempt, attempt};
use super::decide::{new_commit, prove_write, provenance};
use super::merge_request::{self, MergeRequestText};
use super::mode::may_install;
use super::progress::{PendingCommit, Progress};
use super::{Change, Context, MergeRequestResult, MergeState, Mode, Outcome, Plan, source_branch};
use crate::delivery::Delivery;
use crate::problem::{self, Problem, Refusal, WriteProgress};
use crate::repository::{Repository, SourceBranch};
use crate::runtime::{Components, Runtime};

/// Carries out a change; in a dry run it stops before the first write. A change that was merged is done.
///
/// # Errors
/// Everything that stands against it. Where commits of this request are in the repository all the same,
/// the problem has a member `commit`. `NOT_MERGED` where nothing is to be delivered and something is lacking.
pub async fn deliver<W: Runtime, D: Components, C: Change>(
    context: &Context<'_, W, D>,
    mode: Mode,
    repository: &mut Repository<'_, W>,
    change: &C,
) -> Result<Outcome<C::Payload>, Problem> {
    let (runtime, caller, name) = (context.runtime, context.caller, &change.subject().name);
    let mut progress = Progress::of(provenance(caller, change));
    loop {
        let attempted = attempt(context, mode, repository, change, &mut progress.list_source).await;
        let attempt = match attempted {
            Ok(attempt) => attempt,
            Err(refusal) => {
                progress.start_over(runtime, refusal).await?;
                continue;
            }
        };
        let Some(pending) = attempt.pending() else {
            return undelivered(context, mode, repository, change, attempt, progress).await;
        };
        if progress.may_be_made(pending) && progress.made_late(repository, name).await? {
            continue;
        }
        let is_settled = pending.actions.is_empty()
            || submit(
                context,
                repository,
                change,
                &attempt.decided,
                pending,
                &mut progress,
            )
            .await?;
        if is_settled {
            return conclude(context, mode, repository, change, attempt, progress).await;
        }
    }
}

/// Commits. Where the list alone has changed since it was read, everything else goes first: of many writers who all
/// change the list only one can win, and then brings in the others' entries as well.
async fn submit<W: Runtime, D, C: Change>(
    context: &Context<'_, W, D>,
    repository: &Repository<'_, W>,
    change: &C,
    plan: &Plan<C::Payload>,
    pending: &PendingCommit,
    progress: &mut Progress,
) -> Result<bool, Problem> {
    let (caller, name) = (context.caller, &change.subject().name);
    let send = async |pending: &PendingCommit| {
        let commit = new_commit(caller, change, &plan.summary, pending);
        repository.commit(&commit).await
    };
    let own_files;
    let mut sent = pending;
    let first = progress
        .own_files_first(pending)
        .filter(|_| plan.is_independent);
    let mut result = send(first.as_ref().unwrap_or(pending)).await;
    if let Some(first) = &first {
        sent = first;
    } else if let Err(failure) = &result
        && plan.is_independent
        && let Some(partial) = pending.where_list_is_refused(failure)
    {
        own_files = partial;
        sent = &own_files;
        result = send(sent).await;
    }
    match result {
        Ok(commit) => {
            let is_settled = progress.made(repository, name, commit, sent).await?;
            if sent.is_partial {
                progress.gather(context.runtime).await;
            }
            Ok(is_settled)
        }
        Err(failure) => {
            progress
                .failed(context.runtime, repository, name, failure, sent)
                .await
        }
    }
}

/// The branch that counts lacks something; names the merge request that may bring it.
pub async fn not_merged<W: Runtime, C: Change>(
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
async fn undelivered<W: Runtime, D, C: Change>(
    context: &Context<'_, W, D>,
    mode: Mode,
    repository: &Repository<'_, W>,
    change: &C,
    attempt: Attempt<C::Payload>,
    progress: Progress,
) -> Result<Outcome<C::Payload>, Problem> {
    let differing = attempt.there.actions.len();
    let open = attempt.proposed.open();
    let proposal = match mode {
        Mode::VerifyMerged if differing > 0 => {
            let differing = format!("{differing} files differ");
            return Err(not_merged(repository, change, &differing).await);
        }
        Mode::Apply(Delivery::MergeRequest) if differing > 0 => MergeRequestResult {
            is: MergeState::Open,
            merge_request: open.cloned(),
            warnings: Vec::new(),
        },
        Mode::Apply(Delivery::MergeRequest) => {
            let (opened, proposed) = (&attempt.opened, &attempt.proposed);
            if !context.dry && !may_install(context.settings, opened, proposed) {
                return Err(problem::install_forbidden(repository.branch_name()));
            }
            MergeRequestResult {
                is: MergeState::Nothing,
                merge_request: proposed.latest().cloned(),
                warnings: open.map(still_open).into_iter().collect(),
            }
        }
        Mode::VerifyMerged | Mode::Apply(Delivery::Commit) => MergeRequestResult::default(),
    };
    if context.dry || proposal.waits_for().is_none() {
        let proved = prove_write(repository, &attempt.opened, change).await;
        proved.map_err(|failure| Refusal::from(failure).problem(WriteProgress::Nothing))?;
    }
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
async fn conclude<W: Runtime, D, C: Change>(
    context: &Context<'_, W, D>,
    mode: Mode,
    repository: &Repository<'_, W>,
    change: &C,
    attempt: Attempt<C::Payload>,
    progress: Progress,
) -> Result<Outcome<C::Payload>, Problem> {
    if mode != Mode::Apply(Delivery::MergeRequest) {
        if progress.is_without_commit() {
            let proved = prove_write(repository, &attempt.opened, change).await;
            proved.map_err(|failure| Refusal::from(failure).problem(WriteProgress::Nothing))?;
        }
        return Ok(progress.done(attempt.there, attempt.decided.detail));
    }
    let target = repository.branch_name();
    let words = MergeRequestText::of(change, &attempt.decided, &attempt.there.actions, target);
    let open = attempt.proposed.open().cloned();
    let source = source_branch(change);
    let merge_request =
        merge_request::ensure(context.runtime, repository, &source, open, &words).await;
    let merge_request = merge_request.map_err(|failure| {
        progress.tell_of(Refusal::GitLab(failure), WriteProgress::MergeRequestResult)
    })?;
    let foreign = (attempt.standing == SourceBranch::HasForeignCommits).then(|| {
        format!(
            "the branch {source} has commits of others, which were kept: look at the whole merge request"
        )
    });
    let proposal = MergeRequestResult {
        is: MergeState::Open,
        merge_request: Some(merge_request),
        warnings: foreign.into_iter().collect(),
    };
    Ok(progress
        .done(attempt.there, attempt.decided.detail)
        .proposed(proposal))
}
