//! Parsers of GitLab's answers. Pure functions: the same answer gives the same result.

mod contents;
mod tree;

use http::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use contents::{TextFile, TipFile, parse_texts, parse_tip_file};
pub use tree::parse_tree;

use crate::blob::is_blob;
use crate::error::{CallKind, Error, classify, is_page, unreadable};
use crate::model::{Branch, Commit, MergeRequest, Project};
use crate::text::{clean, read};

/// An answer as it arrived, with its whole body.
pub type Answer = Response<Vec<u8>>;

fn json<T: DeserializeOwned>(call: CallKind, answer: &Answer) -> Result<T, Error> {
    if !answer.status().is_success() {
        return Err(classify(call, answer));
    }
    serde_json::from_slice(answer.body()).map_err(|_| unreadable(call, answer))
}

/// Answer to [`crate::ProjectApi::project`].
pub fn parse_project(answer: &Answer) -> Result<Project, Error> {
    json(CallKind::Read, answer)
}

/// Answer to [`crate::ProjectApi::branch`]. A branch that does not exist is [`Error::BranchNotFound`], also
/// in an empty repository, where the first commit creates it.
pub fn parse_branch(answer: &Answer) -> Result<Branch, Error> {
    json(CallKind::Read, answer)
}

/// Answer to [`crate::ProjectApi::raw_file`]: `None` where the commit has no such file, [`Error::Submodule`] where it has one in its
/// place.
pub fn parse_file(answer: &Answer) -> Result<Option<Vec<u8>>, Error> {
    match answer.status() {
        StatusCode::OK if is_submodule(answer) => Err(Error::Submodule {
            path: header(answer, "x-gitlab-file-path")
                .unwrap_or("a file")
                .to_owned(),
        }),
        StatusCode::OK if is_foreign(answer) => Err(Error::NotGitLab {
            status: 200,
            text: clean(&read(answer.body()).text),
        }),
        StatusCode::OK if is_whole(answer) && is_plain(answer) => Ok(Some(answer.body().clone())),
        StatusCode::OK => Err(unreadable(CallKind::Read, answer)),
        // Only GitLab's own words mean that: a proxy's 404 must not make a file look missing.
        StatusCode::NOT_FOUND if read(answer.body()).text == "404 File Not Found" => Ok(None),
        _ => Err(classify(CallKind::Read, answer)),
    }
}

/// GitLab shows a submodule as an empty file that has the id of the submodule's commit (`Gitlab::Git::Blob.tree_entry`).
fn is_submodule(answer: &Answer) -> bool {
    let id = header(answer, "x-gitlab-blob-id");
    answer.body().is_empty() && is_whole(answer) && id.is_some_and(|id| !is_blob(id, &[]))
}

/// A page of a proxy would be taken for the file. GitLab sends files as plain text, with the id of the blob.
fn is_foreign(answer: &Answer) -> bool {
    is_page(answer.headers()) && header(answer, "x-gitlab-blob-id").is_none()
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers().get(name)?.to_str().ok()
}

/// A file that a proxy has packed would be taken for another content.
fn is_plain(answer: &Answer) -> bool {
    upstream::content_coding(answer.headers()).is_none()
}

/// GitLab tells the size of the blob besides the body's length.
fn is_whole(answer: &Answer) -> bool {
    let size = header(answer, "x-gitlab-size");
    let size = size.and_then(|value| value.parse::<usize>().ok());
    size.is_none_or(|size| size == answer.body().len())
}

/// Answer to [`crate::ProjectApi::create_commit`]. Compare `parent_ids[0]` with the head that was read: where
/// it differs, another commit came in between and the shared files need a second look.
pub fn parse_created_commit(answer: &Answer) -> Result<Commit, Error> {
    json(CallKind::Commit, answer)
}

/// Answer to [`crate::ProjectApi::commits`], newest first.
pub fn parse_commits(answer: &Answer) -> Result<Vec<Commit>, Error> {
    json(CallKind::Read, answer)
}

/// Answer to [`crate::ProjectApi::compare`]: the commits that the newer one has and the older one has not.
pub fn parse_comparison(answer: &Answer) -> Result<Vec<Commit>, Error> {
    #[derive(Deserialize)]
    struct ComparisonBody {
        #[serde(default)]
        commits: Vec<Commit>,
    }
    let body: ComparisonBody = json(CallKind::Read, answer)?;
    Ok(body.commits)
}

/// Answer to [`crate::ProjectApi::create_merge_request`] and [`crate::ProjectApi::update_merge_request`].
pub fn parse_merge_request(answer: &Answer) -> Result<MergeRequest, Error> {
    json(CallKind::Write, answer)
}

/// Answer to [`crate::ProjectApi::merge_requests`], newest first.
pub fn parse_merge_requests(answer: &Answer) -> Result<Vec<MergeRequest>, Error> {
    json(CallKind::Read, answer)
}

#[cfg(test)]
mod tests;
