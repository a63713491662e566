//! One attempt: where the branches are, what the change comes to, and where it goes.
//!
//! A change by merge request is decided at the commit that counts, like any other. What is done with the
//! proposal's branch depends on how it stands to that commit:
//!
//! * There is none: it begins there, with one commit.
//! * It has nothing but this tool's commits and begins at another commit: it begins anew, so that the lists
//!   which all clusters share never conflict.
//! * It begins there, or has commits of others: the change is decided once more at its tip, and what
//!   differs is committed on top, guarded like a direct commit.

use super::decide::{at, likely_folder, own_file};
use super::list_source::{self, ListSource};
use super::progress::{CommitBase, PendingCommit, Progress};
use super::{Change, Context, Mode, Plan, source_branch};
use crate::delivery::Delivery;
use crate::paths;
use crate::problem::Refusal;
use crate::repository::{
    ExistingMergeRequest, Failure, Prefetch, ProjectAccess, Repository, SourceBranch,
};
use crate::runtime::{Components, Runtime};

/// Result of one attempt.
pub(super) struct Attempt<D> {
    pub opened: ProjectAccess,
    pub proposed: ExistingMergeRequest,
    pub standing: SourceBranch,
    /// The difference at the commit that counts.
    pub there: PendingCommit,
    pub decided: Plan<D>,
    destination: Destination,
}

/// Where the difference goes.
enum Destination {
    /// Nowhere: there is none to be proposed, or nothing may be written.
    Nowhere,
    /// To the branch that counts.
    There,
    /// To the proposal's branch, with the difference there.
    ExistingMergeRequest(PendingCommit),
}

impl<D> Attempt<D> {
    /// Returns the commit that is left to make, if there is one.
    pub(super) fn pending(&self) -> Option<&PendingCommit> {
        match &self.destination {
            Destination::Nowhere => None,
            Destination::There => Some(&self.there),
            Destination::ExistingMergeRequest(pending) => Some(pending),
        }
    }
}

pub(super) async fn attempt<W: Runtime, D: Components, C: Change>(
    context: &Context<'_, W, D>,
    mode: Mode,
    repository: &mut Repository<'_, W>,
    change: &C,
    progress: &mut Progress,
) -> Result<Attempt<C::Payload>, Refusal> {
    let (subject, components) = (change.subject(), context.components);
    let branch = source_branch(change);
    let by_merge_request = mode == Mode::Apply(Delivery::MergeRequest);
    // No path is made of a name that no cluster can have; validation says what is wrong with it.
    let is_asked_for = by_merge_request && paths::is_cluster_name(&subject.name);
    let (folder, file) = (likely_folder(subject), own_file(subject));
    let prefetch = Prefetch {
        folder: folder.as_deref(),
        file: file.as_deref(),
        source: is_asked_for.then_some(&*branch),
    };
    let (opened, proposed) = repository.authorize(prefetch).await?;
    let target = repository.branch_name();
    mode.accept(context, &opened, &proposed, target, &branch)?;
    let (head, tip) = (opened.head(), proposed.branch.as_ref());
    let is_direct = mode == Mode::Apply(Delivery::Commit);
    let newest = opened.branch.as_ref().filter(|_| is_direct);
    let newest = newest.map(|branch| &branch.commit);
    progress.is_crowded |= newest.is_some_and(list_source::is_met);
    let none = ListSource::default();
    let source = &mut progress.list_source;
    if progress.is_crowded && is_direct && !context.dry && source.is_unknown() {
        // Its own files go without the list, so what that is made from does not matter yet.
        let read = at(components, repository, change, &opened, head, &none, false);
        let (there, decided) = read.await?;
        if decided.is_independent && there.without_list().is_some() {
            source.to_ask = newest.cloned();
            return Ok(Attempt {
                opened,
                proposed,
                standing: SourceBranch::Missing,
                there,
                decided,
                destination: Destination::There,
            });
        }
    }
    let to_ask = source.to_ask.take();
    if let Some(newest) = to_ask.as_ref().or(newest)
        && !source.has_asked
    {
        source.take_over(repository, &subject.name, newest).await?;
    }
    let source_of_list = &*source;
    let list_there = if by_merge_request {
        &none
    } else {
        source_of_list
    };
    let (there, standing) = futures::join!(
        at(
            components, repository, change, &opened, head, list_there, is_direct
        ),
        repository.standing(head, &subject.name, tip),
    );
    let (there, decided) = there?;
    let standing = standing?;
    let tip = tip.map_or("", |tip| &tip.commit.id);
    let nothing_to_propose = by_merge_request && there.actions.is_empty();
    let destination = if context.dry || mode == Mode::VerifyMerged || nothing_to_propose {
        Destination::Nowhere
    } else if !by_merge_request {
        Destination::There
    } else {
        Destination::ExistingMergeRequest(match standing {
            SourceBranch::Missing => placed(&there, branch, CommitBase::NewBranch),
            SourceBranch::Outdated => {
                is_still_at(repository, &branch, tip).await?;
                placed(&there, branch, CommitBase::ResetBranch)
            }
            SourceBranch::UpToDate | SourceBranch::HasForeignCommits => {
                let list = source_of_list;
                let (pending, _) =
                    at(components, repository, change, &opened, tip, list, false).await?;
                placed(&pending, branch, CommitBase::Tip)
            }
        })
    };
    Ok(Attempt {
        opened,
        proposed,
        standing,
        there,
        decided,
        destination,
    })
}

fn placed(pending: &PendingCommit, branch: String, place: CommitBase) -> PendingCommit {
    PendingCommit {
        branch,
        place,
        ..pending.clone()
    }
}

/// GitLab has no guard for a branch that begins anew, so it is looked at once more right before.
async fn is_still_at<W: Runtime>(
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
