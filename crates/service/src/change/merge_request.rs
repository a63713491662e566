//! One open merge request for a branch, whoever else opens, merges or closes one.

use gitlab::retry::{Decision, RetryCounter};
use gitlab::{Error, MergeRequest, RaceKind};

pub(super) use super::merge_request_text::MergeRequestText;
use crate::repository::{Failure, Repository};
use crate::runtime::Runtime;

/// Opens a merge request with these words, or gives them to the one that is open. `open` is the one that was seen.
///
/// # Errors
/// GitLab refused or failed until the retries were used up.
pub(super) async fn ensure<W: Runtime>(
    runtime: &W,
    repository: &Repository<'_, W>,
    source: &str,
    mut open: Option<MergeRequest>,
    words: &MergeRequestText,
) -> Result<MergeRequest, Failure> {
    let mut retries = RetryCounter::default();
    loop {
        let failure = match attempt(repository, source, open.take(), words).await {
            Ok(merge_request) if merge_request.is_open() => return Ok(merge_request),
            // Merged or closed since it was seen.
            Ok(_) => Error::LostRace(RaceKind::MergeRequestGone).into(),
            Err(failure) => failure,
        };
        let error = failure.as_commit_error();
        match retries.next(runtime.elapsed(), &error, runtime.random()) {
            Decision::RetryAfter(wait) | Decision::LookFirst(wait) => runtime.sleep(wait).await,
            Decision::GiveUp => return Err(failure),
        }
        // Whether it was opened, by this request or another, is seen here.
        open = repository.open_merge_request(source).await?;
    }
}

async fn attempt<W: Runtime>(
    repository: &Repository<'_, W>,
    source: &str,
    open: Option<MergeRequest>,
    MergeRequestText { title, description }: &MergeRequestText,
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
