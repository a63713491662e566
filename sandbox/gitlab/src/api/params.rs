use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde_json::{Map, Value};

use super::GitLabProblem;

/// Largest body taken (GitLab's `GITLAB_COMMITS_MAX_REQUEST_SIZE_BYTES`).
const BODY_LIMIT: usize = 300 << 20;

/// The parameters of a request: the query's, and for [`BodyParams`] the body's as well.
#[derive(Debug, Default)]
pub(crate) struct RequestParams(Map<String, Value>);

/// Parameters of the query and of a JSON or form body.
pub(crate) struct BodyParams(pub(crate) RequestParams);

impl RequestParams {
    /// A parameter's text; numbers and booleans as they are written. `null` is absence.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// A boolean as GitLab coerces it.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        let text = self.text(name)?.to_ascii_lowercase();
        Some(matches!(
            text.as_str(),
            "true" | "t" | "1" | "on" | "y" | "yes"
        ))
    }

    /// A positive integer, or `default` when absent.
    pub(crate) fn positive(&self, name: &str, default: usize) -> Result<usize, GitLabProblem> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        match text.parse::<usize>() {
            Ok(0) => Err(GitLabProblem::error(
                StatusCode::BAD_REQUEST,
                format!("{name} does not have a valid value"),
            )),
            Ok(number) => Ok(number),
            Err(_) => Err(GitLabProblem::error(
                StatusCode::BAD_REQUEST,
                format!("{name} is invalid"),
            )),
        }
    }

    /// Texts that must be present; all missing ones are named at once.
    pub(crate) fn required<const N: usize>(
        &self,
        names: [&str; N],
    ) -> Result<[String; N], GitLabProblem> {
        let missing: Vec<_> = names
            .iter()
            .filter(|name| self.text(name).is_none())
            .collect();
        if missing.is_empty() {
            return Ok(names.map(|name| self.text(name).unwrap_or_default()));
        }
        let text = missing
            .iter()
            .map(|name| format!("{name} is missing"))
            .collect::<Vec<_>>()
            .join(", ");
        Err(GitLabProblem::error(StatusCode::BAD_REQUEST, text))
    }

    /// The pairs for a link to another page.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, String)> {
        self.0
            .iter()
            .filter_map(|(name, _)| Some((name.as_str(), self.text(name)?)))
    }

    fn extend_from_form(&mut self, form: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(form) {
            self.0
                .insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }
}

impl<S: Sync> FromRequestParts<S> for RequestParams {
    type Rejection = GitLabProblem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, GitLabProblem> {
        let mut params = Self::default();
        params.extend_from_form(parts.uri.query().unwrap_or_default().as_bytes());
        Ok(params)
    }
}

impl<S: Sync> FromRequest<S> for BodyParams {
    type Rejection = GitLabProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, GitLabProblem> {
        let (mut parts, body) = request.into_parts();
        let mut params = RequestParams::from_request_parts(&mut parts, state).await?;
        let bytes = read_body(body).await?;
        match media_type(&parts) {
            _ if bytes.is_empty() => {}
            Some(kind) if kind == "application/x-www-form-urlencoded" => {
                params.extend_from_form(&bytes)
            }
            _ => params.0.extend(object(&bytes)?),
        }
        Ok(Self(params))
    }
}

/// The media type without parameters, in lower case.
pub(crate) fn media_type(parts: &Parts) -> Option<String> {
    let value = parts.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    value
        .split(';')
        .next()
        .map(|kind| kind.trim().to_ascii_lowercase())
}

pub(crate) async fn read_body(body: axum::body::Body) -> Result<bytes::Bytes, GitLabProblem> {
    axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| {
        let text = format!("RequestBody: upload failed: the upload size is over maximum of {BODY_LIMIT} bytes: entity is too large");
        GitLabProblem::message(StatusCode::PAYLOAD_TOO_LARGE, text)
    })
}

/// A whole body that is a JSON object.
pub(crate) async fn read_json(body: axum::body::Body) -> Result<Map<String, Value>, GitLabProblem> {
    object(&read_body(body).await?)
}

/// A body that is a JSON object.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, GitLabProblem> {
    serde_json::from_slice(bytes).map_err(|_| {
        let body = serde_json::json!({ "message": "Invalid json", "error": "Invalid json" });
        GitLabProblem::json(StatusCode::BAD_REQUEST, body)
    })
}
