//! From an answer to an [`Error`]: code first, then reason, then causes; never assuming JSON.

use http::Response;
use serde::Deserialize;

use super::{Error, FieldConflict, InvalidField, WriteConflict};
use crate::text::clean;

/// `kind: Status`, as far as it is used.
#[derive(Deserialize, Default)]
#[serde(default)]
struct StatusBody {
    kind: String,
    message: String,
    reason: String,
    details: StatusDetails,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct StatusDetails {
    causes: Vec<StatusCause>,
    retry_after_seconds: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StatusCause {
    reason: String,
    message: String,
    field: String,
}

impl StatusDetails {
    fn is_about(&self, field: &str) -> bool {
        self.causes.iter().any(|cause| cause.field == field)
    }
}

/// Of an answer that is no success.
pub(crate) fn classify(answer: &Response<Vec<u8>>) -> Error {
    let code = answer.status().as_u16();
    let status = status(answer.body());
    let message = match &status {
        Some(status) => clean(&status.message),
        None => packed(answer).unwrap_or_else(|| foreign(answer.body())),
    };
    let retry_after = retry_after(answer, status.as_ref());
    match (code, status) {
        (401, _) => Error::Unauthorized,
        (403, Some(_)) => Error::Forbidden { message },
        (404, status) => not_found(status.is_some(), message),
        (409, Some(status)) => Error::Conflict(conflict(status, message)),
        (410, _) => Error::Expired,
        (415, _) => Error::UnsupportedMediaType { message },
        // A write that names a uid, and another object has the name now.
        (422, Some(status)) if status.details.is_about("metadata.uid") => {
            let message = "another object has taken the name since it was looked at".to_owned();
            Error::Conflict(WriteConflict::Changed { message })
        }
        (400 | 422, Some(status)) => Error::Invalid {
            message,
            causes: causes(status),
        },
        // Also an eviction's Status; priority and fairness answers with plain text.
        (429, _) => Error::TooManyRequests { retry_after },
        (408 | 500.., _) => Error::Unavailable {
            status: code,
            message,
            retry_after,
        },
        _ => Error::Unexpected {
            status: code,
            message,
        },
    }
}

/// Of an answer whose status says success but whose body is not an object: cut off, or a page of
/// something in between.
pub(crate) fn unreadable(answer: &Response<Vec<u8>>) -> Error {
    Error::Unavailable {
        status: answer.status().as_u16(),
        // Not the body: it may be half of a Secret.
        message: packed(answer)
            .unwrap_or_else(|| "the answer is not a kubernetes object".to_owned()),
        retry_after: None,
    }
}

fn status(body: &[u8]) -> Option<StatusBody> {
    serde_json::from_slice(body)
        .ok()
        .filter(|status: &StatusBody| status.kind == "Status")
}

/// A group or kind that is not there is answered before anything that writes JSON is reached. An
/// aggregated API server uses a Status for it, with this text.
fn not_found(has_status: bool, message: String) -> Error {
    let unknown_path = message == "404 page not found";
    if (!has_status && unknown_path) || message.contains("could not find the requested resource") {
        Error::KindMissing
    } else if has_status {
        Error::NotFound { message }
    } else {
        // A proxy's page must not make an object look missing.
        Error::Unexpected {
            status: 404,
            message,
        }
    }
}

/// An optimistic lock and server-side apply share code and reason; only the causes differ.
fn conflict(status: StatusBody, message: String) -> WriteConflict {
    let fields: Vec<FieldConflict> = status
        .details
        .causes
        .into_iter()
        .filter(|cause| cause.reason == "FieldManagerConflict")
        .map(|cause| FieldConflict {
            manager: manager(&cause.message),
            field: clean(&cause.field),
        })
        .collect();
    if !fields.is_empty() {
        WriteConflict::Fields(fields)
    } else if status.reason == "AlreadyExists" {
        WriteConflict::AlreadyExists
    } else {
        WriteConflict::Changed { message }
    }
}

/// `conflict with "kubectl" using v1 at …` → `kubectl`
fn manager(message: &str) -> String {
    let quoted = message.split('"').nth(1);
    clean(quoted.unwrap_or(message))
}

fn causes(status: StatusBody) -> Vec<InvalidField> {
    let causes = status.details.causes.into_iter();
    causes
        .map(|cause| InvalidField {
            field: clean(&cause.field),
            message: clean(&cause.message),
        })
        .collect()
}

fn retry_after(answer: &Response<Vec<u8>>, status: Option<&StatusBody>) -> Option<u64> {
    let header = upstream::retry_after(answer.headers());
    let details = status.map(|status| status.details.retry_after_seconds);
    header.or(details.filter(|seconds| *seconds > 0))
}

/// A body that is packed is nobody's words.
fn packed(answer: &Response<Vec<u8>>) -> Option<String> {
    let coding = upstream::content_coding(answer.headers())?;
    Some(clean(&format!(
        "an answer in the content coding {coding}, which was not asked for"
    )))
}

fn foreign(body: &[u8]) -> String {
    let start = body.get(..body.len().min(4_096)).unwrap_or_default();
    let text = String::from_utf8_lossy(start);
    if text.trim_start().starts_with('<') {
        "an HTML page".to_owned()
    } else if text.trim_start().starts_with('{') {
        "JSON that is no kubernetes Status".to_owned()
    } else {
        clean(&text)
    }
}

#[cfg(test)]
mod tests;
