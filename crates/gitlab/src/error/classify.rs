//! From an answer to an [`Error`]: by status and text, as GitLab's sources have them.

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Response};

use super::{Error, RaceKind, TokenProblem, bad_request};
use crate::text::{ErrorBody, clean, read};

/// Kind of a call, as far as it decides what an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallKind {
    /// Changes nothing: may be repeated.
    Read,
    /// `POST …/repository/commits`
    Commit,
    /// Any other call that changes something.
    Write,
}

/// Of an answer that is no success.
pub(crate) fn classify(call: CallKind, response: &Response<Vec<u8>>) -> Error {
    let status = response.status().as_u16();
    let said = said(response);
    match status {
        300..=399 => moved(status, response.headers()),
        401 if said.json => unauthenticated(said),
        403 => forbidden(status, said),
        404 => not_found(status, said),
        405 if said.text.contains("moved projects") => Error::Moved { project_id: None },
        429 => Error::RateLimited {
            retry_after: upstream::retry_after(response.headers()),
        },
        // A proxy's 408 can follow a request that GitLab is still working on, like a 504.
        408 | 500.. => unavailable(call, status, said.text),
        413 if !is_page(response.headers()) => Error::Refused { text: said.text },
        400 if call == CallKind::Commit && said.json => bad_request::classify(said),
        // A page: a proxy's limit of bodies, not GitLab's.
        413 => not_gitlab(status, said.text),
        // A proxy that decodes `%2F` (400), or asks for a sign-in of its own (401).
        400 | 401 if !said.json => not_gitlab(status, said.text),
        409 | 422 | 400 if call == CallKind::Write && said.json => conflict(said),
        _ => unexpected(status, said.text),
    }
}

/// Of an answer whose status says success but whose body is not what it should be: cut off, or a
/// page of something in between.
pub(crate) fn unreadable(call: CallKind, response: &Response<Vec<u8>>) -> Error {
    let said = said(response);
    let status = response.status().as_u16();
    if call == CallKind::Read && is_page(response.headers()) {
        return not_gitlab(status, said.text);
    }
    let text = if said.json {
        "an answer that lacks what was asked for".to_owned()
    } else {
        format!("not JSON: {}", clean(&said.text))
    };
    unavailable(call, status, text)
}

/// A page of a proxy, such as one for signing in: GitLab's API has none.
pub(crate) fn is_page(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// A body that is packed is nobody's words.
fn said(response: &Response<Vec<u8>>) -> ErrorBody {
    match upstream::content_coding(response.headers()) {
        Some(coding) => ErrorBody {
            error: None,
            scope: None,
            text: clean(&format!(
                "an answer in the content coding {coding}, which was not asked for"
            )),
            json: false,
        },
        None => read(response.body()),
    }
}

fn unavailable(call: CallKind, status: u16, text: String) -> Error {
    match call {
        CallKind::Read => Error::Unavailable { status, text },
        CallKind::Commit | CallKind::Write => Error::UnknownOutcome {
            text: format!("status {status}: {text}"),
        },
    }
}

fn not_gitlab(status: u16, text: String) -> Error {
    Error::NotGitLab { status, text }
}

fn unexpected(status: u16, text: String) -> Error {
    Error::Unexpected { status, text }
}

fn unauthenticated(said: ErrorBody) -> Error {
    let problem = if said.error.as_deref() == Some("dpop_error") {
        TokenProblem::ProofDemanded
    } else if said.text.contains("expired") {
        TokenProblem::Expired
    } else if said.text.contains("revoked") {
        TokenProblem::Revoked
    } else if said.text.contains("impersonation was disabled") {
        TokenProblem::Impersonation
    } else {
        TokenProblem::Invalid
    };
    Error::Unauthenticated {
        problem,
        text: said.text,
    }
}

fn forbidden(status: u16, said: ErrorBody) -> Error {
    match said.error.as_deref() {
        Some("insufficient_scope") => {
            return Error::MissingScope {
                needed: said.scope.map_or(said.text, |s| clean(&s)),
            };
        }
        Some("insufficient_granular_scope") => {
            return Error::MissingScope {
                needed: in_brackets(&said.text).unwrap_or(said.text),
            };
        }
        _ => {}
    }
    if said.text.contains("not allowed to push into this branch") {
        Error::PushForbidden
    } else if said.text.contains("read-only instance") {
        Error::Refused { text: said.text }
    } else if said.json {
        Error::Forbidden { text: said.text }
    } else {
        // A firewall or a sign-in proxy.
        not_gitlab(status, said.text)
    }
}

/// `…[Project: Read]` → `Project: Read`
fn in_brackets(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('[')?;
    let (inner, _) = rest.split_once(']')?;
    Some(inner.to_owned())
}

fn not_found(status: u16, said: ErrorBody) -> Error {
    match said.text.as_str() {
        "404 Project Not Found" => Error::ProjectNotFound,
        "404 Branch Not Found" => Error::BranchNotFound,
        "404 Commit Not Found" | "404 Tree Not Found" => Error::LostRace(RaceKind::CommitGone),
        "404 Repository Not Found" => Error::Forbidden { text: said.text },
        // Of a path that is none of the API's, which is what a proxy makes of one by decoding `%2F`.
        "404 Not Found" => not_gitlab(status, said.text),
        _ if !said.json => not_gitlab(status, said.text),
        _ => unexpected(status, said.text),
    }
}

/// Merge requests: a second one for the same branches, or a rule of the project.
fn conflict(said: ErrorBody) -> Error {
    if said.text.contains("open merge request already exists") {
        Error::LostRace(RaceKind::MergeRequestExists)
    } else {
        Error::Refused { text: said.text }
    }
}

/// A renamed project redirects a GET to its number. Any other redirect is not GitLab's API: a
/// sign-in page, or `http` where it should have been `https`. None is followed, so that the token
/// goes nowhere else.
fn moved(status: u16, headers: &HeaderMap) -> Error {
    let target = headers.get(LOCATION).and_then(|v| v.to_str().ok());
    let project_id = target
        .and_then(|url| url.split_once("/api/v4/projects/"))
        .map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or_default())
        .and_then(|id| id.parse().ok());
    match project_id {
        Some(id) => Error::Moved {
            project_id: Some(id),
        },
        None => not_gitlab(status, format!("a redirect to {}", clean(origin(target)))),
    }
}

fn origin(target: Option<&str>) -> &str {
    let target = target.unwrap_or("nowhere");
    target.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
