//! A change by merge request, for branches that nobody may push to.
//!
//! It is decided at the commit that counts, as for a direct commit. What is done with the proposal's branch then
//! depends on how the branch stands to that commit:
//!
//! * There is none: it begins there, with one commit.
//! * It has nothing but this tool's commits and begins at another commit: it begins anew, so that the lists
//!   which all clusters share never conflict.
//! * It begins there, or has commits of others: the change is decided once more at its tip, and what
//!   differs is committed on top, guarded like a direct commit.

use super::attempt::{at, likely_folder, new_commit};
use super::check::may_install;
use super::interleaved::Found;
use super::merge_request::{self, Words};
use super::progress::{Place, Posted, Progress};
use super::{Change, Context, Decided, Done, Proposal, Proposing, source_branch};
use crate::paths;
use crate::ports::{Domain, World};
use crate::problem::{self, Problem, Refusal, Written};
use crate::repository::{Failure, Opened, Proposed, Repository, Standing};

/// Proposes a change in a merge request; in a dry run it stops before the first write. A change that the branch
/// that counts has already is done.
///
/// # Errors
/// Everything that stands against it. Where a commit of this request is on the proposal's branch all the same,
/// the problem has a member `commit`.
pub async fn propose<W: World, D: Domain, C: Change>(
    context: &Context<'_, W, D>,
    repository: &mut Repository<'_, W>,
    change: &C,
) -> Result<Done<C::Detail>, Problem> {
    let (world, caller, name) = (context.world, context.caller, &change.subject().name);
    let mut progress = Progress::default();
    loop {
        let attempted = attempt(context, repository, change, &progress.found).await;
        let attempt = match attempted {
            Ok(attempt) => attempt,
            Err(refusal) => {
                progress.start_over(world, refusal).await?;
                continue;
            }
        };
        let Some(posted) = &attempt.posted else {
            return attempt.without_proposal(context, repository, progress);
        };
        if posted.actions.is_empty() {
            if progress.made_late(repository, caller, name).await? {
                continue;
            }
            return conclude(context, repository, change, attempt, progress).await;
        }
        let commit = new_commit(caller, change, &attempt.decided.summary, posted);
        let settled = match repository.commit(&commit).await {
            Ok(commit) => progress.made(repository, name, commit, posted).await?,
            Err(failure) => {
                progress
                    .failed(world, repository, caller, name, failure, posted)
                    .await?
            }
        };
        if settled {
            return conclude(context, repository, change, attempt, progress).await;
        }
    }
}

struct Attempt<D> {
    opened: Opened,
    proposed: Proposed,
    standing: Standing,
    /// At the commit that counts.
    there: Posted,
    decided: Decided<D>,
    /// On the proposal's branch; `None` where there is nothing to propose, or nothing may be written.
    posted: Option<Posted>,
}

async fn attempt<W: World, D: Domain, C: Change>(
    context: &Context<'_, W, D>,
    repository: &mut Repository<'_, W>,
    change: &C,
    found: &Found,
) -> Result<Attempt<C::Detail>, Refusal> {
    let (subject, domain) = (change.subject(), context.domain);
    let source = source_branch(change);
    // No path is made of a name that no cluster can have; validation says what is wrong with it.
    let asked = paths::is_cluster_name(&subject.name).then_some(source.as_str());
    let folder = likely_folder(subject);
    let (opened, proposed) = repository.open_with(folder.as_deref(), asked).await?;
    if opened.branch.is_none() {
        return Err(problem::nothing_to_merge_into(repository.branch_name()).into());
    }
    if proposed.branch.as_ref().is_some_and(|it| !it.can_push) {
        return Err(problem::push_forbidden(&source).into());
    }
    let (head, tip) = (opened.head(), proposed.branch.as_ref());
    let none = Found::default();
    let (there, standing) = futures::join!(
        at(domain, repository, change, &opened, head, &none),
        repository.standing(head, &subject.name, tip),
    );
    let (there, decided) = there?;
    let standing = standing?;
    let posted = if context.dry || there.actions.is_empty() {
        None
    } else {
        let tip = tip.map_or("", |tip| &tip.commit.id);
        Some(match standing {
            Standing::New => placed(&there, source, Place::New),
            Standing::Stale => {
                is_still_at(repository, &source, tip).await?;
                placed(&there, source, Place::Anew)
            }
            Standing::Fresh | Standing::Foreign => {
                let (posted, _) = at(domain, repository, change, &opened, tip, found).await?;
                placed(&posted, source, Place::Top)
            }
        })
    };
    Ok(Attempt {
        opened,
        proposed,
        standing,
        there,
        decided,
        posted,
    })
}

fn placed(posted: &Posted, branch: String, place: Place) -> Posted {
    Posted {
        branch,
        place,
        ..posted.clone()
    }
}

/// GitLab has no guard for a branch that begins anew, so it is looked at once more right before.
async fn is_still_at<W: World>(
    repository: &Repository<'_, W>,
    source: &str,
    tip: &str,
) -> Result<(), Failure> {
    match repository.branch(source).await? {
        Some(branch) if branch.commit.id != tip => {
            Err(gitlab::Error::LostRace(gitlab::RaceKind::RefMoved).into())
        }
        _ => Ok(()),
    }
}

impl<D> Attempt<D> {
    fn without_proposal<W: World, I>(
        self,
        context: &Context<'_, W, I>,
        repository: &Repository<'_, W>,
        progress: Progress,
    ) -> Result<Done<D>, Problem> {
        let open = self.proposed.open();
        let proposal = if self.there.actions.is_empty() {
            let may_propose = self.proposed.branch.is_some();
            if !context.dry && !may_install(context.settings, &self.opened, may_propose) {
                return Err(problem::install_forbidden(repository.branch_name()));
            }
            Proposal {
                is: Proposing::Nothing,
                merge_request: self.proposed.latest().cloned(),
                warnings: open.map(still_open).into_iter().collect(),
            }
        } else {
            Proposal {
                is: Proposing::Open,
                merge_request: open.cloned(),
                warnings: Vec::new(),
            }
        };
        Ok(progress
            .done(self.there, self.decided.detail)
            .proposed(proposal))
    }
}

fn still_open(merge_request: &gitlab::MergeRequest) -> String {
    format!(
        "merge request {} is still open and would change this cluster; close it unless that is wanted",
        merge_request.web_url
    )
}

/// The branch is as it should be; now the merge request.
async fn conclude<W: World, D: Domain, C: Change>(
    context: &Context<'_, W, D>,
    repository: &Repository<'_, W>,
    change: &C,
    attempt: Attempt<C::Detail>,
    progress: Progress,
) -> Result<Done<C::Detail>, Problem> {
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
