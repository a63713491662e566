//! One open merge request for a branch, whoever else opens, merges or closes one.

use gitlab::retry::{Decision, Retries};
use gitlab::{Error, MergeRequest, RaceKind};

pub(super) use super::words::Words;
use crate::ports::World;
use crate::repository::{Failure, Repository};

/// Opens a merge request with these words, or gives them to the one that is open. `open` is the one that was seen.
///
/// # Errors
/// GitLab refused or failed until the retries were used up.
pub(super) async fn ensure<W: World>(
    world: &W,
    repository: &Repository<'_, W>,
    source: &str,
    mut open: Option<MergeRequest>,
    words: &Words,
) -> Result<MergeRequest, Failure> {
    let mut retries = Retries::default();
    loop {
        let failure = match attempt(repository, source, open.take(), words).await {
            Ok(merge_request) if merge_request.is_open() => return Ok(merge_request),
            // Merged or closed since it was seen.
            Ok(_) => Error::LostRace(RaceKind::MergeRequestGone).into(),
            Err(failure) => failure,
        };
        let error = failure.as_commit_error();
        match retries.next(world.elapsed(), &error, world.random()) {
            Decision::RetryAfter(wait) | Decision::LookFirst(wait) => world.sleep(wait).await,
            Decision::GiveUp => return Err(failure),
        }
        // Whether it was opened, by this request or another, is seen here.
        open = repository.open_merge_request(source).await?;
    }
}

async fn attempt<W: World>(
    repository: &Repository<'_, W>,
    source: &str,
    open: Option<MergeRequest>,
    Words { title, description }: &Words,
) -> Result<MergeRequest, Failure> {
    match open {
        Some(open) if open.title == *title && open.description.as_ref() == Some(description) => {
            Ok(open)
        }
        Some(open) => {
            repository
                .update_merge_request(open.iid, title, description)
                .await
        }
        None => {
            repository
                .create_merge_request(source, title, description)
                .await
        }
    }
}
