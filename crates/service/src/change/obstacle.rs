//! Files and submodules in the way of a new file that no listing has shown.

use gather::Gather as _;
use gitlab::Action;

use super::progress::PendingCommit;
use crate::problem::{self, Refusal};
use crate::repository::Repository;
use crate::runtime::Runtime;
use crate::snapshot::{ReadSet, Snapshot, places};

/// Refuses what will never be committed. GitLab says of a submodule or a file in the place of a folder the same as of a
/// file that somebody else has just made, so that everything above the new files is looked at.
///
/// # Errors
/// `UNREADABLE_FILE`, naming it, or GitLab failed.
pub(super) async fn refuse<W: Runtime>(
    repository: &Repository<'_, W>,
    pending: &PendingCommit,
) -> Result<(), Refusal> {
    let new = || {
        let files = pending.actions.iter();
        files
            .filter(|action| matches!(action, Action::Create { .. }))
            .map(Action::path)
    };
    let needs = ReadSet {
        files: new().flat_map(places).map(str::to_owned).gather(),
        ..ReadSet::default()
    };
    let mut state = Snapshot::at(&pending.state.head);
    repository.read(needs, &mut state).await?;
    let mut folders = new().flat_map(|file| places(file).skip(1));
    match folders.find(|folder| state.content(folder).is_some()) {
        Some(file) => Err(problem::unreadable_file(file, "it should be a folder").into()),
        None => Ok(()),
    }
}
