//! Answers: always JSON, always with `Content-Length` (without it Spin sends chunks, and a kept-alive
//! connection waits up to 40 ms for the last one).

use serde::Serialize;

use crate::runtime::Response;

/// Bytes of the largest answer that is no stream: as much as a request may send.
pub const LARGEST: usize = 256 * 1024;

/// As many names as one answer has of what is counted by nobody, such as whatever depends on a cluster.
pub const MOST_NAMES: usize = 50;

/// An answer with a JSON body.
#[must_use]
pub fn json(status: u16, content_type: &str, body: &impl Serialize) -> Response {
    bytes(
        status,
        content_type,
        serde_json::to_vec(body).unwrap_or_default(),
    )
}

/// An answer with a body that is JSON already.
#[must_use]
pub fn bytes(status: u16, content_type: &str, body: Vec<u8>) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() =
        http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let length = response.body().len();
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_LENGTH, length.into());
    if let Ok(value) = content_type.parse() {
        headers.insert(http::header::CONTENT_TYPE, value);
    }
    headers.insert(
        http::header::CACHE_CONTROL,
        http::HeaderValue::from_static("no-store"),
    );
    headers.insert(
        http::header::X_CONTENT_TYPE_OPTIONS,
        http::HeaderValue::from_static("nosniff"),
    );
    response
}

/// A success.
#[must_use]
pub fn ok(body: &impl Serialize) -> Response {
    json(200, "application/json", body)
}

/// The member `commit` of an answer.
#[must_use]
pub fn commit(commit: &gitlab::Commit, files_changed: usize) -> api::Commit {
    api::Commit {
        id: commit.id.clone(),
        web_url: commit.web_url.clone(),
        files_changed: files_changed as u64,
    }
}

/// The member `last_commit` of a cluster.
#[must_use]
pub fn last_commit(commit: &gitlab::Commit) -> api::LastCommit {
    let title = commit.message.lines().next();
    api::LastCommit {
        id: commit.id.clone(),
        web_url: commit.web_url.clone(),
        title: title.unwrap_or_default().to_owned(),
        author_name: commit.author_name.clone(),
        committed_at: commit.committed_date.clone(),
    }
}

/// The member `merge_request` of an answer.
#[must_use]
pub fn merge_request(merge_request: &gitlab::MergeRequest) -> api::MergeRequest {
    api::MergeRequest {
        iid: merge_request.iid,
        web_url: merge_request.web_url.clone(),
        state: merge_request.state.clone(),
        source_branch: merge_request.source_branch.clone(),
        target_branch: merge_request.target_branch.clone(),
    }
}
