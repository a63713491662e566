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

use super::decide::{at, likely_folder};
use super::interleaved::Found;
use super::progress::{Place, Posted};
use super::{Change, Context, Decided, Way, source_branch};
use crate::delivery::Delivery;
use crate::paths;
use crate::ports::{Domain, World};
use crate::problem::Refusal;
use crate::repository::{Failure, Opened, Proposed, Repository, Standing};

/// What an attempt came to.
pub(super) struct Attempt<D> {
    pub opened: Opened,
    pub proposed: Proposed,
    pub standing: Standing,
    /// The difference at the commit that counts.
    pub there: Posted,
    pub decided: Decided<D>,
    goes: Goes,
}

/// Where the difference goes.
enum Goes {
    /// Nowhere: there is none to be proposed, or nothing may be written.
    Nowhere,
    /// To the branch that counts.
    There,
    /// To the proposal's branch, with the difference there.
    Proposed(Posted),
}

impl<D> Attempt<D> {
    /// What is to be committed, which may be nothing.
    pub(super) fn posted(&self) -> Option<&Posted> {
        match &self.goes {
            Goes::Nowhere => None,
            Goes::There => Some(&self.there),
            Goes::Proposed(posted) => Some(posted),
        }
    }
}

pub(super) async fn attempt<W: World, D: Domain, C: Change>(
    context: &Context<'_, W, D>,
    way: Way,
    repository: &mut Repository<'_, W>,
    change: &C,
    found: &Found,
) -> Result<Attempt<C::Detail>, Refusal> {
    let (subject, domain) = (change.subject(), context.domain);
    let source = source_branch(change);
    let by_merge_request = way == Way::Deliver(Delivery::MergeRequest);
    // No path is made of a name that no cluster can have; validation says what is wrong with it.
    let is_asked_for = by_merge_request && paths::is_cluster_name(&subject.name);
    let (folder, asked) = (likely_folder(subject), is_asked_for.then_some(&*source));
    let (opened, proposed) = repository.open_with(folder.as_deref(), asked).await?;
    let target = repository.branch_name();
    way.accept(context.settings, &opened, &proposed, target, &source)?;
    let (head, tip) = (opened.head(), proposed.branch.as_ref());
    let none = Found::default();
    let found_there = if by_merge_request { &none } else { found };
    let (there, standing) = futures::join!(
        at(domain, repository, change, &opened, head, found_there),
        repository.standing(head, &subject.name, tip),
    );
    let (there, decided) = there?;
    let standing = standing?;
    let tip = tip.map_or("", |tip| &tip.commit.id);
    let nothing_to_propose = by_merge_request && there.actions.is_empty();
    let goes = if context.dry || way == Way::Check || nothing_to_propose {
        Goes::Nowhere
    } else if !by_merge_request {
        Goes::There
    } else {
        Goes::Proposed(match standing {
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
        goes,
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
