//! A change, carried out in one of the ways.

use super::attempt::{Attempt, attempt};
use super::decide::{new_commit, prove_write, provenance};
use super::list_source;
use super::list_turn::{ListTurn, Wait};
use super::merge_request::{self, MergeRequestText};
use super::mode::may_install;
use super::progress::{PendingCommit, Progress, is_list_refused};
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
        let attempted = attempt(context, mode, repository, change, &mut progress).await;
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
        if progress.may_be_made(pending) && progress.made_late(repository, name, pending).await? {
            continue;
        }
        let is_settled = pending.actions.is_empty()
            || submit(
                context,
                repository,
                change,
                &attempt,
                pending,
                &mut progress,
            )
            .await?;
        if is_settled {
            return conclude(context, mode, repository, change, attempt, progress).await;
        }
    }
}

/// Commits. Where others write as well, everything but the list goes first: of many writers who all change the list only
/// one can win, and then brings in the others' entries as well.
async fn submit<W: Runtime, D, C: Change>(
    context: &Context<'_, W, D>,
    repository: &Repository<'_, W>,
    change: &C,
    attempt: &Attempt<C::Payload>,
    pending: &PendingCommit,
    progress: &mut Progress,
) -> Result<bool, Problem> {
    let (runtime, plan, name) = (context.runtime, &attempt.decided, &change.subject().name);
    let own_files = pending.without_list().filter(|_| plan.is_independent);
    let mut sent = match &own_files {
        Some(own_files) if progress.is_crowded => {
            progress.spread(runtime).await;
            own_files
        }
        _ => pending,
    };
    let (commit, lap) = loop {
        let message = new_commit(context.caller, change, plan, sent);
        let begun = runtime.elapsed();
        let made = repository.commit(&message).await;
        let lap = runtime.elapsed().saturating_sub(begun);
        let failure = match made {
            Ok(commit) => break (commit, lap),
            Err(failure) => failure,
        };
        if let (Some(own_files), false) = (&own_files, sent.is_partial)
            && is_list_refused(&failure)
        {
            progress.is_crowded = true;
            sent = own_files;
            continue;
        }
        // Who has overwritten something has to bring that back, whoever has brought the list meanwhile.
        if is_list_refused(&failure)
            && sent.is_list_alone()
            && progress.own_files.is_some()
            && !progress.list_source.has_overwritten()
        {
            return is_brought(context, repository, name, plan, progress, Wait::Look).await;
        }
        // Made anew it would be the same, as what it changes is nobody else's.
        let again = own_files.as_ref().filter(|own_files| own_files.is_own());
        let again = again.or(Some(sent).filter(|sent| sent.is_list_alone() && plan.is_independent));
        if let Some(again) = again
            && progress.may_resend(runtime, &failure, again, lap).await
        {
            sent = again;
            continue;
        }
        return progress
            .failed(runtime, repository, name, failure, sent, lap)
            .await;
    };
    let is_settled = progress
        .made(repository, name, commit.clone(), sent)
        .await?;
    if !sent.is_partial || is_settled {
        return Ok(is_settled);
    }
    let newest = attempt.opened.branch.as_ref();
    let is_first = commit.parent_ids.iter().eq([&sent.state.head])
        && !newest.is_some_and(|branch| list_source::is_met(&branch.commit));
    progress.own_files = Some((sent.clone(), commit, lap));
    if progress.owes_list(repository, name).await? {
        return Ok(false);
    }
    let wait = if is_first { Wait::Lead } else { Wait::Follow };
    is_brought(context, repository, name, plan, progress, wait).await
}

async fn is_brought<W: Runtime, D, P>(
    context: &Context<'_, W, D>,
    repository: &Repository<'_, W>,
    name: &str,
    plan: &Plan<P>,
    progress: &Progress,
    wait: Wait,
) -> Result<bool, Problem> {
    let Some((sent, commit, lap)) = &progress.own_files else {
        return Ok(false);
    };
    let turn = ListTurn {
        name,
        plan,
        sent,
        commit,
        lap: *lap,
    };
    let is_brought = turn.is_brought(context.runtime, repository, wait).await;
    is_brought.map_err(|refusal| progress.tell(refusal))
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
    if !attempt.there.is_proved && (context.dry || proposal.waits_for().is_none()) {
        prove_write(repository, &attempt.opened, change).await?;
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
        if progress.is_without_commit() && !attempt.there.is_proved {
            prove_write(repository, &attempt.opened, change).await?;
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
