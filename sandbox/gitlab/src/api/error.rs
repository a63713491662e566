use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::git::RefError;
use crate::json_file::FileError;

/// An answer that ends a request early, in one of GitLab's body shapes. Boxed: it travels in every
/// `Result`.
#[derive(Debug)]
pub(crate) struct GitLabProblem(Box<Response>);

/// Marks a response in whose place the connection is to be reset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResetMarker;

impl GitLabProblem {
    pub(crate) fn json(status: StatusCode, body: Value) -> Self {
        Self(Box::new((status, Json(body)).into_response()))
    }

    pub(crate) fn response(response: Response) -> Self {
        Self(Box::new(response))
    }

    /// Resets the connection instead of answering.
    pub(crate) fn disconnect() -> Self {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(ResetMarker);
        Self(Box::new(response))
    }

    /// `{"message": text}`.
    pub(crate) fn message(status: StatusCode, text: impl Into<String>) -> Self {
        Self::json(status, json!({ "message": text.into() }))
    }

    /// `{"message": [text]}`, the shape of merge requests' conflicts.
    pub(crate) fn messages(status: StatusCode, text: impl Into<String>) -> Self {
        Self::json(status, json!({ "message": [text.into()] }))
    }

    /// `{"error": text}`, the shape of the routing and of its parameter checks.
    pub(crate) fn error(status: StatusCode, text: impl Into<String>) -> Self {
        Self::json(status, json!({ "error": text.into() }))
    }

    /// 404 `404 <what> Not Found`.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::message(StatusCode::NOT_FOUND, format!("404 {what} Not Found"))
    }

    pub(crate) fn unauthorized() -> Self {
        Self::message(StatusCode::UNAUTHORIZED, "401 Unauthorized")
    }

    pub(crate) fn forbidden() -> Self {
        Self::message(StatusCode::FORBIDDEN, "403 Forbidden")
    }

    pub(crate) fn forbidden_because(reason: &str) -> Self {
        Self::message(StatusCode::FORBIDDEN, format!("403 Forbidden - {reason}"))
    }

    /// 400 `400 Bad request - <reason>`, the API's own checks.
    pub(crate) fn bad_request(reason: impl std::fmt::Display) -> Self {
        Self::message(
            StatusCode::BAD_REQUEST,
            format!("400 Bad request - {reason}"),
        )
    }

    /// 400 with a service's text.
    pub(crate) fn refused(text: impl std::fmt::Display) -> Self {
        Self::message(StatusCode::BAD_REQUEST, text.to_string())
    }

    pub(crate) fn internal() -> Self {
        Self::message(
            StatusCode::INTERNAL_SERVER_ERROR,
            "500 Internal Server Error",
        )
    }

    /// An OAuth 2.0 error of the bearer token (RFC 6750).
    pub(crate) fn bearer(
        status: StatusCode,
        error: &str,
        description: &str,
        scope: Option<String>,
    ) -> Self {
        let mut body = json!({ "error": error, "error_description": description });
        if let (Some(scope), Some(fields)) = (scope, body.as_object_mut()) {
            fields.insert("scope".to_owned(), scope.into());
        }
        let challenge = format!(
            r#"Bearer realm="Protected by OAuth 2.0", error="{error}", error_description="{description}""#
        );
        Self::json(status, body).header(header::WWW_AUTHENTICATE, &challenge)
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers_mut().insert(name, value);
        }
        self
    }
}

impl IntoResponse for GitLabProblem {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<git2::Error> for GitLabProblem {
    fn from(error: git2::Error) -> Self {
        tracing::error!(%error, "the repository failed");
        Self::internal()
    }
}

impl From<FileError> for GitLabProblem {
    fn from(error: FileError) -> Self {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the data directory failed"
        );
        Self::internal()
    }
}

impl From<RefError> for GitLabProblem {
    fn from(error: RefError) -> Self {
        match error {
            RefError::Git(error) => error.into(),
            lost => Self::refused(lost),
        }
    }
}
